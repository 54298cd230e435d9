"""The text of drawn rows: what stands in them beside the margin, with wrapped lines whole again.

A place in it is an offset into the unit's drawn text; it stays the same at every width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from harn_tui.console.transcript.pen import Drawn


class RowText(NamedTuple):
    """The text of one row and its place in the drawn text of its unit."""

    row: int
    text: str
    start: int
    starts_line: bool

    @property
    def end(self) -> int:
        """The offset after the last character."""
        return self.start + len(self.text)


def row_text(drawn: Drawn, row: int) -> str:
    """Return the text in a row, without margin and padding; nothing of a blank row."""
    left, width, _ = drawn.cells[row]
    if width <= 0:
        return ""
    return drawn.strips[row].crop(left, left + width).text


def row_texts(drawn: Drawn) -> list[RowText]:
    """Return the rows that have text of their own, blank lines of the text among them."""
    return [
        RowText(row, row_text(drawn, row), drawn.offsets[row], cells.starts_line)
        for row, cells in enumerate(drawn.cells)
        if cells.width >= 0
    ]


def offset_at(drawn: Drawn, row: int, x: int) -> int:
    """Return the offset of the character in cell ``x`` of a row, or of the nearest one."""
    left = drawn.cells[row].left
    text = row_text(drawn, row)
    offset = drawn.offsets[row] + _characters(text, x - left)
    following = next(
        (
            drawn.offsets[below]
            for below in range(row + 1, len(drawn.cells))
            if drawn.cells[below].starts_line and drawn.cells[below].width >= 0
        ),
        None,
    )
    # Cells side by side can be longer than the line that they come from.
    return offset if following is None else max(drawn.offsets[row], min(offset, following - 1))


def cells_between(drawn: Drawn, row: int, start: int, end: int) -> tuple[int, int] | None:
    """Return the cells of a row, first and last exclusive, that hold offsets ``start`` to ``end``.

    ``None`` when there are none. An empty line takes one cell, so that it is seen to be within.
    """
    left, width, _ = drawn.cells[row]
    if width < 0:
        return None
    text, offset = row_text(drawn, row), drawn.offsets[row]
    if not text:
        return (left, left + 1) if start <= offset < end else None
    first, last = max(0, start - offset), min(len(text), end - offset)
    if first >= last:
        return None
    return left + cell_len(text[:first]), left + cell_len(text[:last])


def text_between(drawn: Drawn, start: int, end: int) -> str:
    """Return the drawn text from ``start`` to ``end``: lines whole, nothing of the margins."""
    parts: list[str] = []
    before: RowText | None = None
    for row in row_texts(drawn):
        if row.end < start or row.start > end or (row.start == end and row.text):
            continue
        if before is not None:
            parts.append("\n" if row.starts_line else " " * max(0, row.start - before.end))
        parts.append(row.text[max(0, start - row.start) : max(0, end - row.start)])
        before = row
    return "".join(parts)


def lines_between(
    drawn: Drawn, lines: Sequence[str], start: int, end: int, *, are_whole: bool = False
) -> str:
    """Return what ``lines``, drawn one after another, have from ``start`` to ``end``.

    A line that is selected whole comes as it is in ``lines``: tabs kept, no length limit. With
    ``are_whole`` a line of which anything is selected comes whole.
    """
    groups: list[list[RowText]] = []
    for row in row_texts(drawn):
        if row.starts_line or not groups:
            groups.append([])
        groups[-1].append(row)
    parts: list[str] = []
    for line, rows in zip(lines, groups, strict=False):
        first, last = rows[0].start, max(row.end for row in rows)
        if last < start or first > end or (first == end and last > first):
            continue
        if are_whole or (start <= first and end >= last):
            parts.append(line)
        else:
            parts.append(text_between(drawn, max(start, first), min(end, last)))
    return "\n".join(parts)


def _characters(text: str, cells: int) -> int:
    """Return how many characters of ``text`` stand in its first ``cells`` cells."""
    if cells <= 0:
        return 0
    if text.isascii():
        return min(cells, len(text))
    count = used = 0
    for count, character in enumerate(text):
        used += cell_len(character)
        if used > cells:
            return count
    return len(text)
