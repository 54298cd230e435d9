"""How a selection comes about: with the mouse, block by block, or row by row."""

from __future__ import annotations

from harn_tui.console.transcript.block_cursor import BlockCursor
from harn_tui.console.transcript.drawn_text import RowText, offset_at, row_texts
from harn_tui.console.transcript.scene import Scene
from harn_tui.console.transcript.selection import Place, Selection, selected_text, whole_blocks


class Selecting:
    """Holds the selection of one transcript; ``is_on`` while moving the cursor selects."""

    def __init__(self, scene: Scene, cursor: BlockCursor) -> None:
        self._scene = scene
        self._cursor = cursor
        self._selects_from: int | None = None
        self.selection: Selection | None = None

    @property
    def is_on(self) -> bool:
        """Whether moving the cursor selects."""
        return self._selects_from is not None

    def toggle(self) -> None:
        """Begin to select, with the block of the cursor; or end it."""
        if self._selects_from is None:
            self._selects_from = self._cursor.block
            self.follow_cursor()
        else:
            self._selects_from = self.selection = None
        self._scene.redraw()

    def extend(self, step: int) -> None:
        """Move the end of the selection by a row; without one, begin at the cursor's block."""
        head = self.selection.head if self.selection else self._first_place(step)
        if head is None:
            return
        anchor = self.selection.anchor if self.selection else head
        moved = self._row_below(head) if step > 0 else self._row_above(head)
        if moved is None:
            return
        self._selects_from = anchor.block
        self.selection = Selection(anchor, moved)
        self._cursor.block = moved.block
        self._scene.redraw()

    def drop(self) -> bool:
        """End selecting; false when nothing was selected."""
        had = self.selection is not None or self._selects_from is not None
        self._selects_from = self.selection = None
        if had:
            self._scene.redraw()
        return had

    def forget(self) -> None:
        """End selecting, and draw nothing."""
        self._selects_from = self.selection = None

    def select(self, anchor: Place, head: Place) -> None:
        """Select from one place to another."""
        selection = Selection(anchor, head)
        self.selection = None if selection.is_empty else selection
        self._scene.redraw()

    def text(self) -> str:
        """Return what a copy of the selection is; nothing without one."""
        return selected_text(self._scene.document, self.selection) if self.selection else ""

    def place_at(self, x: int, y: int) -> Place | None:
        """Return the place at a cell of the window, or the nearest one in view."""
        spots = self._scene.screenful.spots
        if not spots:
            return None
        if y >= len(spots):
            y, x = len(spots) - 1, 1 << 20
        spot = spots[max(0, y)]
        drawn = self._scene.document.drawn(spot.block, spot.unit)
        row = min(spot.row, len(drawn.strips) - 1)
        return Place(spot.block, spot.unit, offset_at(drawn, row, x if y >= 0 else 0))

    def follow_cursor(self) -> None:
        """While selecting, select all blocks up to the cursor."""
        if self._selects_from is not None and self._cursor.block is not None:
            self.selection = whole_blocks(self._selects_from, self._cursor.block)

    def _first_place(self, step: int) -> Place | None:
        block = self._cursor.block
        if block is None:
            return None
        edge = whole_blocks(block, block)
        return edge.start if step > 0 else edge.end

    def _row_below(self, place: Place) -> Place | None:
        for block, unit, drawn in self._scene.viewport.units_from(place.block, place.unit):
            for row in row_texts(drawn):
                found = Place(block, unit, row.end)
                if found > place and _has_text(row):
                    return found
        return None

    def _row_above(self, place: Place) -> Place | None:
        units = self._scene.document.open(place.block).units
        following = min(place.unit, len(units) - 1) + 1
        for block, unit, drawn in self._scene.viewport.units_before(place.block, following):
            for row in reversed(row_texts(drawn)):
                found = Place(block, unit, row.start)
                if found < place and _has_text(row):
                    return found
        return None


def _has_text(row: RowText) -> bool:
    return bool(row.text.strip())
