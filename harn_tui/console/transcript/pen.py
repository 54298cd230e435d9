"""Turn wrapped text into strips: margin on the left, text, padding up to the row's width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from harn_tui.console.transcript.engines import Engines
from harn_tui.console.transcript.palette import Palette
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.wrap import Row, Run, crop_runs, runs_cells, wrap_runs

MAX_HEADER_WIDTH = 124
"""Width of a row with something at its end: further apart the two are not read together."""

Mark: TypeAlias = tuple[str, Role]

RIGHT_MARGIN = 2
"""Cells left blank at the end of every row, so that text does not touch the scroll bar."""

MAX_PROSE_WIDTH = 100
"""Widest row of prose in cells: longer ones are tiring to read."""


@dataclass(frozen=True, slots=True)
class Margin:
    """What stands left of text: on the first row of a block or item, and on all others.

    ``above`` stands on the blank rows above; none means that they are blank all over.
    """

    first: tuple[Mark, ...]
    rest: tuple[Mark, ...]
    above: tuple[Mark, ...] = ()

    @property
    def cells(self) -> int:
        """Width in cells, the same for both."""
        return sum(cell_len(text) for text, _ in self.rest)

    def continued(self) -> Margin:
        """Return the margin for what follows the first row."""
        return Margin(self.rest, self.rest)

    def __add__(self, other: Margin) -> Margin:
        above = self.rest + other.above if other.above else ()
        return Margin(self.first + other.first, self.rest + other.rest, above)


PLAIN_MARGIN = Margin((("   ", Role.TEXT),), (("   ", Role.TEXT),))


class TextCells(NamedTuple):
    """Which cells of a row are text: ``width`` cells from ``left`` on; the rest is margin.

    ``starts_line`` is false where the row goes on with a line that was too long for one row.
    """

    left: int
    width: int
    starts_line: bool


NO_TEXT = TextCells(0, -1, starts_line=True)
"""A blank row above a unit."""


@dataclass(slots=True)
class Drawn:
    """A laid-out unit: its strips, and for each where its text begins in the drawn text.

    The drawn text of a unit is what its rows say, without margins and with its lines whole;
    ``cells`` says where in each row it stands.
    """

    strips: list[Strip] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    cells: list[TextCells] = field(default_factory=list)

    def add(self, strip: Strip, offset: int, cells: TextCells) -> None:
        """Add one row."""
        self.strips.append(strip)
        self.offsets.append(offset)
        self.cells.append(cells)


@dataclass(slots=True)
class Pen:
    """Draws rows for one width, theme and time.

    ``width`` is that of a whole row in cells. ``now_ms`` is the Unix-epoch time that running
    durations are counted to.
    """

    width: int
    palette: Palette
    engines: Engines = field(default_factory=Engines)
    now_ms: int = 0
    draws: int = 0
    """Units laid out so far: what tests count instead of time."""

    def text_width(self, margin: Margin, *, is_prose: bool = False) -> int:
        """Return the cells left for text beside ``margin``."""
        width = max(8, self.width - margin.cells - RIGHT_MARGIN)
        return min(width, MAX_PROSE_WIDTH) if is_prose else width

    def fitted(self, margin: Margin) -> Margin:
        """Return ``margin``, without some of its middle where it would leave no room for text."""
        room = self.width // 2
        if margin.cells <= room:
            return margin
        kept = 1
        while kept < len(margin.rest) and _marks_cells(margin.rest, kept + 1) <= room:
            kept += 1
        first, rest = (marks[:1] + marks[1:][1 - kept :] for marks in (margin.first, margin.rest))
        return Margin(first, rest, margin.above) if kept > 1 else Margin(first[:1], rest[:1])

    def gap(self, drawn: Drawn, rows: int, margin: Margin = PLAIN_MARGIN) -> None:
        """Add blank rows, with what ``margin`` has above its text."""
        for _ in range(rows):
            if margin.above:
                strip = self.strip(margin.above, (), 0)
            else:
                strip = Strip.blank(self.width, self.palette[Role.TEXT])
            drawn.add(strip, 0, NO_TEXT)

    def add(
        self,
        drawn: Drawn,
        rows: Iterable[Row],
        margin: Margin,
        *,
        is_first: bool = True,
        base: int = 0,
        fill: Role = Role.TEXT,
    ) -> None:
        """Add ``rows`` beside ``margin``; ``base`` is added to their offsets."""
        left = margin.cells
        for row in rows:
            marks = margin.first if is_first else margin.rest
            is_first = False
            strip = self.strip(marks, row.segments, row.cells, fill)
            drawn.add(strip, base + row.offset, TextCells(left, row.cells, row.starts_line))

    def add_runs(self, drawn: Drawn, runs: Sequence[Run], margin: Margin, *, base: int = 0) -> None:
        """Wrap ``runs`` as prose and add the rows; ``base`` is added to their offsets."""
        rows = wrap_runs(runs, self.text_width(margin, is_prose=True))
        self.add(drawn, rows, margin, base=base)

    def add_line(
        self,
        drawn: Drawn,
        runs: Sequence[Run],
        margin: Margin,
        width: int,
        *,
        is_first: bool = True,
        base: int = 0,
        fill: Role = Role.TEXT,
        wraps: bool = True,
    ) -> None:
        """Add one line of text, wrapped to ``width`` cells or cut to them."""
        rows = wrap_runs(runs if wraps else crop_runs(runs, width), width)
        self.add(drawn, rows, margin, is_first=is_first, base=base, fill=fill)

    def strip(
        self,
        marks: Sequence[Mark],
        segments: Sequence[Segment],
        cells: int,
        fill: Role = Role.TEXT,
    ) -> Strip:
        """Return one full row; ``fill`` colours it from the end of the margin."""
        palette = self.palette
        parts = [Segment(text, palette[role]) for text, role in marks]
        left = sum([cell_len(text) for text, _ in marks])
        parts.extend(segments)
        padding = self.width - left - cells
        if fill is not Role.TEXT and padding > RIGHT_MARGIN:
            parts.append(Segment(" " * (padding - RIGHT_MARGIN), palette[fill]))
            padding = RIGHT_MARGIN
        if padding > 0:
            parts.append(Segment(" " * padding, palette[Role.TEXT]))
        if padding < 0:
            return Strip(parts, left + cells).crop(0, self.width)
        return Strip(parts, self.width)

    def add_split_row(
        self,
        drawn: Drawn,
        marks: Sequence[Mark],
        left: Sequence[Run],
        right: Sequence[Run],
        *,
        is_text: bool = True,
    ) -> None:
        """Add one row with ``left`` cut to what ``right``, at its end, leaves free.

        One that is no text is left out of selections.
        """
        margin = sum(cell_len(text) for text, _ in marks)
        room = max(0, min(self.width, MAX_HEADER_WIDTH) - margin - RIGHT_MARGIN)
        tail = runs_cells(right)
        if tail + 12 > room:
            right, tail = (), 0
        shown = crop_runs(left, room - tail - 2 if tail else room)
        used = runs_cells(shown)
        segments = [Segment(text, style) for text, style in shown if text]
        if tail:
            segments.append(Segment(" " * (room - tail - used), self.palette[Role.TEXT]))
            segments.extend(Segment(text, style) for text, style in right)
            used = room
        strip = self.strip(marks, segments, used)
        cells = TextCells(margin, used, starts_line=True) if is_text else NO_TEXT
        drawn.add(strip, 0, cells)


def _marks_cells(marks: Sequence[Mark], kept: int) -> int:
    """Return the width of the first of ``marks`` and the last ``kept`` - 1 of them."""
    return sum(cell_len(text) for text, _ in (marks[0], *marks[1:][1 - kept :]))
