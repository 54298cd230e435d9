"""The two events that frame a model call."""

from harn_tui.events.host import LlmCallEnd, LlmCallStart
from harn_tui.json_types import JsonObject
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.messages import claimed_messages, estimate_tokens
from harn_tui.loop.state import LoopState, Turn, now_ms
from harn_tui.loop.streaming import ReplyStream
from harn_tui.providers.base import Usage
from harn_tui.sinks.emit import aemit, emit


async def announce_call(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    """Announce the request that is about to go out, with an estimate of its size."""
    await aemit(
        LlmCallStart(
            session_id=state.session_id,
            call=state.calls,
            iteration=turn.iteration,
            model=config.model,
            message_count=len(turn.messages),
            estimated_tokens=estimate_tokens(state, turn.system, claimed_messages(state)),
        )
    )


def end_call(
    state: LoopState,
    stream: ReplyStream,
    started_ms: int,
    *,
    usage: Usage | None,
    cost: float | None,
    stop_reason: str | None,
    is_partial: bool = False,
) -> None:
    """Announce the end of the call; ``stop_reason`` is ours when no reply was accepted."""
    duration_ms = now_ms() - started_ms
    state.counters.llm_duration_ms += duration_ms
    first = stream.first_token_ms
    emit(
        LlmCallEnd(
            session_id=state.session_id,
            call=state.calls,
            usage=usage_fields(usage) if usage else {},
            cost_usd=cost,
            duration_ms=duration_ms,
            time_to_first_token_ms=None if first is None else first - started_ms,
            stop_reason=stop_reason,
            partial=True if is_partial else None,
        )
    )


def usage_fields(usage: Usage) -> JsonObject:
    """Return ``usage`` as it stands in events and results."""
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
    }
