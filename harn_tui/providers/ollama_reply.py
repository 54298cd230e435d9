"""Read a reply of Ollama's own API: JSON lines, the last of them marked as done."""

from dataclasses import replace

from harn_tui.json_types import JsonObject
from harn_tui.providers.base import Completion, OnDelta, Usage
from harn_tui.providers.ollama_request import THINKING_BLOCK_TYPE
from harn_tui.providers.reply_builder import ReplyBuilder
from harn_tui.providers.reply_stream import cut_reply_error, error_in_stream
from harn_tui.providers.sse import SseEvent
from harn_tui.providers.think_spans import ThinkSplitter
from harn_tui.providers.tool_arguments import arguments_text
from harn_tui.providers.wire_json import (
    count_of,
    decode_object,
    object_of,
    objects_of,
    text_of,
)


class OllamaReplyParser:
    """Reads the lines of one reply. ``model`` is the requested one, until the server names its.

    Each call comes whole. Its ``index`` is no key: servers give every call of a turn the same.
    """

    def __init__(self, model: str, on_delta: OnDelta) -> None:
        self._reply = ReplyBuilder(on_delta)
        self._spans = ThinkSplitter()
        self._model = model
        self._calls = 0
        self._usage: Usage | None = None
        self._stop_reason: str | None = None
        self._is_done = False

    @property
    def is_finished(self) -> bool:
        """Whether the line that is marked as done was read."""
        return self._is_done

    @property
    def is_whole(self) -> bool:
        """The same: the done line carries everything that ends a reply."""
        return self._is_done

    def feed(self, event: SseEvent) -> None:
        """Take one line."""
        line = decode_object(event.data)
        if line.get("error"):
            raise error_in_stream(line)
        self._model = text_of(line.get("model")) or self._model
        self._take_message(object_of(line.get("message")))
        if line.get("done") is True:
            self._is_done = True
            self._stop_reason = text_of(line.get("done_reason")) or None
            self._usage = _usage(line)

    def completion(self) -> Completion:
        """Return the reply."""
        if not self._is_done:
            raise cut_reply_error()
        self._reply.add_pieces(self._spans.flush())
        reply = self._reply.completion(
            model=self._model, usage=self._usage, stop_reason=self._stop_reason
        )
        if not (reply.tool_calls and reply.thinking):
            return reply
        # Models that reason between calls go on from what they thought; an answer needs none.
        block: JsonObject = {"type": THINKING_BLOCK_TYPE, "thinking": reply.thinking}
        return replace(reply, thinking_blocks=(block,))

    def _take_message(self, message: JsonObject) -> None:
        self._reply.add_thinking(text_of(message.get("thinking")))
        self._reply.add_pieces(self._spans.push(text_of(message.get("content"))))
        calls = objects_of(message.get("tool_calls"))
        if calls:
            self._reply.add_pieces(self._spans.flush())
        for call in calls:
            self._take_call(call)

    def _take_call(self, call: JsonObject) -> None:
        function = object_of(call.get("function"))
        key, self._calls = self._calls, self._calls + 1
        self._reply.name_call(key, text_of(call.get("id")), text_of(function.get("name")))
        self._reply.add_arguments(key, arguments_text(function.get("arguments")))


def _usage(line: JsonObject) -> Usage | None:
    """Return the counts of a done line, ``None`` when it has none of them."""
    if "prompt_eval_count" not in line and "eval_count" not in line:
        return None
    return Usage(
        input_tokens=count_of(line.get("prompt_eval_count")),
        output_tokens=count_of(line.get("eval_count")),
    )
