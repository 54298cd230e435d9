"""How the pieces of a Markdown text are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harn_tui.console.transcript.clean import clean_line
from harn_tui.console.transcript.drawn_text import lines_between
from harn_tui.console.transcript.engines import Element, ElementKind, Span
from harn_tui.console.transcript.inline_runs import styled_runs
from harn_tui.console.transcript.markdown_pieces import MAX_LEAF_CHARS, Piece, PieceKind
from harn_tui.console.transcript.markdown_scan import MAX_CODE_CHARS
from harn_tui.console.transcript.markdown_table import TableUnit
from harn_tui.console.transcript.palette import UNDERLINE
from harn_tui.console.transcript.pen import Drawn, Margin, Pen
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.unit import Unit

MAX_DRAWN_CHARS = 4 * MAX_LEAF_CHARS
"""Characters of one leaf that are drawn. Only text that falls out of a fence can have more."""


def unit_of(
    piece: Piece, margin: Margin, references: Mapping[str, str], role: Role = Role.TEXT
) -> Unit:
    """Return the unit that draws ``piece`` right of ``margin``, its prose in ``role``."""
    if piece.kind is PieceKind.CODE:
        return CodeUnit(piece, margin)
    if piece.kind is PieceKind.TABLE:
        return TableUnit(piece, margin, references)
    is_quote = any(mark is Role.QUOTE_MARK for _, mark in piece.margin.rest)
    return LeafUnit(piece, margin, references, Role.QUOTE if is_quote else role)


class LeafUnit(Unit):
    """A paragraph, heading, rule or indented code."""

    __slots__ = ("margin", "piece", "references", "role")

    def __init__(
        self, piece: Piece, margin: Margin, references: Mapping[str, str], role: Role
    ) -> None:
        super().__init__(gap=piece.gap, start=piece.start, end=piece.end)
        self.piece = piece
        self.margin = margin + piece.margin
        self.references = references
        self.role = role

    def estimate(self, width: int) -> int:
        """Return about how many rows it takes, gap included."""
        source = self.piece.source
        return self.gap + 1 + source.count("\n") + len(source) // max(1, width)

    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""
        drawn = Drawn()
        margin = pen.fitted(self.margin)
        pen.gap(drawn, self.gap, margin)
        base = 0
        for number, element in enumerate(self._elements(pen)):
            pen.gap(drawn, 1 if number else 0)
            self._draw_element(pen, drawn, element, margin, base)
            base += sum(len(span.text) for span in element.spans) + 1
            margin = margin.continued()
        return drawn

    def _elements(self, pen: Pen) -> list[Element]:
        source = self.piece.source
        if not source:
            return [Element(ElementKind.PARAGRAPH)]
        hidden = len(source) - MAX_DRAWN_CHARS
        if hidden > 0:
            source = f"{source[:MAX_DRAWN_CHARS]} … {hidden:,} more characters"
        engine = pen.engines.markdown
        if engine is None:
            return [Element(ElementKind.PARAGRAPH, (Span(source),))]
        return engine.parse_leaf(source, self.references)

    def _draw_element(
        self, pen: Pen, drawn: Drawn, element: Element, margin: Margin, base: int
    ) -> None:
        if element.kind is ElementKind.RULE:
            rule = "─" * pen.text_width(margin, is_prose=True)
            pen.add_runs(drawn, [(rule, pen.palette[Role.RULE])], margin, base=base)
        elif element.kind is ElementKind.VERBATIM:
            lines = "".join(span.text for span in element.spans).split("\n")
            code = [[(clean_line(line, reveal=True), Role.CODE)] for line in lines]
            draw_code(pen, drawn, code, margin, base)
        else:
            role = self.role
            if element.kind is ElementKind.HEADING:
                role = Role.HEADING if element.level <= 2 else Role.SUBHEADING
            extra = UNDERLINE if element.kind is ElementKind.HEADING and element.level == 1 else 0
            runs = styled_runs(pen, element.spans, role, extra)
            pen.add_runs(drawn, runs, margin, base=base)


class CodeUnit(Unit):
    """Some lines of a fence."""

    __slots__ = ("margin", "piece")

    def __init__(self, piece: Piece, margin: Margin) -> None:
        super().__init__(gap=piece.gap, start=piece.start, end=piece.end)
        self.piece = piece
        self.margin = margin + piece.margin

    def estimate(self, width: int) -> int:
        """Return about how many rows it takes, gap included."""
        source = self.piece.source
        return self.gap + 1 + source.count("\n") + min(len(source), 30_000) // max(1, width * 2)

    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""
        drawn = Drawn()
        margin = pen.fitted(self.margin)
        pen.gap(drawn, self.gap, margin)
        piece = self.piece
        raw = piece.source.split("\n")
        lines = [clean_line(line[:MAX_CODE_CHARS], reveal=True) for line in raw]
        coloured = self._coloured(pen, lines)
        for number, line in enumerate(raw):
            left = len(line) - MAX_CODE_CHARS
            if number == len(raw) - 1 and piece.cut_chars:
                left = max(0, left) + piece.cut_chars
            if left > 0:
                note = (f" … {left:,} more characters", Role.CODE_NOTE)
                coloured[number] = [*coloured[number], note]
        draw_code(pen, drawn, coloured, margin)
        return drawn

    def copied(self, drawn: Drawn, start: int, end: int) -> str:
        """Return the lines of code as they came."""
        return lines_between(drawn, self.piece.source.split("\n"), start, end)

    def _coloured(self, pen: Pen, lines: list[str]) -> list[Sequence[tuple[str, Role]]]:
        engine, piece = pen.engines.syntax, self.piece
        plain: list[Sequence[tuple[str, Role]]] = [[(line, Role.CODE)] for line in lines]
        if engine is None or not piece.language:
            return plain
        if piece.is_open:
            # The last line may be half of one; each of the others is coloured once.
            whole = [engine.colour_line(piece.language, line) for line in lines[:-1]]
            return [*(line or plain[n] for n, line in enumerate(whole)), plain[-1]]
        context = "\n".join(
            [clean_line(line[:MAX_CODE_CHARS], reveal=True) for line in piece.context.split("\n")]
        )
        found = engine.colour_lines(piece.language, "\n".join(lines), context)
        return plain if found is None else list(found)


def draw_code(
    pen: Pen,
    drawn: Drawn,
    lines: Iterable[Sequence[tuple[str, Role]]],
    margin: Margin,
    base: int = 0,
) -> None:
    """Draw lines of code on their own background; ``base`` is added to their offsets."""
    inner = margin + Margin(((" ", Role.CODE),), ((" ", Role.CODE),))
    width = pen.text_width(inner) - 1
    palette = pen.palette
    for number, line in enumerate(lines):
        runs = [(text, palette[role]) for text, role in line]
        first = inner if number == 0 else inner.continued()
        pen.add_line(drawn, runs, first, width, base=base, fill=Role.CODE)
        base += sum([len(text) for text, _ in line]) + 1
