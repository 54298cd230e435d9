"""The tab of events: every record as it was written, for those who build agents."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from harn_tui.console.panels.rows import Look, Row, RowSource, Run
from harn_tui.console.plain_text import one_line
from harn_tui.console.transcript.clock_time import clock_time
from harn_tui.view.model import Changes, SessionView

if TYPE_CHECKING:
    from harn_tui.events.record import Record

MAX_RECORDS = 10_000
"""How many records are kept to be looked at; older ones are in the log."""

_SHOWN_CHARACTERS = 400
_KEPT_PAYLOADS = 500

_ENVELOPE = re.compile(r'^.*?"type":"[^"]*",?("session_id":"[^"]*",?)?')
"""What the row says already: index, times, type and session of a line of the log."""


class EventFilter(StrEnum):
    """Which events are shown; the value is its name on the screen."""

    ALL = "all"
    STEPS = "no chunks"
    TOOLS = "tools"
    STEERING = "steering"
    CALLS = "model calls"


_CHUNKS = ("agent_message_chunk", "agent_thought_chunk", "tool_output")
_PREFIXES: dict[EventFilter, tuple[str, ...]] = {
    EventFilter.TOOLS: ("tool_", "permission_"),
    EventFilter.STEERING: ("feedback_", "permission_", "user_message", "question_"),
    EventFilter.CALLS: ("llm_", "turn_", "loop_", "transcript_", "budget_"),
}


class EventRows(RowSource):
    """One row a record: index, time, type, and its members as JSON."""

    empty_text = "No event yet."
    follows_end = True

    def __init__(self) -> None:
        self.filter = EventFilter.ALL
        self._encode: Callable[[Record], str] | None = None
        self._records: list[Record] = []
        self._shown: list[int] = []
        self._looked_at = 0
        self._payloads: dict[int, str] = {}

    def use(self, encode: Callable[[Record], str], records: Sequence[Record] = ()) -> None:
        """Begin with ``records``; ``encode`` writes one as a line of the log."""
        self._encode = encode
        self._records = list(records[-MAX_RECORDS:])
        self._payloads.clear()
        self._restart()

    def add(self, record: Record) -> None:
        """Keep a record; the oldest ones make room. Cheap: called for every event."""
        self._records.append(record)
        if len(self._records) > 2 * MAX_RECORDS:
            del self._records[:-MAX_RECORDS]
            self._payloads.clear()
            self._restart()

    def next_filter(self) -> None:
        """Show other events."""
        order = list(EventFilter)
        self.filter = order[(order.index(self.filter) + 1) % len(order)]
        self._restart()

    def heading(self, view: SessionView) -> str:
        """Return the name, with the filter when one is set."""
        return "Events" if self.filter is EventFilter.ALL else f"Events: {self.filter}"

    def concerns(self, view: SessionView, changes: Changes) -> bool:
        """Every frame has events."""
        return True

    def take(self, view: SessionView, now_ms: int) -> None:
        """Look at the records that are new."""
        for place in range(self._looked_at, len(self._records)):
            if _passes(self.filter, self._records[place].event.type):
                self._shown.append(place)
        self._looked_at = len(self._records)

    def count(self) -> int:
        """Return a row a record that is shown."""
        return len(self._shown)

    def record(self, number: int) -> Record:
        """Return the record of a row."""
        return self._records[self._shown[number]]

    def line(self, number: int) -> str:
        """Return the record of a row as it stands in the log."""
        return self._encode(self.record(number)) if self._encode is not None else "{}"

    def row(self, number: int, width: int) -> Row:
        """Return what stands in the log, on one line."""
        record = self.record(number)
        payload = self._payload(number)
        return [
            Run(f" {record.index:>5} {clock_time(record.emitted_at_ms)} ", Look.MUTED),
            Run(one_line(record.event.type[:_SHOWN_CHARACTERS]), _look(record.event.type)),
            Run(f" {one_line(payload)}", Look.MUTED),
        ]

    def _payload(self, number: int) -> str:
        """Return the start of a record's members; a frame draws the same rows again and again."""
        # Live chunks of one message have one index, for they are one record of the log.
        place = self._shown[number]
        if place not in self._payloads:
            if len(self._payloads) >= _KEPT_PAYLOADS:
                self._payloads.clear()
            payload = _ENVELOPE.sub("", self.line(number), count=1)
            self._payloads[place] = payload[:_SHOWN_CHARACTERS]
        return self._payloads[place]

    def target(self, number: int) -> int | None:
        """An event has no block of its own."""
        return None

    def _restart(self) -> None:
        self._shown, self._looked_at = [], 0


def _passes(chosen: EventFilter, event_type: str) -> bool:
    if chosen is EventFilter.ALL:
        return True
    if chosen is EventFilter.STEPS:
        return event_type not in _CHUNKS
    return event_type.startswith(_PREFIXES[chosen])


def _look(event_type: str) -> Look:
    if event_type in _CHUNKS:
        return Look.PLAIN
    if event_type.startswith("tool_"):
        return Look.BUSY
    if event_type.startswith(("feedback_", "permission_", "user_")):
        return Look.ASKING
    return Look.GOOD
