"""Marks on rows that were laid out before: the cursor's bar, stretches in another style.

Nothing is laid out for a mark. A marked row is kept while it stays in view, so that rows whose
marks did not change are not painted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

CURSOR_BAR = "▌"


class Stretch(NamedTuple):
    """Cells of a row, ``end`` exclusive, and the style that is put over them."""

    start: int
    end: int
    style: Style


class RowMarks:
    """Marks the rows of one frame after another."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Strip, object, Strip]] = {}
        self._next: dict[int, tuple[Strip, object, Strip]] = {}

    def begin(self) -> None:
        """Begin a frame."""
        self._next = {}

    def marked(self, strip: Strip, bar: Style | None, stretches: Sequence[Stretch]) -> Strip:
        """Return ``strip`` with a bar in its first cell, if any, and the stretches in style."""
        key = (bar, tuple(stretches))
        kept = self._kept.get(id(strip))
        if kept is None or kept[0] is not strip or kept[1] != key:
            kept = (strip, key, mark_row(strip, bar, stretches))
        self._next[id(strip)] = kept
        return kept[2]

    def end(self) -> None:
        """Forget the rows that are no longer in view."""
        self._kept = self._next


def mark_row(strip: Strip, bar: Style | None, stretches: Sequence[Stretch]) -> Strip:
    """Return a row with its marks; later stretches lie over earlier ones."""
    for stretch in stretches:
        strip = _styled(strip, stretch)
    if bar is not None and strip.cell_length:
        rest = strip.crop(1, strip.cell_length)
        strip = Strip([Segment(CURSOR_BAR, bar), *rest], strip.cell_length)
    return strip


def _styled(strip: Strip, stretch: Stretch) -> Strip:
    length = strip.cell_length
    start, end = max(0, stretch.start), min(length, stretch.end)
    if start >= end:
        return strip
    parts = [strip.crop(0, start), strip.crop(start, end), strip.crop(end, length)]
    segments = [
        *parts[0],
        *(Segment(text, (style or Style()) + stretch.style) for text, style, _ in parts[1]),
        *parts[2],
    ]
    return Strip(segments, length)
