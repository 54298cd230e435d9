"""Phase 6, finalize: closes a run whatever ended it; always emits exactly one ``loop_end``."""

from harn_tui.events.host import LoopEnd
from harn_tui.json_types import JsonObject
from harn_tui.kinds import HostMessageMode, LoopStatus
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.llm_call import usage_fields
from harn_tui.loop.messages import answer_interrupted_calls
from harn_tui.loop.state import LoopState
from harn_tui.sinks.emit import emit


async def run_finalize(config: LoopConfig, state: LoopState) -> None:
    """Settle the status, leave the history valid, announce the end, fire session-end hooks."""
    try:
        answer_interrupted_calls(state)
        left = config.host_messages.take(HostMessageMode.WAIT_FOR_COMPLETION)
        state.deferred_user_messages += [message.content for message in left]
        _check_required_tools(config, state)
    finally:
        emit(
            LoopEnd(
                session_id=state.session_id,
                loop_id=state.loop_id,
                status=state.status,
                reason=state.reason,
                iterations=state.iterations,
                usage=_usage(state),
            )
        )
        await config.session_end.run(state.session_id)


def _check_required_tools(config: LoopConfig, state: LoopState) -> None:
    required = config.options.require_successful_tools
    if state.status is not LoopStatus.DONE or not required:
        return
    if not set(required) & set(state.tools_successful):
        state.end(LoopStatus.FAILED, f"none of {', '.join(required)} succeeded")


def _usage(state: LoopState) -> JsonObject:
    usage = usage_fields(state.usage)
    if state.cost_usd is not None:
        usage["cost_usd"] = state.cost_usd
    return usage
