"""Makes the result of a run out of the state at its end."""

from harn_tui.json_types import JsonObject
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.daemon_turn import daemon_settings
from harn_tui.loop.result import LoopResult
from harn_tui.loop.state import LoopState, now_ms
from harn_tui.tagged_text.visible import visible_text


def result_of(config: LoopConfig, state: LoopState) -> LoopResult:
    """Return the result of the run that ``state`` belongs to."""
    return LoopResult(
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
