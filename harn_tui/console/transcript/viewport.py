"""The window on the document: which rows are in view, and what keeps them in place.

The place of the reader is a unit and a row inside of it, never a number of rows from the top:
heights above may be corrected, blocks may grow, and the first visible row stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from textual.strip import Strip

from harn_tui.console.transcript.document import Document


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
        self._anchor_offset = 0

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
        if screenful.spots:
            self._anchor = screenful.spots[0]
        else:
            self._anchor = _TOP
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
        """Put the first row of a block, below its gap, at the top."""
        self.follow = False
        units = self.document.open(block).units
        self._anchor = Spot(block, 0, units[0].gap if units else 0)

    def to_end(self) -> None:
        """Show the end and follow it."""
        self.follow = True

    def keep_place(self) -> None:
        """Find the first visible row again after the width changed: same text at the top."""
        if self.follow or not self._has_unit(self._anchor):
            return
        block, unit, row = self._anchor
        gap = self.document.open(block).units[unit].gap
        if row < gap:
            return
        offsets = self.document.drawn(block, unit).offsets
        while gap + 1 < len(offsets) and offsets[gap + 1] <= self._anchor_offset:
            gap += 1
        self._anchor = Spot(block, unit, gap)

    def block_was_renewed(self, block: int) -> None:
        """Hold on to the first row of a block whose units were replaced under the reader."""
        if self._anchor.block == block and self._anchor.unit > 0 and not self.follow:
            self.jump_to(block)

    def _remember(self) -> None:
        block, unit, row = self._anchor
        if self._has_unit(self._anchor):
            offsets = self.document.drawn(block, unit).offsets
            self._anchor_offset = offsets[row] if row < len(offsets) else 0

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
        spot = self._normalized(self._anchor)
        self.has_more_below = False
        while spot is not None:
            block, unit, row = spot
            strips = self.document.drawn(block, unit).strips
            room = self.height - len(screenful.strips)
            taken = strips[row : row + room]
            screenful.strips += taken
            screenful.spots += [Spot(block, unit, row + at) for at in range(len(taken))]
            if row + len(taken) < len(strips):
                self.has_more_below = True
                return screenful
            spot = self._next(block, unit)
            if len(screenful.strips) >= self.height:
                self.has_more_below = spot is not None
                return screenful
        return screenful

    def _backward(self) -> Screenful:
        pieces: list[tuple[int, int, list[Strip]]] = []
        rows = 0
        spot = self._previous(len(self.document.blocks), 0)
        while spot is not None and rows < self.height:
            strips = self.document.drawn(spot.block, spot.unit).strips
            pieces.append((spot.block, spot.unit, strips))
            rows += len(strips)
            spot = self._previous(spot.block, spot.unit)
        screenful = Screenful()
        skipped = max(0, rows - self.height)
        for block, unit, strips in reversed(pieces):
            screenful.strips += strips[skipped:]
            screenful.spots += [Spot(block, unit, row) for row in range(skipped, len(strips))]
            skipped = max(0, skipped - len(strips))
        return screenful

    def _next(self, block: int, unit: int) -> Spot | None:
        """Return the first row of the next unit that has rows."""
        document = self.document
        unit += 1
        while block < len(document.blocks):
            units = document.open(block).units
            while unit < len(units):
                if document.drawn(block, unit).strips:
                    return Spot(block, unit, 0)
                unit += 1
            block, unit = block + 1, 0
        return None

    def _previous(self, block: int, unit: int) -> Spot | None:
        """Return the first row of the unit before, ``None`` at the start."""
        unit -= 1
        while True:
            if unit >= 0:
                if self.document.drawn(block, unit).strips:
                    return Spot(block, unit, 0)
                unit -= 1
                continue
            block -= 1
            if block < 0:
                return None
            unit = len(self.document.open(block).units) - 1

    def _move_up(self, rows: int) -> None:
        spot = self._normalized(self._anchor) or self._previous(len(self.document.blocks), 0)
        if spot is None:
            return
        block, unit, row = spot
        row -= rows
        while row < 0:
            above = self._previous(block, unit)
            if above is None:
                row = 0
                break
            block, unit, _ = above
            row += len(self.document.drawn(block, unit).strips)
        self._anchor = Spot(block, unit, row)

    def _move_down(self, rows: int) -> None:
        spot = self._normalized(self._anchor)
        while spot is not None:
            block, unit, row = spot
            height = len(self.document.drawn(block, unit).strips)
            if row + rows < height:
                self._anchor = Spot(block, unit, row + rows)
                return
            rows -= height - row
            spot = self._next(block, unit)
        self.follow = True
