"""Collect the parts of one streamed reply, pass them on as deltas, and judge the whole."""

from collections.abc import Iterable

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ProviderErrorCategory, StopReason
from harn_tui.providers.base import (
    Completion,
    OnDelta,
    ServerSearch,
    TextDelta,
    ThoughtDelta,
    ToolArgumentsDelta,
    ToolCallRequest,
    ToolCallStarted,
    Usage,
)
from harn_tui.providers.stop_reasons import neutral_stop_reason
from harn_tui.providers.surrogates import SurrogateJoiner
from harn_tui.providers.think_spans import SpanPiece
from harn_tui.providers.tool_arguments import tool_call_from_text


class _Call:
    """A tool call while it streams."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments: list[str] = []
        self.is_announced = False
        self.joiner = SurrogateJoiner()


class ReplyBuilder:
    """The parts of one reply, keyed as the protocol keys them.

    A call is announced when its name is known; its id is frozen then, so that everything said of
    the call carries one id. What comes earlier of its arguments is held back until then.
    """

    def __init__(self, on_delta: OnDelta) -> None:
        self._on_delta = on_delta
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._text_joiner = SurrogateJoiner()
        self._thinking_joiner = SurrogateJoiner()
        self._calls: dict[int, _Call] = {}
        self._is_refusal = False

    @property
    def has_text(self) -> bool:
        """Whether any text arrived."""
        return bool(self._text)

    @property
    def has_thinking(self) -> bool:
        """Whether any reasoning arrived."""
        return bool(self._thinking)

    @property
    def has_calls(self) -> bool:
        """Whether any tool call arrived."""
        return bool(self._calls)

    def add_text(self, piece: str) -> None:
        """Take more assistant text."""
        text = self._text_joiner.push(piece)
        if text:
            self._text.append(text)
            self._on_delta(TextDelta(text))

    def add_refusal(self, piece: str) -> None:
        """Take more text by which the model declines; it is shown like any other."""
        self._is_refusal = self._is_refusal or bool(piece)
        self.add_text(piece)

    def add_thinking(self, piece: str) -> None:
        """Take more reasoning."""
        text = self._thinking_joiner.push(piece)
        if text:
            self._thinking.append(text)
            self._on_delta(ThoughtDelta(text))

    def add_pieces(self, pieces: Iterable[SpanPiece]) -> None:
        """Take more of a text in which reasoning may stand, already told apart."""
        for piece in pieces:
            if piece.is_thinking:
                self.add_thinking(piece.text)
            else:
                self.add_text(piece.text)

    def name_call(self, index: int, call_id: str, name: str) -> None:
        """Take what is known of the id and name of call ``index``; empty means not yet known."""
        call = self._call(index)
        if call.is_announced:
            return
        call.id = call.id or call_id
        call.name = call.name or name
        if not call.name:
            return
        call.is_announced = True
        self._on_delta(ToolCallStarted(index, call.id, call.name))
        for fragment in call.arguments:
            self._on_delta(ToolArgumentsDelta(index, fragment))

    def add_arguments(self, index: int, piece: str) -> None:
        """Take more argument text of call ``index``."""
        call = self._call(index)
        fragment = call.joiner.push(piece)
        if not fragment:
            return
        call.arguments.append(fragment)
        if call.is_announced:
            self._on_delta(ToolArgumentsDelta(index, fragment))

    def complete_arguments(self, index: int, whole: str) -> None:
        """Take the whole argument text of call ``index``, of which parts may have streamed.

        Only the missing rest is passed on; where the two differ the whole text is the truth.
        """
        call = self._call(index)
        streamed = "".join(call.arguments)
        if whole.startswith(streamed):
            self.add_arguments(index, whole[len(streamed) :])
        else:
            call.arguments = [whole]

    def completion(
        self,
        *,
        model: str,
        usage: Usage | None,
        stop_reason: str | None,
        thinking_blocks: tuple[JsonObject, ...] = (),
        searches: tuple[ServerSearch, ...] = (),
    ) -> Completion:
        """Return the whole reply. ``stop_reason`` is the server's own word, if it gave one.

        Raises ProviderError (empty_completion) when output tokens were spent but neither text nor
        a call was delivered. Reasoning alone counts as nothing: it is private and is never
        promoted to text (docs/loop.md, 7.10 and oddity 10.22).
        """
        self.add_text(self._text_joiner.flush())
        self.add_thinking(self._thinking_joiner.flush())
        reply = Completion(
            text="".join(self._text),
            thinking="".join(self._thinking),
            tool_calls=tuple(self._finished(index) for index in sorted(self._calls)),
            usage=usage,
            stop_reason=neutral_stop_reason(
                stop_reason, has_calls=self.has_calls, is_refusal=self._is_refusal
            ),
            model=model,
            thinking_blocks=thinking_blocks,
            searches=searches,
        )
        _refuse_empty(reply)
        return reply

    def _call(self, index: int) -> _Call:
        return self._calls.setdefault(index, _Call())

    def _finished(self, index: int) -> ToolCallRequest:
        call = self._calls[index]
        call.arguments.append(call.joiner.flush())
        return tool_call_from_text(call.id, call.name, "".join(call.arguments))


def _refuse_empty(reply: Completion) -> None:
    if reply.text or reply.tool_calls:
        return
    spent = reply.usage.output_tokens if reply.usage is not None else 0
    if not spent and not reply.thinking:
        return
    delivered = "only private reasoning" if reply.thinking else "nothing"
    hint = None
    if reply.stop_reason == StopReason.LENGTH:
        hint = "It reached the token limit: raise loop.max_tokens."
    raise ProviderError(
        f"The model delivered no content: {delivered} arrived,"
        f" completion_tokens={spent or 'unknown'}.",
        category=ProviderErrorCategory.EMPTY_COMPLETION,
        hint=hint,
    )
