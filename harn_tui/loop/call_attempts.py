"""The attempts of one model call: what is sent, and what is sent again (docs/loop.md, retries)."""

import asyncio
import math

from harn_tui.errors import ProviderError
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.kinds import CompactionMode, ProviderErrorCategory
from harn_tui.loop.compact_history import compact_now
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.failure_notice import tell_failure
from harn_tui.loop.offered_tools import search_request, tool_choice
from harn_tui.loop.preflight import place_messages
from harn_tui.loop.retry import RetrySchedule
from harn_tui.loop.state import LoopState, Turn
from harn_tui.loop.streaming import ReplyStream
from harn_tui.providers.base import Completion, CompletionRequest


async def complete_with_retries(
    config: LoopConfig, state: LoopState, turn: Turn, stream: ReplyStream
) -> Completion:
    """Return the first completion that succeeds. Raises ProviderError when none did.

    A request that is too long for the model is compacted once and sent again (10.50).
    """
    schedule = RetrySchedule(
        retries=config.options.llm_retries,
        base_ms=config.options.llm_backoff_ms,
        jitter=lambda: _jitter(config, state),
        is_paced=config.provider.is_paced,
    )
    may_compact = True
    while True:
        try:
            request = _request(config, state, turn)
            _log_request(config, state, stream, request)
            return await config.provider.complete(request, stream.on_delta)
        except ProviderError as error:
            if may_compact and await _is_made_to_fit(config, state, turn, error):
                may_compact = False
                delay_ms = 0
            else:
                delay = schedule.next_delay_ms(error)
                if delay is None:
                    raise
                delay_ms = delay
            _count_empty_reply(config, state, stream, error)
            stream.retry(error.category, error.message, delay_ms=delay_ms)
            await asyncio.sleep(delay_ms / 1000)


def _jitter(config: LoopConfig, state: LoopState) -> float:
    try:
        factor = config.jitter()
        if math.isfinite(factor) and factor >= 0:
            return factor
        raise ValueError(f"{factor!r} is no factor")
    except BaseException as error:
        # boundary: a program's own function; without it the delay is merely not spread
        if not is_foreign_failure(error):
            raise
        tell_failure(state.session_id, "The jitter function", error, "the delay is not spread")
        return 1.0


def _request(config: LoopConfig, state: LoopState, turn: Turn) -> CompletionRequest:
    options = config.options
    return CompletionRequest(
        model=config.model,
        messages=turn.messages,
        system=turn.system,
        tools=turn.tools,
        tool_choice=tool_choice(config, state),
        tool_search=search_request(state),
        max_tokens=options.max_tokens,
        temperature=options.temperature,
        prefill=turn.prefill,
        thinking_budget_tokens=options.thinking_budget_tokens,
        response_format="json" if options.response_format else None,
        output_schema=options.output_schema,
        timeout_s=options.timeout_s,
    )


async def _is_made_to_fit(
    config: LoopConfig, state: LoopState, turn: Turn, error: ProviderError
) -> bool:
    """Whether the request was too long and the history could be made shorter for it."""
    if error.category is not ProviderErrorCategory.CONTEXT_OVERFLOW:
        return False
    if not state.compaction.is_enabled:
        return False
    if not await compact_now(config, state, CompactionMode.OVERFLOW, turn.system):
        return False
    place_messages(state, turn)
    return True


def _log_request(
    config: LoopConfig, state: LoopState, stream: ReplyStream, request: CompletionRequest
) -> None:
    log = state.llm_log
    log.prompt(request)
    stream.attempt_id = log.request(
        state.total_iterations, config.provider.name, config.options.tool_format, request
    )


def _count_empty_reply(
    config: LoopConfig, state: LoopState, stream: ReplyStream, error: ProviderError
) -> None:
    if error.category is ProviderErrorCategory.EMPTY_COMPLETION:
        state.counters.empty_completion_retries += 1
        retry = (stream.attempt + 1, config.provider.name, config.model, error.message)
        state.llm_log.empty_retry(state.total_iterations, *retry)
