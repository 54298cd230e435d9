"""The lines that a person can go back to, one a row, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from harn_tui.console.panels.rows import Look, Row, RowList, Run, spread
from harn_tui.console.plain_text import one_line
from harn_tui.console.transcript.clock_time import clock_time
from harn_tui.store.rewind_points import RewindPoint

if TYPE_CHECKING:
    from harn_tui.events.record import Record
    from harn_tui.session.rewinding import PointChanges

RewindRow: TypeAlias = "tuple[RewindPoint, PointChanges | None]"
"""A place to go back to, and what the agent changed because of it, ``None`` for no line."""

_SHOWN_CHARACTERS = 500


class PointRows(RowList):
    """When a line came, what it said, and what the agent changed because of it."""

    empty_text = "No line of yours has reached the model yet."

    def __init__(self, points: Sequence[RewindRow]) -> None:
        self.points = points

    def count(self) -> int:
        """Return a row a line."""
        return len(self.points)

    def row(self, number: int, width: int) -> Row:
        """Return the row of a line."""
        point, changes = self.points[number]
        left = [
            Run(f" {clock_time(point.at_ms):>5}  ", Look.MUTED),
            Run(one_line(point.text[:_SHOWN_CHARACTERS])),
        ]
        words = "" if changes is None else f"  {change_words(changes)} "
        return spread(left, [Run(words, Look.MUTED)], width)

    def target(self, number: int) -> int | None:
        """A line is no block here."""
        return None


def place_of(record: Record) -> RewindRow:
    """Return the row of the place where a replay stands, whose last event is ``record``."""
    words = f"where the replay stands (event {record.index})"
    return RewindPoint(record.index, record.index, None, record.emitted_at_ms, words), None


def change_words(changes: PointChanges) -> str:
    """Return ``+3 −1 in 2 files``."""
    if not changes.files:
        return "no files"
    files = "1 file" if changes.files == 1 else f"{changes.files} files"
    return f"+{changes.added} −{changes.removed} in {files}"
