"""Reads a model's reply: which calls it makes, what it says, what it got wrong.

The server's own tool calls win. Otherwise calls that stand in the text are taken: always in the
text format, and in the native format as ``native_tool_fallback`` allows (docs/loop.md, reply).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT
from harn_tui.json_types import JsonObject
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.offered_tools import call_schemas
from harn_tui.loop.reply import NativeFallback, Reply
from harn_tui.loop.state import LoopState
from harn_tui.loop.unknown_tool import unavailable_tools
from harn_tui.providers.base import Completion, ToolCallRequest
from harn_tui.tagged_text.history import assistant_history
from harn_tui.tagged_text.parse import parse_tagged_reply
from harn_tui.tagged_text.reply import TaggedReply
from harn_tui.tagged_text.visible import shown_text

_READ_AT_ONCE_CHARS = 4_000
_TRUNCATED = "\n[prose cut at {limit} characters]"


async def parse_text(config: LoopConfig, state: LoopState, text: str) -> TaggedReply:
    """Return ``text`` as the text format reads it; a long one is read in a thread.

    Ordinary text is read at once. Text that is made to be hard to read takes seconds for each
    megabyte, in which the event loop must go on.
    """
    names = frozenset(call_schemas(state))
    unavailable = unavailable_tools(state)
    if len(text) <= _READ_AT_ONCE_CHARS:
        return parse_tagged_reply(text, names, unavailable)
    return await asyncio.to_thread(parse_tagged_reply, text, names, unavailable)


def read_reply(
    config: LoopConfig, state: LoopState, completion: Completion, tagged: TaggedReply
) -> Reply:
    """Return the reply that ``completion`` is; counts a native fallback in ``state``."""
    schemas = call_schemas(state)
    is_native = config.options.tool_format == NATIVE_TOOL_FORMAT
    calls = completion.tool_calls
    errors: tuple[str, ...] = ()
    fallback: NativeFallback | None = None
    if not calls and schemas:
        calls, errors = _text_calls(tagged), tagged.errors
        if is_native and calls:
            fallback = _judge_fallback(config, state, tagged)
            calls = calls if fallback.is_accepted else ()
    prose = tagged.prose or completion.text
    limit = config.options.turn_policy.max_prose_chars
    is_too_long = limit is not None and len(prose.strip()) > limit
    shown = prose if limit is None or not is_too_long else _cut(prose, limit)
    if tagged.user_response is not None:
        shown = tagged.user_response
    return Reply(
        text=completion.text,
        prose=prose,
        user_response=tagged.user_response,
        done_body=tagged.done_body,
        calls=calls,
        call_offsets=() if completion.tool_calls else tuple(c.offset for c in tagged.calls),
        has_native_calls=bool(completion.tool_calls),
        tagged=tagged if calls else replace(tagged, calls=()),
        parse_errors=errors,
        violations=tagged.violations if schemas and not is_native else (),
        history_text=_history_text(completion, tagged, schemas, fallback, is_native=is_native),
        interpreted_text=_with_done_block(shown, tagged.done_body),
        is_prose_too_long=is_too_long,
        fallback=fallback,
    )


def _text_calls(tagged: TaggedReply) -> tuple[ToolCallRequest, ...]:
    return tuple(
        ToolCallRequest(id="", name=call.name, arguments=call.arguments, raw_arguments=call.raw)
        for call in tagged.calls
    )


def _judge_fallback(config: LoopConfig, state: LoopState, tagged: TaggedReply) -> NativeFallback:
    state.counters.native_text_tool_fallbacks += 1
    index = state.counters.native_text_tool_fallbacks
    policy = config.options.native_tool_fallback
    is_accepted = policy == "allow" or (policy == "allow_once" and index == 1)
    if not is_accepted:
        state.counters.native_text_tool_fallback_rejections += 1
    return NativeFallback(is_accepted, index, len(tagged.calls), len(tagged.errors))


def _history_text(
    completion: Completion,
    tagged: TaggedReply,
    schemas: Mapping[str, JsonObject],
    fallback: NativeFallback | None,
    *,
    is_native: bool,
) -> str:
    """Return the assistant's text for the history.

    Where calls travel beside the text, the text holds only what is not a call; a call that
    stayed text in a native loop is kept as it was written.
    """
    if not schemas or completion.tool_calls:
        return completion.text
    if fallback is not None and fallback.is_accepted:
        return shown_text(completion.text, done_sentinel=None)
    return completion.text if is_native else assistant_history(completion.text, tagged)


def _cut(prose: str, limit: int) -> str:
    return prose.strip()[:limit] + _TRUNCATED.format(limit=limit)


def _with_done_block(prose: str, done_body: str | None) -> str:
    if done_body is None:
        return prose
    block = f"<done>{done_body}</done>"
    return f"{prose}\n\n{block}" if prose.strip() else block
