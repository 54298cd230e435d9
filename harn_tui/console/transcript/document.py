"""All blocks of a session as rows: heights of every block, units of those that were needed."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Collection, Sequence
from functools import partial

from harn_tui.console.transcript.block_bodies import (
    can_fold,
    estimate_rows,
    gap_between,
    has_rows,
    is_growing,
    is_hidden,
    make_body,
)
from harn_tui.console.transcript.folds import Folds
from harn_tui.console.transcript.height_index import HeightIndex
from harn_tui.console.transcript.parallel_calls import calls_of_reply, first_of_reply
from harn_tui.console.transcript.pen import MAX_PROSE_WIDTH, RIGHT_MARGIN, Drawn, Pen
from harn_tui.console.transcript.raw_body import RawBody
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.strip_cache import StripCache
from harn_tui.console.transcript.text_units import NoteUnit
from harn_tui.console.transcript.tool_body import ToolBody, ToolHeader
from harn_tui.console.transcript.unit import Body, Unit
from harn_tui.kinds import ToolCallStatus
from harn_tui.view.model import Block, ToolBlock

log = logging.getLogger(__name__)

MAX_OPENED = 200
"""Blocks whose units are kept."""

MAX_UNITS = 20_000
"""Units that are kept in all, unless one block alone has more."""


class OpenedBlock:
    """A block that was cut into units, and the heights of these."""

    __slots__ = ("block", "body", "heights")

    def __init__(self, block: Block, body: Body) -> None:
        self.block = block
        self.body = body
        self.heights = HeightIndex()

    @property
    def units(self) -> list[Unit]:
        """The units, in order."""
        return self.body.units


class Document:
    """Knows the height of each block, estimated until it was laid out, and draws units.

    Nothing here depends on what is visible; ``drawn`` is the only place where text is laid out.
    """

    def __init__(self, pen: Pen) -> None:
        self.pen = pen
        self.blocks: Sequence[Block] = ()
        self.heights = HeightIndex()
        self.folds = Folds()
        self.raw: set[int] = set()
        """Blocks that are shown as they came."""
        self.shows_time = False
        self.cache = StripCache()
        self._opened: OrderedDict[int, OpenedBlock] = OrderedDict()
        self._unit_count = 0

    def attach(self, blocks: Sequence[Block]) -> None:
        """Show other blocks. Estimates all heights; lays nothing out."""
        self.blocks = blocks
        self.folds = Folds(self.folds.tools)
        self.raw = set()
        self._forget()
        self.heights = HeightIndex(
            [self._estimate(index, block) for index, block in enumerate(blocks)]
        )

    def update(self, changed: Collection[int]) -> None:
        """Take up changed blocks and new ones at the end."""
        known = len(self.heights)
        for index in range(known, len(self.blocks)):
            self.heights.append(self._estimate(index, self.blocks[index]))
        for index in changed:
            if 0 <= index < len(self.blocks):
                self._update_block(index, is_new=index >= known)

    def open(self, index: int) -> OpenedBlock:
        """Return the block cut into units; cuts it when that was not done or was forgotten."""
        opened = self._opened.get(index)
        if opened is None or opened.block is not self.blocks[index]:
            block = self.blocks[index]
            opened = OpenedBlock(block, self._make_body(index, block))
            self._opened[index] = opened
            self._refresh(index, opened)
            self._forget_oldest()
        else:
            self._opened.move_to_end(index)
        return opened

    def drawn(self, index: int, unit_index: int) -> Drawn:
        """Return a unit laid out, and correct the heights by what came out."""
        return self.drawn_in(self.open(index), index, unit_index)

    def drawn_in(self, opened: OpenedBlock, index: int, unit_index: int) -> Drawn:
        """Return a unit of the opened block ``index``, as ``drawn``."""
        unit = opened.units[unit_index]
        drawn = self.cache.get(unit)
        if drawn is None:
            drawn = self._draw(unit)
            self.cache.put(unit, drawn)
        if opened.heights[unit_index] != len(drawn.strips):
            delta = opened.heights.set(unit_index, len(drawn.strips))
            self.heights.set(index, self.heights[index] + delta)
        return drawn

    def _draw(self, unit: Unit) -> Drawn:
        self.pen.draws += 1
        try:
            return unit.draw(self.pen)
        except Exception:  # boundary: text that cannot be drawn hides no other
            log.exception("unit not drawn kind=%s", type(unit).__name__)
            note = NoteUnit("this part could not be drawn", role=Role.ERROR, gap=unit.gap)
            return note.draw(self.pen)

    def position(self, index: int, unit_index: int) -> int:
        """Return the row where a unit begins, by what is known of the heights above it."""
        return self.heights.offset(index) + self.open(index).heights.offset(unit_index)

    def toggle_fold(self, index: int) -> bool:
        """Fold or open one block; return whether anything changed."""
        block = self.blocks[index]
        if not can_fold(block):
            return False
        self.folds.choose(index, is_folded=not self.folds.is_folded(index, block))
        self._renew(index)
        return True

    def peek(self, index: int | None) -> None:
        """Open one block for the while, and fold the one that was open so."""
        before = self.folds.peeked
        if before == index:
            return
        self.folds.peeked = index
        for changed in (before, index):
            if changed is not None and changed < len(self.blocks):
                self._renew(changed)

    def toggle_raw(self, index: int) -> bool:
        """Show a block as it came, or drawn again; false while it still grows."""
        block = self.blocks[index]
        if is_growing(block):
            return False
        self.raw ^= {index}
        self._renew(index)
        return True

    def choose_tool(self, name: str, *, is_folded: bool) -> None:
        """Fold or open all calls of a tool, those to come too. Estimates all heights again."""
        self.folds.choose_tool(name, is_folded=is_folded)
        self.folds.forget(
            [
                index
                for index, block in enumerate(self.blocks)
                if isinstance(block, ToolBlock) and block.tool_name == name
            ]
        )
        self.restart()

    def toggle_all(self) -> None:
        """Fold or open all blocks. Estimates the height of each again."""
        self.folds.toggle_all()
        self.restart()

    def restart(self) -> None:
        """Cut everything again when it is needed, with new estimates of all heights."""
        self._forget()
        estimates = [self._estimate(index, block) for index, block in enumerate(self.blocks)]
        self.heights = HeightIndex(estimates)

    def redraw(self) -> None:
        """Forget all drawings, for another width or theme; heights stay as estimates."""
        self.cache.clear()

    def tick(self, indices: Collection[int]) -> None:
        """Have the running durations of these blocks drawn again."""
        for index in indices:
            block = self.blocks[index]
            if not isinstance(block, ToolBlock) or block.status.is_terminal:
                continue
            if block.waiting_since_ms is None and block.status is ToolCallStatus.PENDING:
                continue
            for at in {index, first_of_reply(self.blocks, index)}:
                opened = self._opened.get(at)
                if opened and opened.units and isinstance(opened.units[0], ToolHeader):
                    opened.units[0].revision += 1

    def _make_body(self, index: int, block: Block) -> Body:
        if index in self.raw:
            return RawBody(block)
        is_folded = self.folds.is_folded(index, block)
        beside = partial(calls_of_reply, self.blocks, index)
        return make_body(block, is_folded=is_folded, shows_time=self.shows_time, beside=beside)

    def _update_block(self, index: int, *, is_new: bool) -> None:
        block = self.blocks[index]
        if isinstance(block, ToolBlock):
            self._update_first_of_reply(index)
        opened = self._opened.get(index)
        if opened is not None and opened.block is block:
            self._opened.move_to_end(index)
            self._refresh(index, opened)
        elif is_growing(block):
            self.open(index)
        elif not is_new:
            self.heights.set(index, self._estimate(index, block))
        if is_hidden(block):
            self._renew(index)
            self._set_gap_below(index)

    def _update_first_of_reply(self, index: int) -> None:
        """Bring the row up to date that the first call of a reply has about all of them."""
        first = first_of_reply(self.blocks, index)
        opened = self._opened.get(first)
        if first == index or opened is None or opened.block is not self.blocks[first]:
            return
        header = opened.body.renew_header() if isinstance(opened.body, ToolBody) else None
        if header is not None:
            delta = opened.heights.set(0, header.estimate(self._text_width()))
            self.heights.set(first, self.heights[first] + delta)

    def _refresh(self, index: int, opened: OpenedBlock) -> None:
        """Bring units and heights of an opened block up to date."""
        if is_hidden(opened.block):
            opened.body.units, first = [], 0
        else:
            first = opened.body.update()
        units, heights = opened.units, opened.heights
        if first == 0 and units:
            units[0].gap = self._gap(index)
        self._unit_count += len(units) - len(heights)
        first = min(first, len(heights))
        heights.truncate(first)
        width = self._text_width()
        for unit in units[first:]:
            heights.append(unit.estimate(width))
        self.heights.set(index, heights.total)

    def _renew(self, index: int) -> None:
        """Drop the units of a block; they are cut again when needed."""
        opened = self._opened.pop(index, None)
        if opened is not None:
            self._unit_count -= len(opened.units)
        self.heights.set(index, self._estimate(index, self.blocks[index]))

    def _set_gap_below(self, index: int) -> None:
        below = next(
            (at for at in range(index + 1, len(self.blocks)) if not is_hidden(self.blocks[at])),
            None,
        )
        if below is not None:
            self._renew(below)

    def _gap(self, index: int) -> int:
        above = (self.blocks[at] for at in range(index - 1, -1, -1))
        return gap_between(next(filter(has_rows, above), None), self.blocks[index])

    def _estimate(self, index: int, block: Block) -> int:
        if is_hidden(block):
            return 0
        is_folded = self.folds.is_folded(index, block)
        return estimate_rows(block, self._text_width(), is_folded=is_folded)

    def _text_width(self) -> int:
        return max(8, min(MAX_PROSE_WIDTH, self.pen.width - 3 - RIGHT_MARGIN))

    def _forget(self) -> None:
        self._opened.clear()
        self._unit_count = 0
        self.cache.clear()

    def _forget_oldest(self) -> None:
        while len(self._opened) > 1 and (
            len(self._opened) > MAX_OPENED or self._unit_count > MAX_UNITS
        ):
            _, oldest = self._opened.popitem(last=False)
            self._unit_count -= len(oldest.units)
