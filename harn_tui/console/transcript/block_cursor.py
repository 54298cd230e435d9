"""The block that the keys act on while a person browses."""

from __future__ import annotations

from harn_tui.console.transcript.block_bodies import has_rows
from harn_tui.console.transcript.document import Document
from harn_tui.console.transcript.viewport import Screenful, Viewport


class BlockCursor:
    """Stands on one block that has rows; ``None`` when there is none."""

    def __init__(self, document: Document, viewport: Viewport) -> None:
        self._document = document
        self._viewport = viewport
        self.block: int | None = None

    def enter(self, screenful: Screenful) -> None:
        """Stand on the last block in view, unless the block of before is in view."""
        if not self._is_in_view(screenful):
            self.block = _visible(screenful, last=True)

    def move(self, step: int, screenful: Screenful) -> None:
        """Go to the next block above or below; back into view when the window has moved on."""
        if self.block is None or not self._is_in_view(screenful):
            self.block = _visible(screenful, last=step < 0)
            return
        index = self.block + step
        while 0 <= index < len(self._document.blocks):
            if has_rows(self._document.blocks[index]):
                self.go_to(index, screenful)
                return
            index += step

    def go_to(self, block: int, screenful: Screenful) -> None:
        """Stand on a block and bring it into view."""
        from_above = self.block is None or block >= self.block
        self.block = block
        if not _is_whole(block, screenful, self._document):
            self._viewport.show_block(block, from_above=from_above)

    def go_to_end(self, *, is_first: bool) -> None:
        """Stand on the first or the last block of all, the window with it."""
        blocks = self._document.blocks
        order = range(len(blocks)) if is_first else range(len(blocks) - 1, -1, -1)
        self.block = next((index for index in order if has_rows(blocks[index])), None)
        if self.block is None:
            return
        if is_first:
            self._viewport.jump_to(0)
        else:
            self._viewport.to_end()

    def _is_in_view(self, screenful: Screenful) -> bool:
        return any(spot.block == self.block for spot in screenful.spots)


def _visible(screenful: Screenful, *, last: bool) -> int | None:
    if not screenful.spots:
        return None
    return screenful.spots[-1 if last else 0].block


def _is_whole(block: int, screenful: Screenful, document: Document) -> bool:
    """Whether all rows of a block are in view, but for the gap above it."""
    spots = [spot for spot in screenful.spots if spot.block == block]
    if not spots:
        return False
    opened = document.open(block)
    last = len(opened.units) - 1
    gap = opened.units[0].gap
    starts = spots[0].unit == 0 and spots[0].row <= gap
    return (
        starts
        and spots[-1].unit == last
        and (spots[-1].row == len(document.drawn(block, last).strips) - 1)
    )
