"""How the rows of a Markdown table are drawn: columns that fit the width, cells that wrap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from rich.segment import Segment

from harn_tui.console.transcript.clean import clean_line
from harn_tui.console.transcript.drawn_text import lines_between
from harn_tui.console.transcript.engines import Span
from harn_tui.console.transcript.inline_runs import styled_runs
from harn_tui.console.transcript.markdown_lines import table_cells
from harn_tui.console.transcript.markdown_pieces import MAX_CELL_CHARS, Piece, Table
from harn_tui.console.transcript.pen import Drawn, Margin, Pen
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.unit import Unit
from harn_tui.console.transcript.wrap import Row, wrap_runs

_SEPARATOR = " │ "
_MIN_COLUMN = 4

MAX_ROW_CHARS = 2000
"""Characters of a row that are drawn when its columns do not fit side by side."""


class TableUnit(Unit):
    """Some rows of a table; the first ones with its header."""

    __slots__ = ("margin", "piece", "references", "table")

    def __init__(self, piece: Piece, margin: Margin, references: Mapping[str, str]) -> None:
        super().__init__(gap=piece.gap, start=piece.start, end=piece.end)
        self.piece = piece
        self.margin = margin + piece.margin
        self.references = references
        self.table = piece.table or Table(())

    @property
    def version(self) -> int:
        """Changes when a column of the table grew."""
        return self.revision + self.table.changes

    def estimate(self, width: int) -> int:
        """Return about how many rows it takes, gap included."""
        rows = 1 + self.piece.source.count("\n")
        wrapped = max(1, -(-sum(self.table.widths) // max(1, width)))
        return self.gap + rows * wrapped + self.piece.has_header

    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""
        drawn = Drawn()
        margin = pen.fitted(self.margin)
        pen.gap(drawn, self.gap, margin)
        room = pen.text_width(margin)
        columns = fit_columns(self.table.widths, room, len(_SEPARATOR))
        if sum(columns) + len(_SEPARATOR) * (len(columns) - 1) > room:
            self._draw_source(pen, drawn, margin)
            return drawn
        base = 0
        for number, line in enumerate(self.piece.source.split("\n")):
            is_header = number == 0 and self.piece.has_header
            cells = self._cells(pen, line, columns, is_header=is_header)
            for row in self._rows(pen, cells, columns):
                pen.add(drawn, [row], margin, base=base)
                margin = margin.continued()
            if is_header:
                rule = "─┼─".join("─" * width for width in columns)
                segment = Segment(rule, pen.palette[Role.RULE])
                pen.add(drawn, [Row([segment], len(rule), 0, starts_line=False)], margin, base=base)
            base += len(line) + 1
        return drawn

    def copied(self, drawn: Drawn, start: int, end: int) -> str:
        """Return the source of all rows of which something is selected."""
        return lines_between(drawn, self.piece.source.split("\n"), start, end, are_whole=True)

    def _draw_source(self, pen: Pen, drawn: Drawn, margin: Margin) -> None:
        """Draw the source: for a table with more columns than fit side by side."""
        room, base = pen.text_width(margin), 0
        for line in self.piece.source.split("\n"):
            runs = [(clean_line(line[:MAX_ROW_CHARS]), pen.palette[Role.TEXT])]
            if len(line) > MAX_ROW_CHARS:
                note = f" … {len(line) - MAX_ROW_CHARS:,} more characters"
                runs.append((note, pen.palette[Role.FAINT]))
            pen.add_line(drawn, runs, margin, room, base=base)
            margin = margin.continued()
            base += len(line) + 1

    def _cells(
        self, pen: Pen, line: str, columns: Sequence[int], *, is_header: bool
    ) -> list[list[Row]]:
        engine = pen.engines.markdown
        role = Role.TABLE_HEADER if is_header else Role.TEXT
        cells = table_cells(line)
        wrapped: list[list[Row]] = []
        for column, width in enumerate(columns):
            cell = cells[column] if column < len(cells) else ""
            source = cell[:MAX_CELL_CHARS]
            spans = engine.parse_inline(source, self.references) if engine else [Span(source)]
            runs = styled_runs(pen, spans, role)
            if len(cell) > MAX_CELL_CHARS:
                note = f" … {len(cell) - MAX_CELL_CHARS:,} more characters"
                runs.append((note, pen.palette[Role.FAINT]))
            wrapped.append(wrap_runs(runs, width))
        return wrapped

    def _rows(self, pen: Pen, cells: list[list[Row]], columns: Sequence[int]) -> list[Row]:
        """Put the wrapped cells of one table row side by side."""
        palette = pen.palette
        bar = Segment(_SEPARATOR, palette[Role.RULE])
        alignments = self.table.alignments
        total = sum(columns) + len(_SEPARATOR) * (len(columns) - 1)
        rows: list[Row] = []
        for parts in zip_longest(*cells):
            segments: list[Segment] = []
            for column, (part, width) in enumerate(zip(parts, columns, strict=True)):
                if column:
                    segments.append(bar)
                free = width - (part.cells if part else 0)
                before = _free_before(alignments[column], free)
                if before:
                    segments.append(Segment(" " * before, palette[Role.TEXT]))
                if part:
                    segments.extend(part.segments)
                if free - before:
                    segments.append(Segment(" " * (free - before), palette[Role.TEXT]))
            rows.append(Row(segments, total, 0, starts_line=not rows))
        return rows


def fit_columns(widths: Sequence[int], room: int, separator: int) -> list[int]:
    """Return column widths that fit in ``room`` cells: wide columns give way to narrow ones."""
    columns = [max(1, width) for width in widths]
    room -= separator * (len(columns) - 1)
    if sum(columns) <= room:
        return columns
    left, pending = room, sorted(range(len(columns)), key=lambda column: columns[column])
    fitted = list(columns)
    while pending:
        share = max(_MIN_COLUMN, left // len(pending))
        column = pending.pop(0)
        fitted[column] = min(columns[column], share)
        left -= fitted[column]
    return fitted


def _free_before(alignment: str, free: int) -> int:
    if alignment == "right":
        return free
    return free // 2 if alignment == "center" else 0
