"""Read a Chat Completions event stream, as OpenAI and the servers that imitate it send it."""

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.base import Completion, OnDelta, Usage
from harn_tui.providers.reply_builder import ReplyBuilder
from harn_tui.providers.reply_stream import cut_reply_error, error_in_stream
from harn_tui.providers.sse import SseEvent
from harn_tui.providers.think_spans import ThinkSplitter
from harn_tui.providers.tool_arguments import arguments_text
from harn_tui.providers.wire_json import (
    count_of,
    decode_object,
    index_of,
    object_of,
    objects_of,
    text_of,
)

_END_MARKER = "[DONE]"

_GIVEN_UP = {
    "error": ProviderErrorCategory.SERVER_ERROR,
    "abort": ProviderErrorCategory.TRANSIENT_NETWORK,
    "insufficient_system_resource": ProviderErrorCategory.OVERLOADED,
}
"""Finish reasons by which servers say that they stopped in the middle of a reply."""


class ChatReplyParser:
    """Reads the chunks of one reply. ``model`` is the requested one, until the server names its.

    ``has_think_spans`` tells that reasoning may stand within the text, between ``<think>`` tags,
    as the templates of local models write it.
    """

    def __init__(self, model: str, on_delta: OnDelta, *, has_think_spans: bool = True) -> None:
        self._reply = ReplyBuilder(on_delta)
        self._spans = ThinkSplitter() if has_think_spans else None
        self._call_keys = _CallKeys()
        self._model = model
        self._usage: Usage | None = None
        self._stop_reason: str | None = None
        self._saw_end_marker = False

    @property
    def is_finished(self) -> bool:
        """Whether ``[DONE]`` was read."""
        return self._saw_end_marker

    @property
    def is_whole(self) -> bool:
        """Whether a finish reason or the end marker was read; only usage may still follow."""
        return self._saw_end_marker or self._stop_reason is not None

    def feed(self, event: SseEvent) -> None:
        """Take one event."""
        if event.data.strip() == _END_MARKER:
            self._saw_end_marker = True
            return
        chunk = decode_object(event.data)
        if chunk.get("error"):
            raise error_in_stream(chunk)
        self._model = text_of(chunk.get("model")) or self._model
        usage = chunk.get("usage")
        if isinstance(usage, dict):
            self._usage = chat_usage(usage)
        for choice in objects_of(chunk.get("choices")):
            if index_of(choice.get("index")) in {None, 0}:
                self._take_choice(choice)

    def completion(self) -> Completion:
        """Return the reply."""
        if not self.is_whole:
            raise cut_reply_error()
        if self._spans is not None:
            self._reply.add_pieces(self._spans.flush())
        return self._reply.completion(
            model=self._model, usage=self._usage, stop_reason=self._stop_reason
        )

    def _take_choice(self, choice: JsonObject) -> None:
        # Some servers that ignore "stream" send the whole message in place of a delta.
        delta = object_of(choice.get("delta")) or object_of(choice.get("message"))
        # Servers that send both names of the reasoning field repeat the same text in them.
        thinking = text_of(delta.get("reasoning_content")) or text_of(delta.get("reasoning"))
        if thinking:
            self._reply.add_thinking(thinking)
        self._add_content(text_of(delta.get("content")))
        self._reply.add_refusal(text_of(delta.get("refusal")))
        calls = objects_of(delta.get("tool_calls"))
        if calls and self._spans is not None:
            self._reply.add_pieces(self._spans.flush())
        for call in calls:
            self._take_call(call)
        finish_reason = text_of(choice.get("finish_reason"))
        if finish_reason in _GIVEN_UP:
            raise _given_up(finish_reason, choice)
        if finish_reason and self._stop_reason is None:
            self._stop_reason = finish_reason

    def _add_content(self, text: str) -> None:
        if self._spans is None:
            self._reply.add_text(text)
        else:
            self._reply.add_pieces(self._spans.push(text))

    def _take_call(self, call: JsonObject) -> None:
        function = object_of(call.get("function"))
        call_id = text_of(call.get("id"))
        name = text_of(function.get("name"))
        key = self._call_keys.key_for(index_of(call.get("index")), call_id, name)
        self._reply.name_call(key, call_id, name)
        self._reply.add_arguments(key, arguments_text(function.get("arguments")))


class _CallKeys:
    """Which call a fragment belongs to.

    The wire's ``index`` says so, but some servers send whole calls without one, and some give
    every parallel call the index 0; there a new id together with a name begins a new call.
    """

    def __init__(self) -> None:
        self._key_of_index: dict[int, int] = {}
        self._ids: dict[int, str] = {}
        self._last_key: int | None = None

    def key_for(self, index: int | None, call_id: str, name: str) -> int:
        """Return the key under which the call is built, which is also its place in the turn."""
        key = self._last_key if index is None else self._key_of_index.get(index)
        if key is None or self._begins_another(key, call_id, name):
            key = index if index is not None and index not in self._ids else self._next_free()
        if index is not None:
            self._key_of_index[index] = key
        self._ids[key] = self._ids.get(key) or call_id
        self._last_key = key
        return key

    def _begins_another(self, key: int, call_id: str, name: str) -> bool:
        known_id = self._ids.get(key, "")
        return bool(name and call_id and known_id and call_id != known_id)

    def _next_free(self) -> int:
        return max(self._ids, default=-1) + 1


def chat_usage(usage: JsonObject) -> Usage:
    """Return the usage of a Chat Completions reply; its prompt count includes cached tokens."""
    details = object_of(usage.get("prompt_tokens_details"))
    cached = count_of(details.get("cached_tokens")) or count_of(
        usage.get("prompt_cache_hit_tokens")
    )
    return Usage(
        input_tokens=count_of(usage.get("prompt_tokens")),
        output_tokens=count_of(usage.get("completion_tokens")),
        cache_read_tokens=cached,
        cache_write_tokens=count_of(details.get("cache_write_tokens")),
    )


def _given_up(finish_reason: str, choice: JsonObject) -> ProviderError:
    if choice.get("error"):
        return error_in_stream(choice)
    return ProviderError(
        f"The model server gave up in the middle of its reply ({finish_reason}).",
        category=_GIVEN_UP[finish_reason],
    )
