"""Which consecutive events become one line of the log, and what that line holds.

Deltas of one stream are joined. Of pending updates of one tool call that carry nothing but the
arguments so far the latest stands for all, except that raw text never stands for parsed
arguments before it: a reader keeps those until there are newer ones. A reader of the joined
event therefore ends where a reader of the single ones does.
"""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from harn_tui.events.agent import AgentMessageChunk, AgentThoughtChunk, ToolCallUpdate
from harn_tui.events.host import ToolOutput
from harn_tui.events.record import Event, Record
from harn_tui.kinds import ToolCallStatus


def merge_key(event: Event) -> Hashable | None:
    """Return what consecutive events must share to become one, ``None`` for those that never do."""
    find_key = _KEY_BY_TYPE.get(type(event))
    return None if find_key is None else find_key(event)


class OpenRecord:
    """The record that the latest events are being merged into.

    It keeps the index and the time of its first event.
    """

    __slots__ = ("_first", "_last", "_texts", "key")

    def __init__(self, key: Hashable, first: Record) -> None:
        self.key = key
        self._first = first
        self._last = first.event
        self._texts = [_text(first.event)]

    @property
    def opened_at_ms(self) -> int:
        """Time of the first event, Unix-epoch milliseconds."""
        return self._first.emitted_at_ms

    def accepts(self, key: Hashable | None, event: Event) -> bool:
        """Return whether the event, which has ``key``, can be part of this record."""
        return key == self.key and not (_has_arguments(self._last) and not _has_arguments(event))

    def add(self, event: Event) -> Record:
        """Take one more event that is accepted; return its own record for live listeners."""
        self._last = event
        self._texts.append(_text(event))
        return Record(self._first.index, self._first.emitted_at_ms, None, event)

    def merged(self) -> Record:
        """Return the one record that stands for all events so far."""
        if len(self._texts) == 1:
            return self._first
        event = _with_text(self._last, "".join(self._texts))
        return Record(self._first.index, self._first.emitted_at_ms, None, event)


def _has_arguments(event: Event) -> bool:
    return isinstance(event, ToolCallUpdate) and event.raw_input is not None


def _text(event: Event) -> str:
    if isinstance(event, AgentMessageChunk | AgentThoughtChunk):
        return event.content
    return event.chunk if isinstance(event, ToolOutput) else ""


def _with_text(event: Event, text: str) -> Event:
    if isinstance(event, AgentMessageChunk | AgentThoughtChunk):
        return replace(event, content=text)
    return replace(event, chunk=text) if isinstance(event, ToolOutput) else event


def _message_key(event: AgentMessageChunk | AgentThoughtChunk) -> Hashable:
    return (event.type, event.session_id)


def _output_key(event: ToolOutput) -> Hashable:
    return (event.type, event.session_id, event.tool_call_id, event.stream)


def _arguments_key(event: ToolCallUpdate) -> Hashable | None:
    carries_arguments = event.raw_input is not None or event.raw_input_partial is not None
    carries_more = (
        event.raw_output is not None
        or event.error is not None
        or event.parsing is not None
        or event.executor is not None
        or event.audit is not None
    )
    if event.status is not ToolCallStatus.PENDING or not carries_arguments or carries_more:
        return None
    return (event.type, event.session_id, event.tool_call_id, event.tool_name)


_KEY_BY_TYPE: dict[type[Any], Callable[[Any], Hashable | None]] = {
    AgentMessageChunk: _message_key,
    AgentThoughtChunk: _message_key,
    ToolOutput: _output_key,
    ToolCallUpdate: _arguments_key,
}
