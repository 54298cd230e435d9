"""Turns a provider's deltas into events while a reply streams in.

One id names a tool call from its announcement to its result: the provider's, made unique within
the session. What is shown of arguments meanwhile is the matter of ``argument_preview``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from harn_tui.events.agent import AgentMessageChunk, AgentThoughtChunk, ToolCall, ToolCallUpdate
from harn_tui.events.host import LlmCallAccepted, LlmRetry
from harn_tui.ids import tool_call_event_id
from harn_tui.kinds import ProviderErrorCategory, ToolCallStatus, ToolErrorCategory, ToolKind
from harn_tui.loop.argument_preview import ArgumentPreview, Preview
from harn_tui.loop.state import LoopState, now_ms
from harn_tui.loop.tagged_text_reader import TaggedTextReader
from harn_tui.providers.base import (
    Accepted,
    Delta,
    ProviderSwitched,
    TextDelta,
    ThoughtDelta,
    ToolArgumentsDelta,
    ToolCallRequest,
    ToolCallStarted,
)
from harn_tui.sinks.emit import emit
from harn_tui.tagged_text.visible import VisibleStream


@dataclass(slots=True)
class _StreamedCall:
    """A tool call whose arguments are arriving."""

    call_id: str
    name: str
    preview: ArgumentPreview = field(default_factory=ArgumentPreview)


class ReplyStream:
    """The reply to one model call, over all its attempts."""

    def __init__(
        self,
        state: LoopState,
        iteration: int,
        on_accepted: Callable[[], None],
        kind_of: Callable[[str], ToolKind | None],
        text_reader: TaggedTextReader | None = None,
        marker: str | None = None,
    ) -> None:
        """Begin.

        ``kind_of`` tells the kind of a tool by its name. ``text_reader`` reads the calls out of
        the text of a text-format loop. In a native one ``marker`` is the sign of completion that
        the model was told of: it is not shown then, nor are the tags around an answer.
        """
        self.announced_ids: set[str] = set()
        """Ids of the calls that were announced with their name and kind."""
        self._kind_of = kind_of
        self.first_token_ms: int | None = None
        self.model: str | None = None
        """The model that another provider answers with, ``None`` for the loop's own."""
        self.attempt_id = ""
        """The id of the current attempt in the log of docs/llm_transcript.md."""
        self.attempt = 0
        """How often the reply was begun anew."""
        self._text_reader = text_reader
        self._marker = marker
        self._visible = self._new_visible()
        self._state = state
        self._iteration = iteration
        self._on_accepted = on_accepted
        self._is_accepted = False
        self._texts: list[str] = []
        self._calls: dict[int, _StreamedCall] = {}

    @property
    def text(self) -> str:
        """The text streamed by the current attempt."""
        return "".join(self._texts)

    def accept(self) -> None:
        """Note that the provider took the request; only the first time counts."""
        if not self._is_accepted:
            self._is_accepted = True
            self._on_accepted()

    def on_delta(self, delta: Delta) -> None:
        """Emit the event for ``delta``."""
        if not isinstance(delta, ProviderSwitched):
            self.accept()
        match delta:
            case ProviderSwitched():
                self._switch_provider(delta)
            case Accepted():
                emit(LlmCallAccepted(self._state.session_id, self._state.calls))
            case TextDelta(text) if text:
                self._note_first_token()
                self._texts.append(text)
                self._show(text)
            case ThoughtDelta(text) if text:
                self._note_first_token()
                self._show_held_back()
                emit(AgentThoughtChunk(self._state.session_id, text))
            case ToolCallStarted():
                self._note_first_token()
                self._announce(delta)
            case ToolArgumentsDelta():
                self._add_arguments(delta)
            case _:
                pass

    def _switch_provider(self, switched: ProviderSwitched) -> None:
        """Another provider begins the reply anew; what came so far is void."""
        what = (
            f"{switched.from_name} failed ({switched.reason}); "
            f"trying {switched.to_name} with {switched.model}"
        )
        self.retry(switched.category, switched.reason, announced_as=what)
        self.model = switched.model

    def finish_text(self) -> None:
        """Show what of a complete reply's text was still held back."""
        if self._text_reader is not None:
            self._emit_text(self._text_reader.finish())
        self._show_held_back()

    def retry(
        self,
        category: ProviderErrorCategory,
        reason: str,
        *,
        delay_ms: int = 0,
        announced_as: str | None = None,
    ) -> None:
        """Void what the failed attempt streamed, and say so; the next one begins with nothing.

        ``announced_as`` replaces ``reason`` in what a person reads.
        """
        self.attempt += 1
        self.model = None
        self._close_announced(reason)
        self._texts.clear()
        self._visible = self._new_visible()
        if self._text_reader is not None:
            self._text_reader.restart()
        emit(
            LlmRetry(
                session_id=self._state.session_id,
                call=self._state.calls,
                attempt=self.attempt,
                delay_ms=delay_ms,
                category=category,
                message=announced_as or reason,
            )
        )

    def abort(self, reason: str) -> None:
        """End the announced calls of a reply that will not be completed; the text is kept."""
        self._show_held_back()
        self._close_announced(reason)

    def with_event_ids(
        self, calls: tuple[ToolCallRequest, ...], offsets: tuple[int, ...]
    ) -> tuple[ToolCallRequest, ...]:
        """Return the reply's calls under the ids that they were announced with.

        ``offsets`` says where in the text each call begins, and is empty for the server's own.
        """
        announced: list[str | None]
        if self._text_reader is not None:
            announced = self._text_reader.take_announced(offsets)
            self.announced_ids |= self._text_reader.announced_ids
        else:
            announced = [self._calls[index].call_id for index in sorted(self._calls)]
        named: list[ToolCallRequest] = []
        for position, call in enumerate(calls):
            call_id = announced[position] if position < len(announced) else None
            if call_id is None:
                call_id = self._state.call_ids.mint(call.id, self._iteration, position)
            named.append(replace(call, id=call_id))
        return tuple(named)

    def _show(self, text: str) -> None:
        if self._text_reader is not None:
            self._emit_text(self._text_reader.read(text))
        elif self._visible is not None:
            self._emit_text(self._visible.feed(text))
        else:
            self._emit_text(text)

    def _new_visible(self) -> VisibleStream | None:
        return None if self._marker is None else VisibleStream(self._marker)

    def _show_held_back(self) -> None:
        """Show what might have become a marker or a tag and did not, before what follows it."""
        if self._visible is not None:
            self._emit_text(self._visible.finish())
            self._visible = self._new_visible()

    def _emit_text(self, text: str) -> None:
        if text:
            emit(AgentMessageChunk(self._state.session_id, text))

    def _note_first_token(self) -> None:
        if self.first_token_ms is None:
            self.first_token_ms = now_ms()

    def _announce(self, started: ToolCallStarted) -> None:
        if started.index in self._calls:
            return
        self._show_held_back()
        self._show_rest_of_arguments()
        call_id = self._state.call_ids.mint(started.id, self._iteration, started.index)
        call = _StreamedCall(call_id, started.name)
        self._calls[started.index] = call
        self.announced_ids.add(call_id)
        emit(
            ToolCall(
                session_id=self._state.session_id,
                tool_call_id=tool_call_event_id(call.call_id),
                tool_name=call.name,
                kind=self._kind_of(call.name),
                status=ToolCallStatus.PENDING,
                raw_input={},
            )
        )

    def _add_arguments(self, delta: ToolArgumentsDelta) -> None:
        call = self._calls.get(delta.index)
        if call is not None:
            self._emit_preview(call, call.preview.add(delta.fragment, now_ms()))

    def _show_rest_of_arguments(self) -> None:
        """Show what no preview has had yet of the calls that are likely complete.

        The last call of a reply needs none: its announcement follows with all of its arguments.
        """
        for call in self._calls.values():
            self._emit_preview(call, call.preview.finish())

    def _emit_preview(self, call: _StreamedCall, preview: Preview | None) -> None:
        if preview is not None:
            emit(
                ToolCallUpdate(
                    session_id=self._state.session_id,
                    tool_call_id=tool_call_event_id(call.call_id),
                    tool_name=call.name,
                    status=ToolCallStatus.PENDING,
                    raw_input=preview.value,
                    raw_input_partial=preview.raw,
                )
            )

    def _close_announced(self, reason: str) -> None:
        if self._text_reader is not None:
            self._text_reader.close_announced(reason)
        self._show_rest_of_arguments()
        calls, self._calls = list(self._calls.values()), {}
        for call in calls:
            emit(
                ToolCallUpdate(
                    session_id=self._state.session_id,
                    tool_call_id=tool_call_event_id(call.call_id),
                    tool_name=call.name,
                    status=ToolCallStatus.FAILED,
                    error=reason,
                    error_category=ToolErrorCategory.PARSE_ABORTED,
                )
            )
