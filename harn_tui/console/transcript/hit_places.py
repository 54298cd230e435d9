"""Where hits of a search stand among the drawn rows."""

from __future__ import annotations

import re
from typing import NamedTuple

from rich.cells import cell_len

from harn_tui.console.transcript.document import Document
from harn_tui.console.transcript.drawn_text import row_texts
from harn_tui.console.transcript.pen import Drawn
from harn_tui.console.transcript.search import Hit, Search
from harn_tui.view.model import AssistantBlock


class RowCells(NamedTuple):
    """Cells of a row, ``end`` exclusive."""

    row: int
    start: int
    end: int


class HitPlace(NamedTuple):
    """Which of the places found in the drawn text of a unit is the hit, and its row.

    ``number`` is ``None`` when the words of the hit are not drawn.
    """

    block: int
    unit: int
    row: int
    number: int | None


def found_cells(drawn: Drawn, pattern: re.Pattern[str]) -> list[list[RowCells]]:
    """Return the cells of everything that ``pattern`` finds in the drawn text of a unit.

    A place that is wrapped over several rows has cells in each of them.
    """
    text, starts = "", []
    rows = row_texts(drawn)
    for at, row in enumerate(rows):
        if at:
            text += "\n" if row.starts_line else " " * max(0, row.start - rows[at - 1].end)
        starts.append(len(text))
        text += row.text
    found = []
    for match in pattern.finditer(text):
        cells = []
        for row, start in zip(rows, starts, strict=True):
            first, last = match.start() - start, match.end() - start
            if first < len(row.text) and last > 0:
                left = drawn.cells[row.row].left
                before = left + cell_len(row.text[: max(0, first)])
                cells.append(RowCells(row.row, before, left + cell_len(row.text[:last])))
        found.append(cells)
    return found


def place_of(document: Document, search: Search, hit: Hit) -> HitPlace:
    """Return where a hit is drawn. Its block should be open: what is folded has no rows."""
    if not document.open(hit.block).units:
        # The block was voided after it was looked at.
        return HitPlace(hit.block, 0, 0, None)
    unit, number = _unit_of(document, search, hit)
    drawn = document.drawn(hit.block, unit)
    found = found_cells(drawn, search.pattern)
    if not found:
        return HitPlace(hit.block, unit, document.open(hit.block).units[unit].gap, None)
    number = min(number, len(found) - 1)
    row = found[number][0].row if found[number] else 0
    return HitPlace(hit.block, unit, row, number)


def _unit_of(document: Document, search: Search, hit: Hit) -> tuple[int, int]:
    """Return the unit that holds a hit, and which one of the unit's hits it is, from 0."""
    opened = document.open(hit.block)
    if isinstance(opened.block, AssistantBlock):
        text = opened.block.text
        for number, unit in enumerate(opened.units):
            if unit.start <= hit.start < unit.end:
                return number, _count(search.pattern, text[unit.start : hit.start])
        return 0, 0
    counts = [_count(search.pattern, unit.searched) for unit in opened.units]
    # What the units below do not say stands in the first row, or nowhere.
    left = search.number_in_block(hit) - (search.count_in_block(hit.block) - sum(counts))
    if left < 0:
        return 0, search.number_in_block(hit)
    for number, count in enumerate(counts):
        if left < count:
            return number, left
        left -= count
    return 0, 0


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text)) if text else 0
