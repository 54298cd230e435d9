"""Cut a Markdown text into pieces while it streams: a state machine over lines.

It follows the containers of CommonMark (quotes and list items, lazy lines included), fences and
GFM tables, and so knows when a piece cannot change any more. Whatever way the text is cut into
deltas, the pieces are the same. What a piece says is left to the Markdown engine.
"""

from __future__ import annotations

import copy

from harn_tui.console.transcript.markdown_containers import Container, Containers
from harn_tui.console.transcript.markdown_leaves import Fence, Leaf, Paragraph, TableRows
from harn_tui.console.transcript.markdown_lines import (
    expand_prefix,
    fence_start,
    is_heading,
    is_indented,
    is_rule,
    is_setext,
    link_references,
    list_marker,
    starts_block,
    table_alignments,
    without_quote,
)
from harn_tui.console.transcript.markdown_pieces import (
    MAX_LEAF_CHARS,
    Piece,
    PieceKind,
    Table,
)
from harn_tui.console.transcript.pending_line import PendingLine

MAX_CODE_CHARS = 2000
"""Longest line of code or of a table that is kept while it streams, in characters."""

MAX_DEPTH = 16
"""Quotes and lists inside of each other; what goes deeper is text."""


class MarkdownScanner:
    """Reads deltas and hands out closed pieces; ``tail`` shows what is still open."""

    def __init__(self) -> None:
        self.references: dict[str, str] = {}
        self._containers = Containers()
        self._leaf: Leaf | None = None
        self._pending = PendingLine()
        self._position = 0
        self._in_long_line = False
        self._out: list[Piece] = []

    def feed(self, text: str) -> list[Piece]:
        """Take the next delta; return the pieces that it closed. Costs O(len(text))."""
        self._out = []
        first, *others = text.split("\n")
        self._add_pending(first)
        for following in others:
            line = self._pending.take()
            self._take(line, len(line) + 1)
            self._add_pending(following)
        return self._out

    def tail(self) -> list[Piece]:
        """Return the pieces of what is not closed, as if the text ended here, marked as open.

        The scanner itself does not change.
        """
        if self._leaf is None and not self._pending.chars and not self._containers.has_fresh:
            return []
        pieces = self._fork().finish()
        for piece in pieces:
            piece.is_open = True
        return pieces

    def finish(self) -> list[Piece]:
        """End the text here and return the last pieces. Nothing may be fed afterwards."""
        self._out = []
        chars = self._pending.chars
        line = self._pending.take()
        if chars:
            self._take(line, chars)
            if isinstance(self._leaf, Fence):
                self._leaf.cut_chars = chars - len(line)
        self._pop_to(0)
        return self._out

    def _fork(self) -> MarkdownScanner:
        fork = copy.copy(self)
        fork.__dict__.update(
            references=self.references.copy(),
            _containers=self._containers.fork(),
            _leaf=self._leaf.fork() if self._leaf is not None else None,
            _pending=self._pending.shortened(MAX_LEAF_CHARS, MAX_CODE_CHARS),
        )
        return fork

    def _add_pending(self, text: str) -> None:
        self._pending.add(text)
        if self._pending.chars > MAX_LEAF_CHARS and not isinstance(self._leaf, Fence | TableRows):
            self._pending = PendingLine(self._split_long(self._pending.take()))

    def _split_long(self, line: str) -> str:
        """Close pieces of a very long line; return what remains of it."""
        while len(line) > MAX_LEAF_CHARS and not isinstance(self._leaf, Fence | TableRows):
            cut = _cut_before(line, MAX_LEAF_CHARS)
            self._take_part(line[:cut], cut)
            self._cut_paragraph()
            self._in_long_line = True
            line = line[cut:]
        return line

    def _take(self, line: str, size: int) -> None:
        """Take a whole line that spans ``size`` characters of the text."""
        rest = self._split_long(line)
        self._take_part(rest.removesuffix("\r"), size - len(line) + len(rest))
        self._in_long_line = False

    def _take_part(self, line: str, size: int) -> None:
        start = self._position
        self._position += size
        if self._in_long_line:
            self._continue_paragraph(line, start)
        else:
            self._line(line, start)

    def _line(self, line: str, start: int) -> None:
        if "\t" in line:
            line = expand_prefix(line)
        matched, rest = self._containers.match(line)
        if isinstance(self._leaf, Fence):
            if matched == len(self._containers):
                self._fence_line(rest)
                return
            self._close_leaf()
        if not rest.strip(" \t"):
            self._blank_line(matched)
            return
        if matched < len(self._containers):
            if self._is_lazy(rest):
                text = rest.lstrip(" ")
                # Outside of its containers this line underlines nothing.
                self._add_to_leaf(f"\\{text}" if is_setext(text) else text)
                return
            sibling = self._containers[matched]
            self._pop_to(matched)
        else:
            sibling = None
        self._begin(rest, start, sibling)

    def _is_lazy(self, rest: str) -> bool:
        return (
            isinstance(self._leaf, Paragraph)
            and not self._leaf.is_code
            and not starts_block(rest, in_paragraph=False)
        )

    def _blank_line(self, matched: int) -> None:
        self._close_leaf()
        self._containers.was_blank = True
        self._pop_to(self._containers.blank_line_ends(matched))

    def _begin(self, rest: str, start: int, sibling: Container | None) -> None:
        """Open the containers that ``rest`` begins with, then take up its text."""
        while rest.strip(" ") and len(self._containers) < MAX_DEPTH:
            in_paragraph = isinstance(self._leaf, Paragraph) and not self._leaf.is_code
            if is_indented(rest):
                break
            quoted = without_quote(rest)
            if quoted is not None:
                self._close_leaf()
                self._containers.open_quote()
                sibling = None
                rest = quoted
                continue
            marker = list_marker(rest)
            if marker is None or (in_paragraph and not starts_block(rest, in_paragraph=True)):
                break
            self._close_leaf()
            rest = self._containers.open_item(marker, sibling)
            sibling = None
        self._text(rest, start)

    def _text(self, rest: str, start: int) -> None:
        """Take up a line whose containers are all open."""
        if not rest.strip(" \t"):
            return
        leaf = self._leaf
        if isinstance(leaf, TableRows):
            if not is_indented(rest) and not starts_block(rest, in_paragraph=True):
                self._add_to_leaf(rest)
                return
            self._close_leaf()
        elif isinstance(leaf, Paragraph):
            if self._begin_table(leaf, rest):
                return
            if leaf.ends_with(rest):
                self._add_to_leaf(rest)
                self._close_leaf()
                return
            if not leaf.accepts(rest) or (
                not is_indented(rest) and starts_block(rest, in_paragraph=True)
            ):
                self._close_leaf()
        self._open_text(rest, start)

    def _open_text(self, rest: str, start: int) -> None:
        indented = is_indented(rest)
        fence = None if indented else fence_start(rest)
        if fence is not None:
            gap, margin = self._containers.place()
            self._leaf = Fence(fence, margin, gap, start, self._position)
            return
        if self._leaf is None:
            gap, margin = self._containers.place()
            self._leaf = Paragraph(margin, gap, start, self._position, is_code=indented)
        self._add_to_leaf(rest)
        if not indented and (is_heading(rest) or is_rule(rest)):
            self._close_leaf()

    def _begin_table(self, leaf: Paragraph, rest: str) -> bool:
        if leaf.is_code or is_indented(rest):
            return False
        header = leaf.lines[-1] if leaf.lines else ""
        alignments = table_alignments(header, rest)
        if alignments is None:
            return False
        leaf.lines.pop()
        gap, margin, start = leaf.gap, leaf.margin, leaf.start
        if leaf.lines:
            self._close_leaf()
            gap, margin = self._containers.place()
            start = leaf.end - len(header) - 1
        rows = TableRows(Table(alignments), margin, gap, start, self._position)
        self._leaf = rows
        rows.add(header, self._position)
        return True

    def _fence_line(self, rest: str) -> None:
        leaf = self._leaf
        if isinstance(leaf, Fence) and leaf.ends_with(rest):
            leaf.end = self._position
            self._close_leaf()
        else:
            self._add_to_leaf(rest)

    def _continue_paragraph(self, line: str, start: int) -> None:
        """Take up more of a line that was too long for one leaf."""
        if self._leaf is None:
            _, margin = self._containers.place()
            self._leaf = Paragraph(margin, 0, start, self._position)
        self._add_to_leaf(line)

    def _add_to_leaf(self, line: str) -> None:
        leaf = self._leaf
        if leaf is None or not leaf.add(line, self._position):
            return
        if isinstance(leaf, Paragraph):
            self._cut_paragraph()
        else:
            self._emit(leaf.flush())

    def _cut_paragraph(self) -> None:
        """Close the open paragraph, to go on with another one right below it."""
        leaf = self._leaf
        if isinstance(leaf, Paragraph) and leaf.lines:
            margin, at = leaf.margin.continued(), self._position
            self._close_leaf()
            self._leaf = Paragraph(margin, 0, at, at, is_code=leaf.is_code)

    def _pop_to(self, depth: int) -> None:
        self._close_leaf()
        if self._containers.is_fresh_from(depth):
            gap, margin = self._containers.place()
            at = self._position
            self._emit(Piece(PieceKind.LEAF, "", at, at, margin, gap))
        self._containers.truncate(depth)

    def _close_leaf(self) -> None:
        leaf, self._leaf = self._leaf, None
        if leaf is None or (isinstance(leaf, Paragraph) and not leaf.lines):
            return
        if isinstance(leaf, Paragraph):
            self.references.update(link_references("\n".join(leaf.lines)))
        self._emit(leaf.flush())

    def _emit(self, piece: Piece | None) -> None:
        if piece is not None:
            self._out.append(piece)


def _cut_before(line: str, limit: int) -> int:
    """Return where to cut a long line: after a sentence, else after a word, else at ``limit``."""
    half = limit // 2
    sentence = line.rfind(". ", half, limit)
    return sentence + 2 if sentence >= 0 else line.rfind(" ", half, limit) + 1 or limit
