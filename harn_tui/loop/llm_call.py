"""Phase 3, model call: sends the request, streams the reply as events, retries what may pass.

A retry voids what the failed attempt streamed (``llm_retry``). A call that fails for good gives
claimed feedback back to the queue; a call that is cancelled keeps the partial text, marked as
interrupted (docs/loop.md, model call).
"""

import asyncio
from dataclasses import replace

from harn_tui.errors import ProviderError
from harn_tui.events.host import LlmCallEnd, LlmCallStart, LlmRetry
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.messages import assistant_message, estimate_tokens, record_message
from harn_tui.loop.preflight import accept_feedback, return_feedback
from harn_tui.loop.retry import RetrySchedule
from harn_tui.loop.state import LoopState, Turn, now_ms
from harn_tui.loop.streaming import ReplyStream
from harn_tui.providers.base import Completion, CompletionRequest, ToolSchema, Usage
from harn_tui.providers.model_facts import cost_usd
from harn_tui.sinks.emit import aemit, emit


async def run_llm_call(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    """Set ``turn.completion`` to the model's reply and put it into the history.

    Raises ProviderError when no attempt succeeded.
    """
    state.calls += 1
    state.counters.llm_calls += 1
    started_ms = now_ms()
    stream = ReplyStream(state, turn.iteration, lambda: accept_feedback(config, state, turn))
    try:
        await _announce_call(config, state, turn)
        completion = await _complete_with_retries(config, state, turn, stream)
    except asyncio.CancelledError:
        _keep_partial_reply(config, state, stream, started_ms)
        raise
    except BaseException as error:
        stream.abort(f"the model call failed: {error}")
        return_feedback(config, state)
        _end_call(state, stream, started_ms, usage=None, cost=None, stop_reason="error")
        raise
    _accept_completion(config, state, turn, stream, completion, started_ms)


async def _announce_call(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    await aemit(
        LlmCallStart(
            session_id=state.session_id,
            call=state.calls,
            iteration=turn.iteration,
            model=config.model,
            message_count=len(turn.messages),
            estimated_tokens=_estimate(state, turn),
        )
    )


def _estimate(state: LoopState, turn: Turn) -> int:
    pending = [message for _, message in turn.injected if message is not None]
    return estimate_tokens(state, turn.system, pending)


def _request(config: LoopConfig, turn: Turn) -> CompletionRequest:
    return CompletionRequest(
        model=config.model,
        messages=tuple(turn.messages),
        system=turn.system,
        tools=tuple(
            ToolSchema(tool.name, tool.description, tool.parameters) for tool in config.tools
        ),
        max_tokens=config.options.max_tokens,
        temperature=config.options.temperature,
        prefill=turn.prefill,
        thinking_budget_tokens=config.options.thinking_budget_tokens,
    )


async def _complete_with_retries(
    config: LoopConfig, state: LoopState, turn: Turn, stream: ReplyStream
) -> Completion:
    request = _request(config, turn)
    schedule = RetrySchedule(
        retries=config.options.llm_retries,
        base_ms=config.options.llm_backoff_ms,
        jitter=config.jitter,
        is_paced=config.provider.is_paced,
    )
    while True:
        try:
            return await config.provider.complete(request, stream.on_delta)
        except ProviderError as error:
            delay_ms = schedule.next_delay_ms(error)
            if delay_ms is None:
                raise
            _announce_retry(state, stream, schedule.attempt, delay_ms, error)
            await asyncio.sleep(delay_ms / 1000)


def _announce_retry(
    state: LoopState, stream: ReplyStream, attempt: int, delay_ms: int, error: ProviderError
) -> None:
    if error.category is ProviderErrorCategory.EMPTY_COMPLETION:
        state.counters.empty_completion_retries += 1
    stream.restart(error.message)
    emit(
        LlmRetry(
            session_id=state.session_id,
            call=state.calls,
            attempt=attempt,
            delay_ms=delay_ms,
            category=error.category,
            message=error.message,
        )
    )


def _accept_completion(
    config: LoopConfig,
    state: LoopState,
    turn: Turn,
    stream: ReplyStream,
    completion: Completion,
    started_ms: int,
) -> None:
    stream.accept()
    completion = _with_prefill(completion, turn.prefill)
    completion = replace(completion, tool_calls=stream.with_event_ids(completion.tool_calls))
    usage = completion.usage or Usage()
    cost = cost_usd(usage, config.model_facts) if completion.usage else None
    _add_usage(state, usage, cost)
    _end_call(
        state,
        stream,
        started_ms,
        usage=completion.usage,
        cost=cost,
        stop_reason=completion.stop_reason,
    )
    turn.completion = completion
    message = assistant_message(completion)
    if message is not None:
        record_message(state, message)
    if completion.text:
        state.texts.append(completion.text)
    state.last_text = completion.text


def _with_prefill(completion: Completion, prefill: str | None) -> Completion:
    """Prepend the prefill only when it really went out (loop 10.14)."""
    if not prefill or not completion.prefill_sent or completion.text.startswith(prefill):
        return completion
    return replace(completion, text=prefill + completion.text)


def _keep_partial_reply(
    config: LoopConfig, state: LoopState, stream: ReplyStream, started_ms: int
) -> None:
    stream.abort("interrupted before the call was complete")
    return_feedback(config, state)
    partial = Completion(text=stream.text)
    message = assistant_message(partial, interrupted=True)
    if message is not None:
        record_message(state, message)
        state.texts.append(partial.text)
    _end_call(
        state,
        stream,
        started_ms,
        usage=None,
        cost=None,
        stop_reason="interrupted",
        is_partial=True,
    )


def _end_call(
    state: LoopState,
    stream: ReplyStream,
    started_ms: int,
    *,
    usage: Usage | None,
    cost: float | None,
    stop_reason: str | None,
    is_partial: bool = False,
) -> None:
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


def _add_usage(state: LoopState, usage: Usage, cost: float | None) -> None:
    state.usage = state.usage + usage
    if cost is None or state.cost_usd is None:
        state.cost_usd = None
    else:
        state.cost_usd += cost


def usage_fields(usage: Usage) -> JsonObject:
    """Return ``usage`` as it stands in events and results."""
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
    }
