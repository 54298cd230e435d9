"""Turns events into the numbered records of the new session, and counts what had no counterpart."""

from collections import Counter
from collections.abc import Callable

from harn_tui.events.record import Event, Record, UnknownEvent
from harn_tui.json_types import JsonObject
from harn_tui.session_import.source_file import BadLine
from harn_tui.session_import.source_kind import SourceKind

UNREADABLE_LINE = "unreadable_line"


class RecordLog:
    """Writes the records of one imported session.

    ``write`` takes each record in order. ``now_ms`` is the time of events that have none of
    their own until one has. Times never run backwards: a later event is at least as late.
    """

    def __init__(
        self, session_id: str, kind: SourceKind, write: Callable[[Record], None], now_ms: int
    ) -> None:
        self.session_id = session_id
        self.kind = kind
        self.generic: Counter[str] = Counter()
        """How many events have no counterpart here, by their type in the source."""
        self.repeated: Counter[str] = Counter()
        """How many lines told what another one had told, by their type; only counted."""
        self.events = 0
        """How many records there are so far."""
        self._write = write
        self._time_ms = now_ms
        self._has_time = False

    @property
    def time_ms(self) -> int:
        """The time of the next event."""
        return self._time_ms

    def set_time(self, time_ms: int | None) -> None:
        """Go on to ``time_ms``; ``None``, and a time before the present one, changes nothing."""
        if time_ms is not None and (not self._has_time or time_ms > self._time_ms):
            self._time_ms, self._has_time = time_ms, True

    def add(self, event: Event) -> None:
        """Write one event as the next record."""
        self._write(Record(self.events, self._time_ms, None, event))
        self.events += 1

    def add_generic(self, source_type: str, content: JsonObject) -> None:
        """Write what has no counterpart here, whole, as an event of a type of its own."""
        name = source_type or "untyped"
        self.generic[name] += 1
        tag = f"{self.kind.event_prefix}.{name}"
        payload: JsonObject = {"type": tag, "session_id": self.session_id, "content": content}
        self.add(UnknownEvent(tag, self.session_id, payload))

    def add_bad_line(self, line: BadLine) -> None:
        """Write that a line could not be read, with its beginning."""
        self.add_generic(
            UNREADABLE_LINE, {"line": line.number, "problem": line.problem, "raw": line.raw}
        )
