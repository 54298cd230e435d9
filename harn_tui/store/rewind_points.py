"""The places of a session that a person may want back to: before each of their lines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harn_tui.events.agent import FeedbackInjected
from harn_tui.events.host import FeedbackStateChanged, LoopStart, UserMessage
from harn_tui.events.record import Record
from harn_tui.kinds import FeedbackState

_PERSON = "user"
_ARRIVING = frozenset({FeedbackState.QUEUED, FeedbackState.CLAIMED})


@dataclass(frozen=True, slots=True)
class RewindPoint:
    """A line of the person's. ``index`` is the last event before it, ``None`` for none.

    ``line`` is the event that it is, ``until`` the last event before the next such line, ``None``
    for the newest. ``at_ms`` is Unix-epoch milliseconds.
    """

    index: int | None
    line: int
    until: int | None
    at_ms: int
    text: str


def rewind_points(records: Sequence[Record]) -> list[RewindPoint]:
    """Return the person's lines that reached the model, oldest first."""
    points: list[RewindPoint] = []
    for place, record in enumerate(records):
        text = _line_of(record)
        if text is None:
            continue
        before = _before(records, place)
        index = records[before].index if before >= 0 else None
        if points:
            points[-1] = replace(points[-1], until=index)
        points.append(RewindPoint(index, record.index, None, record.emitted_at_ms, text))
    return points


def _line_of(record: Record) -> str | None:
    match record.event:
        case UserMessage(content=content):
            return content
        case FeedbackInjected(kind=kind, content=content) if kind == _PERSON:
            return content
    return None


def _before(records: Sequence[Record], place: int) -> int:
    """Return the place of the last record that is not of the line's own arrival, -1 for none."""
    place -= 1
    while place >= 0 and _is_of_arrival(records[place]):
        place -= 1
    return place


def _is_of_arrival(record: Record) -> bool:
    event = record.event
    is_state = isinstance(event, FeedbackStateChanged) and event.state in _ARRIVING
    return is_state or isinstance(event, LoopStart)
