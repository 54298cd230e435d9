"""What stands in a row of a review: pieces of text and how each looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from harn_tui.console.plain_text import one_line, revealed
from harn_tui.console.review.changes import Review, ReviewFile, ReviewHunk
from harn_tui.console.review.hunks import HunkLine
from harn_tui.console.review.rows import Place, ReviewRows, RowKind
from harn_tui.console.review.verdicts import HunkDecision, Verdict, Verdicts
from harn_tui.console.review.words import Spans, changed_words
from harn_tui.console.transcript.clean import TAB_WIDTH

MAX_CHARACTERS = 2000
"""Characters of a line that are drawn; the others are counted."""

_MARK = "▌"
_SIGN_LOOKS = {"+": "added", "-": "removed", " ": "plain"}


class Look(StrEnum):
    """How a piece is drawn; the values are parts of style names."""

    PLAIN = "plain"
    MUTED = "muted"
    MARK = "mark"
    FILE = "file"
    HUNK = "hunk"
    ADDED = "added"
    ADDED_WORD = "added-word"
    REMOVED = "removed"
    REMOVED_WORD = "removed-word"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    COMMENTED = "commented"


class Piece(NamedTuple):
    """Some text without anything in it that acts on a terminal."""

    text: str
    look: Look = Look.PLAIN


@dataclass(frozen=True, slots=True)
class Cell:
    """``width`` columns of a row: a fixed ``head``, a ``body`` that moves sideways, a ``tail``.

    What is free is filled with ``fill``; the tail keeps its place at the right.
    """

    width: int
    head: Sequence[Piece] = ()
    body: Sequence[Piece] = ()
    tail: Sequence[Piece] = ()
    fill: Look = Look.PLAIN


def draw_row(
    rows: ReviewRows, row: int, verdicts: Verdicts, current: int | None, width: int
) -> list[Cell]:
    """Return one row for ``width`` columns; ``current`` is the hunk that the keys act on."""
    place = rows.at(row)
    if place is None or place.kind is RowKind.BLANK:
        return [Cell(width)]
    mark = Piece(_MARK if place.hunk is not None and place.hunk == current else " ", Look.MARK)
    if place.kind is RowKind.FILE:
        return [_file_cell(rows.review, place.file, width)]
    if place.hunk is None or place.kind is RowKind.NOTE:
        return [Cell(width, [mark, Piece(f"  … {one_line(place.note)}", Look.MUTED)])]
    hunk = rows.review.hunks[place.hunk]
    if place.kind is RowKind.HUNK:
        return [_hunk_cell(place, hunk, verdicts.of(hunk.key), mark, width)]
    if rows.is_split:
        return _split_cells(hunk, place.number, mark, width)
    return [_unified_cell(hunk, place.number, mark, width)]


def verdict_words(verdict: Verdict) -> list[Piece]:
    """Return a verdict in words: sign, decision, the comment's first line, whether it was sent."""
    pieces: list[Piece] = []
    if verdict.decision is HunkDecision.ACCEPTED:
        pieces.append(Piece("✓ accepted", Look.ACCEPTED))
    elif verdict.decision is HunkDecision.REJECTED:
        pieces.append(Piece("✗ rejected", Look.REJECTED))
    if verdict.comment:
        first, *others = verdict.comment.split("\n")
        text = one_line(first)
        more = len(others) > 0 or len(text) > 40
        pieces.append(Piece(f"“{text[:40]}{'…' if more else ''}”", Look.COMMENTED))
    if verdict.is_sent:
        pieces.append(Piece("sent", Look.MUTED))
    spaced: list[Piece] = []
    for piece in pieces:
        spaced += [Piece(" ", Look.HUNK), piece] if spaced else [piece]
    return spaced


def _file_cell(review: Review, file: ReviewFile, width: int) -> Cell:
    tail = [Piece(f" +{file.added}", Look.ACCEPTED), Piece(f" -{file.removed} ", Look.REJECTED)]
    if len(review.files) > 1:
        place = review.files.index(file) + 1
        tail.append(Piece(f" file {place} of {len(review.files)} ", Look.MUTED))
    room = width - 4 - sum(len(piece.text) for piece in tail)
    path = one_line(file.path)
    if len(path) > room > 1:
        path = f"…{path[-(room - 1) :]}"
    return Cell(width, [Piece(f" {file.sign} {path}", Look.FILE)], tail=tail, fill=Look.FILE)


def _hunk_cell(place: Place, hunk: ReviewHunk, verdict: Verdict, mark: Piece, width: int) -> Cell:
    words = [hunk.range, f"hunk {hunk.place} of {len(place.file.hunks)}", one_line(hunk.tool_name)]
    if hunk.edits > 1:
        words.append(f"edit {hunk.edit} of {hunk.edits}")
    tail = verdict_words(verdict)
    head = [mark, Piece(f" {' · '.join(words)} ", Look.HUNK)]
    return Cell(width, head, tail=[*tail, Piece(" ", Look.HUNK)] if tail else [], fill=Look.HUNK)


def _digits(hunk: ReviewHunk) -> int:
    lines = hunk.hunk.lines
    return max(2, len(str(max((max(line.old, line.new) for line in lines[-2:]), default=0))))


def _unified_cell(hunk: ReviewHunk, number: int, mark: Piece, width: int) -> Cell:
    line = hunk.hunk.lines[number]
    digits = _digits(hunk)
    look = Look(_SIGN_LOOKS[line.sign])
    numbers = f"{line.old or '':>{digits}} {line.new or '':>{digits}} "
    head = [mark, Piece(numbers, Look.MUTED), Piece(f"{line.sign} ", look)]
    return Cell(width, head, _body(line, _spans(hunk, number)), fill=look)


def _split_cells(hunk: ReviewHunk, number: int, mark: Piece, width: int) -> list[Cell]:
    row = hunk.rows[number]
    left_width = (width - 1) // 2
    return [
        _side(hunk, row.left, [mark], left_width, is_old=True),
        _side(hunk, row.right, [Piece("│", Look.MUTED)], width - left_width, is_old=False),
    ]


def _side(
    hunk: ReviewHunk, place: int | None, head: list[Piece], width: int, *, is_old: bool
) -> Cell:
    if place is None:
        return Cell(width, head)
    line = hunk.hunk.lines[place]
    look = Look(_SIGN_LOOKS[line.sign])
    number = f"{(line.old if is_old else line.new) or '':>{_digits(hunk)}} "
    head = [*head, Piece(number, Look.MUTED), Piece(f"{line.sign} ", look)]
    return Cell(width, head, _body(line, _spans(hunk, place)), fill=look)


def _spans(hunk: ReviewHunk, place: int) -> Spans:
    """Return what to stress in a line: the words that differ from its other version."""
    lines = hunk.hunk.lines
    partner = hunk.partners.get(place)
    if partner is None:
        return ()
    if lines[place].sign == "-":
        return changed_words(lines[place].text, lines[partner].text)[0]
    return changed_words(lines[partner].text, lines[place].text)[1]


def _body(line: HunkLine, spans: Spans) -> list[Piece]:
    look = Look(_SIGN_LOOKS[line.sign])
    stressed = Look(f"{look}-word") if line.sign != " " else look
    pieces: list[Piece] = []
    column = position = 0
    text = line.text[:MAX_CHARACTERS]
    for start, end in (*spans, (len(text), len(text))):
        for part, part_look in ((text[position:start], look), (text[start:end], stressed)):
            if part:
                shown = _shown(part, column, is_change=part_look is not look)
                pieces.append(Piece(shown, part_look))
                column += len(shown)
        position = end
    if len(line.text) > MAX_CHARACTERS:
        hidden = len(line.text) - MAX_CHARACTERS
        pieces.append(Piece(f" … {hidden:,} more characters", Look.MUTED))
    if line.lacks_newline:
        pieces.append(Piece("  (no line end)", Look.MUTED))
    return pieces


def _shown(text: str, column: int, *, is_change: bool) -> str:
    """Return text fit for the terminal; blanks that are a change are shown as signs."""
    if is_change and text.isspace():
        text = text.replace(" ", "·").replace("\t", "→\t")
    pad = column % TAB_WIDTH
    return revealed((" " * pad + text).expandtabs(TAB_WIDTH)[pad:])
