"""Read an Anthropic Messages event stream."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.anthropic_tool_search import (
    QUERY_TYPE,
    begin_search_block,
    is_search_block,
    searches_in,
    with_query,
)
from harn_tui.providers.base import Completion, OnDelta, Usage
from harn_tui.providers.reply_builder import ReplyBuilder
from harn_tui.providers.reply_stream import cut_reply_error, error_in_stream
from harn_tui.providers.sse import SseEvent
from harn_tui.providers.surrogates import clean_json, without_lone_surrogates
from harn_tui.providers.wire_json import count_of, decode_object, index_of, object_of, text_of

_USAGE_KEYS = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
)


@dataclass(slots=True)
class _Block:
    """A content block while it streams. ``call`` is the tool call's place among the calls.

    ``sealed`` is sent back as it came; ``query`` is the argument text of a search by the server.
    """

    kind: str
    call: int | None = None
    thinking: list[str] = field(default_factory=list)
    signature: str = ""
    sealed: JsonObject = field(default_factory=dict)
    query: list[str] = field(default_factory=list)


class AnthropicReplyParser:
    """Reads the events of one reply. ``model`` is the requested one, until the server names its."""

    def __init__(self, model: str, on_delta: OnDelta) -> None:
        self._reply = ReplyBuilder(on_delta)
        self._blocks: dict[int, _Block] = {}
        self._call_count = 0
        self._model = model
        self._usage: dict[str, int] = {}
        self._stop_reason: str | None = None
        self._is_finished = False
        self._handlers: dict[str, Callable[[JsonObject], None]] = {
            "message_start": self._message_start,
            "content_block_start": self._block_start,
            "content_block_delta": self._block_delta,
            "message_delta": self._message_delta,
            "message_stop": self._message_stop,
            "error": self._error,
        }

    @property
    def is_finished(self) -> bool:
        """Whether ``message_stop`` was read."""
        return self._is_finished

    @property
    def is_whole(self) -> bool:
        """Whether a stop reason was read; it comes after the last block."""
        return self._is_finished or self._stop_reason is not None

    def feed(self, event: SseEvent) -> None:
        """Take one event; pings and unknown types are passed over."""
        payload = decode_object(event.data)
        kind = text_of(payload.get("type")) or event.name
        if not payload.get("type") and payload.get("error"):
            kind = "error"
        handler = self._handlers.get(kind)
        if handler is not None:
            handler(payload)

    def completion(self) -> Completion:
        """Return the reply."""
        if not self.is_whole:
            raise cut_reply_error()
        if self._stop_reason == "refusal" and not self._reply.has_text:
            raise ProviderError(
                "The model declined to answer this request (stop_reason=refusal).",
                category=ProviderErrorCategory.GENERIC,
                hint="Rephrase the request, or leave out what may have caused it.",
            )
        own_blocks = tuple(self._own_blocks())
        return self._reply.completion(
            model=self._model,
            usage=self._whole_usage(),
            stop_reason=self._stop_reason,
            thinking_blocks=own_blocks,
            searches=searches_in(own_blocks),
        )

    def _message_start(self, payload: JsonObject) -> None:
        message = object_of(payload.get("message"))
        self._model = text_of(message.get("model")) or self._model
        self._take_usage(message)

    def _block_start(self, payload: JsonObject) -> None:
        index = index_of(payload.get("index")) or 0
        content = object_of(payload.get("content_block"))
        kind = text_of(content.get("type"))
        block = _Block(kind)
        self._blocks[index] = block
        if kind == "text":
            self._reply.add_text(text_of(content.get("text")))
        elif kind == "thinking":
            self._take_thinking(block, text_of(content.get("thinking")))
            block.signature = text_of(content.get("signature"))
        elif kind == "redacted_thinking":
            block.sealed = {"type": kind, "data": text_of(content.get("data"))}
        elif kind == "tool_use":
            self._begin_call(block, content)
        elif is_search_block(content):
            block.sealed = begin_search_block(content)

    def _begin_call(self, block: _Block, content: JsonObject) -> None:
        call = self._call_count
        block.call = call
        self._call_count += 1
        self._reply.name_call(call, text_of(content.get("id")), text_of(content.get("name")))
        # Usually empty or missing; a server that streams no arguments puts them all here.
        whole_input = content.get("input")
        if isinstance(whole_input, dict) and whole_input:
            self._reply.add_arguments(call, json.dumps(whole_input, ensure_ascii=False))

    def _block_delta(self, payload: JsonObject) -> None:
        block = self._blocks.get(index_of(payload.get("index")) or 0)
        delta = object_of(payload.get("delta"))
        kind = delta.get("type")
        if kind == "text_delta":
            self._reply.add_text(text_of(delta.get("text")))
        elif block is None:
            return
        elif kind == "thinking_delta":
            self._take_thinking(block, text_of(delta.get("thinking")))
        elif kind == "signature_delta":
            block.signature += text_of(delta.get("signature"))
        elif kind == "input_json_delta" and block.call is not None:
            self._reply.add_arguments(block.call, text_of(delta.get("partial_json")))
        elif kind == "input_json_delta" and block.kind == QUERY_TYPE:
            block.query.append(text_of(delta.get("partial_json")))

    def _take_thinking(self, block: _Block, piece: str) -> None:
        block.thinking.append(piece)
        self._reply.add_thinking(piece)

    def _message_delta(self, payload: JsonObject) -> None:
        self._take_usage(payload)
        reason = text_of(object_of(payload.get("delta")).get("stop_reason"))
        if reason:
            self._stop_reason = reason

    def _message_stop(self, payload: JsonObject) -> None:
        self._is_finished = True

    def _error(self, payload: JsonObject) -> None:
        raise error_in_stream(payload)

    def _take_usage(self, holder: JsonObject) -> None:
        """Take counts that are totals so far, of which a later event may leave some out."""
        usage = object_of(holder.get("usage"))
        for key in _USAGE_KEYS:
            if key in usage:
                self._usage[key] = max(self._usage.get(key, 0), count_of(usage[key]))

    def _whole_usage(self) -> Usage | None:
        if not self._usage:
            return None
        fresh, output, read, written = (self._usage.get(key, 0) for key in _USAGE_KEYS)
        # On this wire input_tokens counts only what was neither read from nor put in the cache.
        return Usage(
            input_tokens=fresh + read + written,
            output_tokens=output,
            cache_read_tokens=read,
            cache_write_tokens=written,
        )

    def _own_blocks(self) -> list[JsonObject]:
        """Return what only the server itself can read or needs again, in its order."""
        blocks: list[JsonObject] = []
        for _, block in sorted(self._blocks.items()):
            if block.kind == "thinking":
                thinking = without_lone_surrogates("".join(block.thinking))
                signature = without_lone_surrogates(block.signature)
                blocks.append({"type": "thinking", "thinking": thinking, "signature": signature})
            elif block.sealed:
                sealed = clean_json(with_query(block.sealed, "".join(block.query)))
                blocks.append(object_of(sealed))
        return blocks
