"""What a finished run returns (docs/loop.md, result)."""

from dataclasses import dataclass

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LoopStatus
from harn_tui.providers.base import Usage


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
