"""What a finished run returns (docs/loop.md, result)."""

from dataclasses import dataclass

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LoopStatus
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.daemon_turn import daemon_settings
from harn_tui.loop.state import LoopState, now_ms
from harn_tui.providers.base import Usage
from harn_tui.tagged_text.visible import visible_text


@dataclass(frozen=True, slots=True)
class LoopResult:
    """How a run ended and what it left.

    ``messages`` is the visible history, the next run's ``history``. ``text`` is all replies of
    the run joined by blank lines, ``visible_text`` the last one without completion markers.
    ``data`` is the last reply's JSON when one was asked for. ``error`` is set with status
    ``error``. ``cost_usd`` is ``None`` when a call had no price. ``active_skills`` and
    ``loaded_tools`` are what the next run goes on with. ``daemon_state`` and
    ``daemon_snapshot_path`` are ``None`` for other loops.
    """

    session_id: str
    loop_id: str
    status: LoopStatus
    reason: str
    error: str | None
    text: str
    visible_text: str
    messages: tuple[JsonObject, ...]
    iterations: int
    calls: int
    duration_ms: int
    usage: Usage
    cost_usd: float | None
    tool_calls: tuple[str, ...]
    tools_successful: tuple[str, ...]
    tools_rejected: tuple[str, ...]
    tool_format: str
    deferred_user_messages: tuple[str, ...]
    task_ledger: JsonObject
    ledger_done_rejections: int
    daemon_state: str | None
    daemon_snapshot_path: str | None
    data: JsonValue
    active_skills: tuple[str, ...]
    loaded_tools: tuple[str, ...]
    transcript: JsonObject
    trace: JsonObject

    @classmethod
    def from_state(cls, config: LoopConfig, state: LoopState) -> "LoopResult":
        """Return the result of the run that ``state`` belongs to."""
        return cls(
            session_id=state.session_id,
            loop_id=state.loop_id,
            status=state.status,
            reason=state.reason,
            error=state.error,
            text="\n\n".join(state.texts),
            visible_text=visible_text(state.last_text, done_sentinel=config.options.done_sentinel),
            messages=tuple(state.messages),
            iterations=state.total_iterations,
            calls=state.calls,
            duration_ms=now_ms() - state.started_ms,
            usage=state.usage,
            cost_usd=state.cost_usd,
            tool_calls=tuple(state.tools_used),
            tools_successful=tuple(state.tools_successful),
            tools_rejected=tuple(state.tools_rejected),
            tool_format=config.options.tool_format,
            deferred_user_messages=tuple(state.deferred_user_messages),
            task_ledger=state.ledger.as_json(),
            ledger_done_rejections=state.ledger_done_rejections,
            daemon_state=state.daemon_state,
            daemon_snapshot_path=_snapshot_path(config),
            data=state.structured.data if state.structured else None,
            active_skills=state.skills.saved().as_names(),
            loaded_tools=state.offering.promoted,
            transcript=state.transcript,
            trace=_trace(state),
        )

    def as_json(self) -> JsonObject:
        """Return the result as the JSON object of docs/loop.md."""
        return {
            "status": self.status.value,
            "reason": self.reason,
            "error": self.error,
            "session_id": self.session_id,
            "loop_id": self.loop_id,
            "daemon_state": self.daemon_state,
            "daemon_snapshot_path": self.daemon_snapshot_path,
            "text": self.text,
            "visible_text": self.visible_text,
            "llm": {
                "iterations": self.iterations,
                "duration_ms": self.duration_ms,
                "input_tokens": self.usage.input_tokens,
                "output_tokens": self.usage.output_tokens,
                "cost_usd": self.cost_usd,
            },
            "tools": {
                "calls": list(self.tool_calls),
                "successful": list(self.tools_successful),
                "rejected": list(self.tools_rejected),
                "mode": self.tool_format,
            },
            "deferred_user_messages": list(self.deferred_user_messages),
            "task_ledger": self.task_ledger,
            "ledger_done_rejections": self.ledger_done_rejections,
            "data": self.data,
            "active_skills": list(self.active_skills),
            "loaded_tools": list(self.loaded_tools),
            "trace": self.trace,
            "transcript": self.transcript,
        }


def _snapshot_path(config: LoopConfig) -> str | None:
    if not config.options.daemon:
        return None
    path = daemon_settings(config).snapshot_path
    return None if path is None else str(path)


def _trace(state: LoopState) -> JsonObject:
    counters = state.counters
    return {
        "status": state.status.value,
        "iterations": state.total_iterations,
        "total_duration_ms": now_ms() - state.started_ms,
        "llm_calls": counters.llm_calls,
        "tool_executions": counters.tool_executions,
        "tool_rejections": counters.tool_rejections,
        "interventions": counters.interventions,
        "compactions": counters.compactions,
        "native_text_tool_fallbacks": counters.native_text_tool_fallbacks,
        "native_text_tool_fallback_rejections": counters.native_text_tool_fallback_rejections,
        "phase_changes": counters.phase_changes,
        "schema_retries": counters.schema_retries,
        "empty_completion_retries": counters.empty_completion_retries,
        "total_input_tokens": state.usage.input_tokens,
        "total_output_tokens": state.usage.output_tokens,
        "total_llm_duration_ms": counters.llm_duration_ms,
        "total_tool_duration_ms": counters.tool_duration_ms,
        "tools_used": list(state.distinct_tools_used),
    }
