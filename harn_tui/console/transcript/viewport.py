"""The window on the document: which rows are in view, and what keeps them in place.

The place of the reader is a unit and a row inside of it, never a number of rows from the top:
heights above may be corrected, blocks may grow, and the first visible row stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from textual.strip import Strip

from harn_tui.console.transcript.document import Document
from harn_tui.console.transcript.pen import Drawn


class Spot(NamedTuple):
    """The origin of a visible row: block, unit of the block, row of the unit."""

    block: int
    unit: int
    row: int


_TOP = Spot(0, 0, 0)


@dataclass(slots=True)
class Screenful:
    """The visible rows from the top, fewer than the window's height when there are no more."""

    strips: list[Strip] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)


class Viewport:
    """Walks the document row by row from the reader's place.

    While ``follow`` is set the end of the document is in view, and rows are found by walking
    backwards from it.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.height = 0
        self.follow = True
        self.has_more_below = False
        self._anchor = _TOP
        self.anchor_offset = 0
        """Where in its unit's text the first visible row begins."""

    @property
    def anchor(self) -> Spot:
        """Where the first visible row comes from."""
        return self._anchor

    @property
    def top_row(self) -> int:
        """Number of the first visible row, by what is known of the heights above it."""
        block, unit, row = self._anchor
        if block >= len(self.document.blocks):
            return 0
        return self.document.position(block, unit) + row

    def compose(self) -> Screenful:
        """Lay out what is in view. Reaching the end of the document turns ``follow`` on."""
        screenful = Screenful()
        if not self.follow:
            screenful = self._forward()
            if len(screenful.strips) < self.height or not self.has_more_below:
                self.follow = True
        if self.follow:
            screenful = self._backward()
            self.has_more_below = False
        self._anchor = screenful.spots[0] if screenful.spots else _TOP
        self._remember()
        return screenful

    def scroll(self, rows: int) -> None:
        """Move by ``rows``, up when negative. Lays out what is passed."""
        if rows < 0:
            self.follow = False
            self._move_up(-rows)
        elif not self.follow:
            self._move_down(rows)

    def scroll_to_row(self, row: int) -> None:
        """Put a row, by number, at the top: exact only where heights are."""
        document = self.document
        block, inside = document.heights.find(row)
        if block >= len(document.blocks):
            self.follow = True
            return
        unit, rest = document.open(block).heights.find(inside)
        self.follow = False
        self._anchor = Spot(block, unit, rest)

    def jump_to(self, block: int) -> None:
        """Put the first row of a block, below its gap, at the top; the end where none is."""
        if block >= len(self.document.blocks):
            self.follow = True
            return
        self.follow = False
        units = self.document.open(block).units
        self._anchor = Spot(block, 0, units[0].gap if units else 0)

    def to_end(self) -> None:
        """Show the end and follow it."""
        self.follow = True

    def reset(self) -> None:
        """Show the end of other blocks and follow it."""
        self.follow, self.has_more_below = True, False
        self._anchor, self.anchor_offset = _TOP, 0

    def return_to(self, anchor: Spot, *, follow: bool, offset: int | None = None) -> None:
        """Go back to a place that was in view before, with ``offset`` perhaps at another width."""
        self.follow, self._anchor = follow, anchor
        if offset is not None:
            self.anchor_offset = offset
            self.keep_place()

    def show_spot(self, spot: Spot) -> None:
        """Put a row in the upper part of the window."""
        self.follow = False
        self._anchor = spot
        self.scroll(-(self.height // 3))

    def show_block(self, block: int, *, from_above: bool) -> None:
        """Bring a block into view, moving as little as its height allows."""
        rows = self._rows_of(block)
        self.jump_to(block)
        if from_above and rows < self.height:
            self.scroll(rows - self.height)

    def keep_place(self) -> None:
        """Find the first visible row again after the width changed: same text at the top."""
        if self.follow or not self._has_unit(self._anchor):
            return
        block, unit, row = self._anchor
        gap = self.document.open(block).units[unit].gap
        if row < gap:
            return
        offsets = self.document.drawn(block, unit).offsets
        while gap + 1 < len(offsets) and offsets[gap + 1] <= self.anchor_offset:
            gap += 1
        self._anchor = Spot(block, unit, gap)

    def block_was_renewed(self, block: int) -> None:
        """Hold on to the first row of a block whose units were replaced under the reader."""
        if self._anchor.block == block and self._anchor.unit > 0 and not self.follow:
            self.jump_to(block)

    def _rows_of(self, block: int) -> int:
        """Return the rows of a block below its gap, not counting on when they fill the window."""
        opened = self.document.open(block)
        rows = -opened.units[0].gap if opened.units else 0
        for unit in range(len(opened.units)):
            if rows >= self.height:
                break
            rows += len(self.document.drawn_in(opened, block, unit).strips)
        return rows

    def _remember(self) -> None:
        block, unit, row = self._anchor
        if self._has_unit(self._anchor):
            offsets = self.document.drawn(block, unit).offsets
            self.anchor_offset = offsets[row] if row < len(offsets) else 0

    def _has_unit(self, spot: Spot) -> bool:
        document = self.document
        return spot.block < len(document.blocks) and spot.unit < len(
            document.open(spot.block).units
        )

    def _normalized(self, spot: Spot) -> Spot | None:
        """Return ``spot`` moved to an existing row at or after it, ``None`` past the end."""
        document = self.document
        block, unit, row = spot
        while block < len(document.blocks):
            units = document.open(block).units
            if unit < len(units):
                rows = len(document.drawn(block, unit).strips)
                if rows:
                    return Spot(block, unit, min(row, rows - 1))
                unit, row = unit + 1, 0
            elif units and unit:
                # The block lost units: stay at what is now its end.
                last = len(units) - 1
                rows = len(document.drawn(block, last).strips)
                return Spot(block, last, max(0, rows - 1))
            else:
                block, unit, row = block + 1, 0, 0
        return None

    def _forward(self) -> Screenful:
        screenful = Screenful()
        start = self._normalized(self._anchor)
        self.has_more_below = False
        if start is None:
            return screenful
        row = start.row
        for block, unit, drawn in self.units_from(start.block, start.unit):
            if len(screenful.strips) >= self.height:
                self.has_more_below = True
                break
            taken = drawn.strips[row : row + self.height - len(screenful.strips)]
            screenful.strips += taken
            screenful.spots += [Spot(block, unit, row + at) for at in range(len(taken))]
            if row + len(taken) < len(drawn.strips):
                self.has_more_below = True
                break
            row = 0
        return screenful

    def _backward(self) -> Screenful:
        pieces: list[tuple[int, int, list[Strip]]] = []
        rows = 0
        for block, unit, drawn in self.units_before(len(self.document.blocks), 0):
            pieces.append((block, unit, drawn.strips))
            rows += len(drawn.strips)
            if rows >= self.height:
                break
        screenful = Screenful()
        skipped = max(0, rows - self.height)
        for block, unit, strips in reversed(pieces):
            screenful.strips += strips[skipped:] if skipped else strips
            screenful.spots += [Spot(block, unit, row) for row in range(skipped, len(strips))]
            skipped = 0
        return screenful

    def units_from(self, block: int, unit: int) -> Iterator[tuple[int, int, Drawn]]:
        """Yield the units that have rows from a unit on, downwards."""
        document = self.document
        while block < len(document.blocks):
            opened = document.open(block)
            while unit < len(opened.units):
                drawn = document.drawn_in(opened, block, unit)
                if drawn.strips:
                    yield block, unit, drawn
                unit += 1
            block, unit = block + 1, 0

    def units_before(self, block: int, unit: int) -> Iterator[tuple[int, int, Drawn]]:
        """Yield the units that have rows before a unit, upwards."""
        document = self.document
        opened = document.open(block) if unit else None
        while True:
            if opened is not None:
                while unit:
                    unit -= 1
                    drawn = document.drawn_in(opened, block, unit)
                    if drawn.strips:
                        yield block, unit, drawn
            block -= 1
            if block < 0:
                return
            opened = document.open(block)
            unit = len(opened.units)

    def _move_up(self, rows: int) -> None:
        spot = self._normalized(self._anchor) or Spot(len(self.document.blocks), 0, 0)
        block, unit, row = spot
        row -= rows
        if row < 0:
            for above, above_unit, drawn in self.units_before(block, unit):
                block, unit = above, above_unit
                row += len(drawn.strips)
                if row >= 0:
                    break
        self._anchor = Spot(block, unit, max(0, row))

    def _move_down(self, rows: int) -> None:
        spot = self._normalized(self._anchor)
        if spot is not None:
            rows += spot.row
            for block, unit, drawn in self.units_from(spot.block, spot.unit):
                if rows < len(drawn.strips):
                    self._anchor = Spot(block, unit, rows)
                    return
                rows -= len(drawn.strips)
        self.follow = True
