"""The open leaf of a Markdown text: what the next line may still add to."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TypeAlias

from harn_tui.console.transcript.markdown_lines import (
    FenceStart,
    closes_fence,
    is_indented,
    is_setext,
    table_cells,
)
from harn_tui.console.transcript.markdown_pieces import (
    CODE_LINES,
    MAX_LEAF_CHARS,
    MAX_LEAF_LINES,
    TABLE_ROWS,
    Piece,
    PieceKind,
    Table,
)
from harn_tui.console.transcript.pen import Margin


@dataclass(slots=True)
class Paragraph:
    """Lines of a paragraph, a heading, a rule or indented code, to be parsed together."""

    margin: Margin
    gap: int
    start: int
    end: int
    is_code: bool = False
    lines: list[str] = field(default_factory=list)
    chars: int = 0

    def add(self, line: str, end: int) -> bool:
        """Take a line up; return whether the leaf is full."""
        self.lines.append(line)
        self.chars += len(line) + 1
        self.end = end
        return self.chars > MAX_LEAF_CHARS or len(self.lines) >= MAX_LEAF_LINES

    def accepts(self, line: str) -> bool:
        """Whether a line that begins no block belongs to this leaf."""
        return not self.is_code or is_indented(line)

    def ends_with(self, line: str) -> bool:
        """Whether ``line`` makes this a heading."""
        return not self.is_code and is_setext(line)

    def flush(self) -> Piece | None:
        """Return the piece that the lines make."""
        source = "\n".join(self.lines)
        return Piece(PieceKind.LEAF, source, self.start, self.end, self.margin, self.gap)

    def fork(self) -> Paragraph:
        """Return a copy that can be changed alone."""
        clone = copy.copy(self)
        clone.lines = list(self.lines)
        return clone


@dataclass(slots=True)
class Fence:
    """A fence that was not closed: its lines since the last piece."""

    fence: FenceStart
    margin: Margin
    gap: int
    start: int
    end: int
    lines: list[str] = field(default_factory=list)
    context: str = ""
    cut_chars: int = 0
    pieces: int = 0

    def add(self, line: str, end: int) -> bool:
        """Take a line up; return whether a piece is complete."""
        indent = self.fence.indent
        blank = len(line) - len(line.lstrip(" ")) if indent else 0
        self.lines.append(line[min(indent, blank) :])
        self.end = end
        return len(self.lines) >= CODE_LINES

    def ends_with(self, line: str) -> bool:
        """Whether ``line`` is the closing fence."""
        return closes_fence(line, self.fence)

    def flush(self) -> Piece | None:
        """Return the next piece; a fence without lines still makes one."""
        if not self.lines and self.pieces:
            return None
        source = "\n".join(self.lines)
        piece = Piece(
            PieceKind.CODE,
            source,
            self.start,
            self.end,
            self.margin,
            self.gap,
            language=self.fence.language,
            context=self.context,
            cut_chars=self.cut_chars,
        )
        self.pieces += 1
        self.context, self.lines, self.start, self.gap = source, [], self.end, 0
        self.margin = self.margin.continued()
        return piece

    def fork(self) -> Fence:
        """Return a copy that can be changed alone."""
        clone = copy.copy(self)
        clone.lines = list(self.lines)
        return clone


@dataclass(slots=True)
class TableRows:
    """A table that was not ended: its rows since the last piece."""

    table: Table
    margin: Margin
    gap: int
    start: int
    end: int
    lines: list[str] = field(default_factory=list)
    pieces: int = 0
    is_fork: bool = False
    has_open_row: bool = False

    def add(self, line: str, end: int) -> bool:
        """Take a row up; return whether a piece is complete."""
        self.lines.append(line)
        self.end = end
        if self.is_fork:
            self.table.measure_open(table_cells(line))
            self.has_open_row = True
        else:
            self.table.measure(table_cells(line))
        return len(self.lines) >= TABLE_ROWS

    def flush(self) -> Piece | None:
        """Return the next piece, ``None`` when there are no rows."""
        if not self.has_open_row:
            self.table.measure_open([])
        if not self.lines:
            return None
        piece = Piece(
            PieceKind.TABLE,
            "\n".join(self.lines),
            self.start,
            self.end,
            self.margin,
            self.gap,
            table=self.table,
            has_header=not self.pieces,
        )
        self.pieces += 1
        self.lines, self.start, self.gap = [], self.end, 0
        self.margin = self.margin.continued()
        return piece

    def fork(self) -> TableRows:
        """Return a copy whose rows widen the columns only until the next rows come."""
        clone = copy.copy(self)
        clone.lines = list(self.lines)
        clone.is_fork = True
        return clone


Leaf: TypeAlias = Paragraph | Fence | TableRows
