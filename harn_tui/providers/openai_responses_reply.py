"""Read an OpenAI Responses event stream."""

from collections.abc import Callable

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.providers.base import Completion, OnDelta, Usage
from harn_tui.providers.openai_tool_search import is_search_item, searches_in
from harn_tui.providers.reply_builder import ReplyBuilder
from harn_tui.providers.reply_stream import cut_reply_error, error_in_stream
from harn_tui.providers.sse import SseEvent
from harn_tui.providers.surrogates import clean_json
from harn_tui.providers.wire_json import count_of, decode_object, object_of, objects_of, text_of


class ResponsesReplyParser:
    """Reads the events of one reply. ``model`` is the requested one, until the server names its.

    Calls are numbered in the order in which their items were added.
    """

    def __init__(self, model: str, on_delta: OnDelta) -> None:
        self._reply = ReplyBuilder(on_delta)
        self._call_index: dict[str, int] = {}
        self._own_items: list[JsonObject] = []
        self._model = model
        self._usage: Usage | None = None
        self._stop_reason: str | None = None
        self._is_finished = False
        self._handlers: dict[str, Callable[[JsonObject], None]] = {
            "response.output_item.added": self._item_added,
            "response.output_item.done": self._item_done,
            "response.output_text.delta": self._text_delta,
            "response.refusal.delta": self._refusal_delta,
            "response.reasoning_summary_part.added": self._summary_part_added,
            "response.reasoning_summary_text.delta": self._thinking_delta,
            "response.reasoning_text.delta": self._thinking_delta,
            "response.function_call_arguments.delta": self._arguments_delta,
            "response.function_call_arguments.done": self._arguments_done,
            "response.completed": self._ended,
            "response.incomplete": self._ended,
            "response.failed": self._failed,
            "error": self._error,
        }

    @property
    def is_finished(self) -> bool:
        """Whether ``response.completed`` or ``response.incomplete`` was read."""
        return self._is_finished

    @property
    def is_whole(self) -> bool:
        """The same: nothing else tells that the reply has ended."""
        return self._is_finished

    def feed(self, event: SseEvent) -> None:
        """Take one event; those of unknown types are passed over."""
        if event.data.strip() == "[DONE]":
            return
        payload = decode_object(event.data)
        kind = text_of(payload.get("type")) or event.name
        if not payload.get("type") and payload.get("error"):
            kind = "error"
        handler = self._handlers.get(kind)
        if handler is not None:
            handler(payload)

    def completion(self) -> Completion:
        """Return the reply."""
        if not self._is_finished:
            raise cut_reply_error()
        return self._reply.completion(
            model=self._model,
            usage=self._usage,
            stop_reason=self._stop_reason,
            thinking_blocks=tuple(self._own_items),
            searches=searches_in(self._own_items),
        )

    def _text_delta(self, payload: JsonObject) -> None:
        self._reply.add_text(text_of(payload.get("delta")))

    def _refusal_delta(self, payload: JsonObject) -> None:
        self._reply.add_refusal(text_of(payload.get("delta")))

    def _thinking_delta(self, payload: JsonObject) -> None:
        self._reply.add_thinking(text_of(payload.get("delta")))

    def _summary_part_added(self, payload: JsonObject) -> None:
        if self._reply.has_thinking:
            self._reply.add_thinking("\n\n")

    def _item_added(self, payload: JsonObject) -> None:
        item = object_of(payload.get("item"))
        if item.get("type") == "function_call":
            self._begin_call(item, payload)

    def _item_done(self, payload: JsonObject) -> None:
        item = object_of(payload.get("item"))
        if item.get("type") == "function_call":
            index = self._begin_call(item, payload)
            self._reply.complete_arguments(index, text_of(item.get("arguments")))
        elif item.get("type") == "reasoning" and item.get("encrypted_content"):
            self._keep({key: value for key, value in item.items() if key != "status"})
        elif is_search_item(item):
            self._keep(item)

    def _begin_call(self, item: JsonObject, payload: JsonObject) -> int:
        index = self._index_of_call(payload, item)
        call_id = text_of(item.get("call_id")) or text_of(item.get("id"))
        self._reply.name_call(index, call_id, text_of(item.get("name")))
        return index

    def _arguments_delta(self, payload: JsonObject) -> None:
        index = self._index_of_call(payload, {})
        self._reply.add_arguments(index, text_of(payload.get("delta")))

    def _arguments_done(self, payload: JsonObject) -> None:
        index = self._index_of_call(payload, {})
        self._reply.complete_arguments(index, text_of(payload.get("arguments")))

    def _index_of_call(self, payload: JsonObject, item: JsonObject) -> int:
        """Return the call's number; items are told apart by id, else by place in the output."""
        key = text_of(payload.get("item_id")) or text_of(item.get("id"))
        key = key or f"#{payload.get('output_index')}"
        return self._call_index.setdefault(key, len(self._call_index))

    def _keep(self, item: JsonObject) -> None:
        """Keep an item that only the server itself can read or needs again."""
        cleaned = clean_json(item)
        if isinstance(cleaned, dict):
            self._own_items.append(cleaned)

    def _ended(self, payload: JsonObject) -> None:
        response = object_of(payload.get("response"))
        self._model = text_of(response.get("model")) or self._model
        usage = response.get("usage")
        if isinstance(usage, dict):
            self._usage = _usage(usage)
        if not self._reply.has_text and not self._reply.has_calls:
            self._take_whole_output(response)
        details = object_of(response.get("incomplete_details"))
        reason = text_of(details.get("reason")) or text_of(response.get("status"))
        self._stop_reason = reason or "completed"
        self._is_finished = True

    def _take_whole_output(self, response: JsonObject) -> None:
        """Take text that came only with the end, from a server that sends no deltas."""
        for item in objects_of(response.get("output")):
            if item.get("type") == "function_call":
                self._item_done({"item": item})
            for part in objects_of(item.get("content")):
                if part.get("type") == "output_text":
                    self._reply.add_text(text_of(part.get("text")))
                elif part.get("type") == "refusal":
                    self._reply.add_refusal(text_of(part.get("refusal")))

    def _failed(self, payload: JsonObject) -> None:
        response = object_of(payload.get("response"))
        raise error_in_stream(response if response.get("error") else payload)

    def _error(self, payload: JsonObject) -> None:
        raise self._typed_error(payload)

    @staticmethod
    def _typed_error(payload: JsonObject) -> ProviderError:
        # Without an "error" object the event itself is one, and its type says only "error".
        inner = payload.get("error")
        return error_in_stream({"error": inner} if inner else {**payload, "type": None})


def _usage(usage: JsonObject) -> Usage:
    details = object_of(usage.get("input_tokens_details"))
    return Usage(
        input_tokens=count_of(usage.get("input_tokens")),
        output_tokens=count_of(usage.get("output_tokens")),
        cache_read_tokens=count_of(details.get("cached_tokens")),
        cache_write_tokens=count_of(details.get("cache_write_tokens")),
    )
