"""Phase 3, model call: sends the request, streams the reply as events, reads it.

A retry voids what the failed attempt streamed (``llm_retry``). A call that fails for good gives
claimed feedback back to the queue; a call that is cancelled keeps the partial text, marked as
interrupted. A reply that breaks the wanted schema is asked for again (docs/loop.md, model call).
"""

import asyncio
from dataclasses import replace

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT
from harn_tui.events.call_cost import FAILED_CALL
from harn_tui.events.host import Notice
from harn_tui.kinds import NoticeLevel
from harn_tui.loop.call_attempts import complete_with_retries
from harn_tui.loop.call_events import announce_call, end_call
from harn_tui.loop.completion import completion_marker
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.gate_texts import native_tool_contract, schema_retry
from harn_tui.loop.messages import (
    assistant_message,
    interrupted_message,
    record_message,
    runtime_message,
)
from harn_tui.loop.offered_tools import kind_of
from harn_tui.loop.preflight import accept_feedback, place_messages, return_feedback
from harn_tui.loop.reply_reading import parse_text, read_reply
from harn_tui.loop.state import LoopState, Turn, now_ms
from harn_tui.loop.streaming import ReplyStream
from harn_tui.loop.structured_reply import StructuredReply, read_structured
from harn_tui.loop.tagged_text_reader import text_reader
from harn_tui.loop.tool_search_events import announce_server_searches
from harn_tui.loop.transcript_notes import note_completion, note_native_fallback
from harn_tui.providers.base import Completion
from harn_tui.providers.model_facts import lookup
from harn_tui.sinks.emit import emit
from harn_tui.tagged_text.corrections import protocol_violation
from harn_tui.tagged_text.reply import TaggedReply

SCHEMA_RETRY_KIND = "schema_retry"


async def run_llm_call(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    """Set ``turn.reply`` to the model's reply, which then stands in the history.

    Raises ProviderError when no attempt succeeded.
    """
    for retries_left in range(config.options.schema_retries, -1, -1):
        await _call(config, state, turn)
        structured = _read_structured(config, turn)
        if structured is None:
            return
        state.structured = structured
        if structured.fault is None or not retries_left:
            return
        state.counters.schema_retries += 1
        feedback = runtime_message(SCHEMA_RETRY_KIND, schema_retry(structured.fault))
        record_message(state, feedback)
        place_messages(state, turn)


def _read_structured(config: LoopConfig, turn: Turn) -> StructuredReply | None:
    """Return what a finished answer holds as JSON; ``None`` where none is wanted yet."""
    schema = config.options.output_schema
    wants_json = schema is not None or config.options.response_format is not None
    if not wants_json or turn.reply is None or turn.reply.calls or turn.reply.parse_errors:
        return None
    return read_structured(turn.reply.user_response or turn.reply.prose, schema)


async def _call(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    """Make one call and put its reply into the history."""
    state.calls += 1
    state.counters.llm_calls += 1
    started_ms = now_ms()
    stream = ReplyStream(
        state,
        turn.iteration,
        lambda: accept_feedback(config, state, turn),
        lambda name: kind_of(state, name),
        text_reader=text_reader(config, state, turn.iteration),
        marker=completion_marker(config.options),
    )
    try:
        await announce_call(config, state, turn)
        completion = await complete_with_retries(config, state, turn, stream)
        _note_unsent_prefill(state, turn, completion)
        completion = _with_prefill(completion, turn.prefill)
        await announce_server_searches(state, completion)
        tagged = await parse_text(config, state, completion.text)
    except asyncio.CancelledError:
        _keep_partial_reply(config, state, stream, started_ms)
        raise
    except BaseException as error:
        stream.abort(f"the model call failed: {error}")
        return_feedback(config, state)
        end_call(state, stream, started_ms, usage=None, cost=None, stop_reason=FAILED_CALL)
        raise
    _accept_completion(config, state, turn, stream, completion, tagged, started_ms)


def _accept_completion(
    config: LoopConfig,
    state: LoopState,
    turn: Turn,
    stream: ReplyStream,
    completion: Completion,
    tagged: TaggedReply,
    started_ms: int,
) -> None:
    stream.accept()
    stream.finish_text()
    facts = config.model_facts if stream.model is None else lookup(stream.model)
    cost = state.add_usage(completion.usage, facts)
    end_call(
        state,
        stream,
        started_ms,
        usage=completion.usage,
        cost=cost,
        stop_reason=completion.stop_reason,
    )
    note_completion(config, state, completion)
    state.llm_log.response(
        state.total_iterations,
        stream.attempt_id,
        config.provider.name,
        completion,
        cost_usd=cost,
        response_ms=now_ms() - started_ms,
    )
    reply = read_reply(config, state, completion, tagged)
    turn.reply = replace(reply, calls=stream.with_event_ids(reply.calls, reply.call_offsets))
    turn.announced_ids = stream.announced_ids
    state.llm_log.interpreted(state.total_iterations, config.options.tool_format, turn.reply)
    _record_reply(config, state, turn, completion)


def _record_reply(config: LoopConfig, state: LoopState, turn: Turn, completion: Completion) -> None:
    """Put the assistant's turn into the history; what comments on it waits for its results."""
    reply = turn.reply
    if reply is None:
        return
    is_native = config.options.tool_format == NATIVE_TOOL_FORMAT
    calls = reply.calls if is_native else ()
    message = assistant_message(reply.history_text, calls, completion.thinking_blocks)
    if message is not None:
        record_message(state, message)
    if reply.text:
        state.texts.append(reply.text)
    state.last_text = reply.interpreted_text
    if reply.violations:
        turn.notes.append(("protocol_violation", protocol_violation(reply.tagged)))
    if reply.fallback is not None:
        note_native_fallback(config, state, reply.fallback)
        if not reply.fallback.is_accepted:
            policy = config.options.native_tool_fallback
            content = native_tool_contract(policy, reply.fallback.index)
            turn.notes.append(("native_tool_contract", content))


def _note_unsent_prefill(state: LoopState, turn: Turn, completion: Completion) -> None:
    if turn.prefill and not completion.prefill_sent:
        text = "The model takes no beginning of its reply, so the prefill was left out."
        emit(Notice(state.session_id, NoticeLevel.WARNING, text))


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
    message = interrupted_message(stream.text)
    if message is not None:
        record_message(state, message)
        state.texts.append(stream.text)
    end_call(
        state,
        stream,
        started_ms,
        usage=None,
        cost=None,
        stop_reason="interrupted",
        is_partial=True,
    )
