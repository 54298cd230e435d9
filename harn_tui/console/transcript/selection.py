"""What a person marked, with the mouse or with keys, across blocks; and what a copy of it is.

The ends are offsets into drawn text, not rows and columns: they stay at every width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harn_tui.console.transcript.block_bodies import gap_between, has_rows
from harn_tui.console.transcript.block_source import shown_source
from harn_tui.console.transcript.code_lines import original_lines
from harn_tui.console.transcript.document import Document
from harn_tui.console.transcript.drawn_text import cells_between, lines_between, row_texts
from harn_tui.console.transcript.markdown_table import TableUnit
from harn_tui.console.transcript.markdown_units import CodeUnit, LeafUnit
from harn_tui.console.transcript.pen import Drawn
from harn_tui.console.transcript.unit import Unit
from harn_tui.view.model import AssistantBlock, Block

END = 1 << 40
"""As a unit or an offset: after everything that is there, or comes."""

_SOURCED = (LeafUnit, CodeUnit, TableUnit)
"""Units whose ``start`` and ``end`` are places in the text of an ``AssistantBlock``."""


class Place(NamedTuple):
    """A place between two characters: block, unit of the block, offset in its drawn text."""

    block: int
    unit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Selection:
    """From ``anchor``, where it began, to ``head``, which moves; either may come first."""

    anchor: Place
    head: Place

    @property
    def start(self) -> Place:
        """The first of the two ends."""
        return min(self.anchor, self.head)

    @property
    def end(self) -> Place:
        """The last of the two ends."""
        return max(self.anchor, self.head)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        return self.anchor == self.head

    def within(self, block: int, unit: int) -> tuple[int, int] | None:
        """Return the offsets of a unit that are selected, ``None`` when none are."""
        start, end = self.start, self.end
        if not (start.block, start.unit) <= (block, unit) <= (end.block, end.unit):
            return None
        first = start.offset if (start.block, start.unit) == (block, unit) else 0
        last = end.offset if (end.block, end.unit) == (block, unit) else END
        return first, last

    def cells(self, unit: Unit, drawn: Drawn, spot: tuple[int, int, int]) -> tuple[int, int] | None:
        """Return the selected cells of a row, ``None`` when none are."""
        block, number, row = spot
        span = self.within(block, number)
        if span is None:
            return None
        if isinstance(unit, TableUnit):
            left, width, _ = drawn.cells[row]
            is_in = width >= 0 and span[0] <= drawn.offsets[row] < span[1]
            return (left, left + width) if is_in else None
        return cells_between(drawn, row, *span)


def whole_blocks(first: int, last: int) -> Selection:
    """Return the selection of all blocks from ``first`` to ``last``, in either order."""
    if first <= last:
        return Selection(Place(first, 0, 0), Place(last, END, 0))
    return Selection(Place(first, END, 0), Place(last, 0, 0))


def selected_text(document: Document, selection: Selection) -> str:
    """Return what a copy of the selection is: sources, no wraps, no margins, no signs of ours.

    Blocks that are selected whole give their source, of folded ones the row that is in view;
    of others what is selected whole gives its source, and the rest the words as they are drawn.
    """
    start, end = selection.start, selection.end
    text, above = "", None
    for index in range(start.block, min(end.block + 1, len(document.blocks))):
        block = document.blocks[index]
        if not has_rows(block):
            continue
        if _is_whole(document, index, selection):
            part = shown_source(block, is_folded=document.folds.is_folded(index, block))
        else:
            part = _part_of(document, index, selection)
        part = part.strip("\n") if start.block != end.block else part
        if part:
            text += _glue(above, block) + part if text else part
            above = block
    return text


def _glue(above: Block | None, block: Block) -> str:
    return "\n\n" if gap_between(above, block) else "\n"


def _is_whole(document: Document, index: int, selection: Selection) -> bool:
    start, end = selection.start, selection.end
    if index > start.block and index < end.block:
        return True
    starts = index > start.block or (start.unit, start.offset) == (0, 0)
    return starts and (index < end.block or end.unit >= len(document.open(index).units))


def _part_of(document: Document, index: int, selection: Selection) -> str:
    opened = document.open(index)
    spans = [
        (number, unit, span)
        for number, unit in enumerate(opened.units)
        if (span := selection.within(index, number)) is not None
    ]
    if not all(unit.is_remark for _, unit, _ in spans):
        spans = [found for found in spans if not found[1].is_remark]
    source = opened.block.text if isinstance(opened.block, AssistantBlock) else ""
    # Of a fence alone people want the code; with text around it, the Markdown.
    is_code = all(isinstance(unit, CodeUnit) for _, unit, _ in spans)
    text, end = "", 0
    whole: list[Unit] = []
    for number, unit, (first, last) in spans:
        drawn = document.drawn(index, number)
        is_sourced = bool(source) and isinstance(unit, _SOURCED) and not is_code
        if is_sourced and first <= 0 and last >= _drawn_end(drawn):
            whole.append(unit)
            continue
        if whole:
            text += _glue_within(source, end, whole[0]) + _source_of(source, whole)
            end, whole = whole[-1].end, []
        if is_sourced:
            text += _glue_within(source, end, unit)
            end = unit.end
        if source and isinstance(unit, CodeUnit):
            copied = lines_between(drawn, original_lines(unit.piece, source), first, last)
        else:
            copied = unit.copied(drawn, first, last)
        text += f"{copied}\n"
    if whole:
        text += _glue_within(source, end, whole[0]) + _source_of(source, whole)
    return text.removesuffix("\n")


def _source_of(source: str, units: Sequence[Unit]) -> str:
    """Return the source of neighbours, with all that stands between them."""
    return source[min(unit.start for unit in units) : max(unit.end for unit in units)]


def _glue_within(source: str, end: int, unit: Unit) -> str:
    """Return the blank lines between what was copied up to ``end`` and a unit."""
    between = source[end : unit.start] if end else ""
    return between if not between.strip() else "\n"


def _drawn_end(drawn: Drawn) -> int:
    return max((row.end for row in row_texts(drawn)), default=0)
