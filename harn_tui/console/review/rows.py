"""The rows of a review from top to bottom, found by number without drawing any other."""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum
from typing import NamedTuple

from harn_tui.console.review.changes import Review, ReviewFile, ReviewHunk


class RowKind(Enum):
    """What a row shows."""

    FILE = "file"
    NOTE = "note"
    HUNK = "hunk"
    LINE = "line"
    BLANK = "blank"


class Place(NamedTuple):
    """What a row is. ``number`` is the line or row within the hunk, or the note of the file.

    ``hunk`` is the place of the hunk in the review, ``None`` outside of hunks.
    """

    kind: RowKind
    file: ReviewFile
    hunk: int | None = None
    number: int = 0
    note: str = ""


class _Section(NamedTuple):
    """Rows that belong together; ``hunk`` is ``None`` for the rows of a file's heading."""

    file: ReviewFile
    hunk: int | None


class ReviewRows:
    """Lays a review out, unified or side by side."""

    def __init__(self, review: Review, *, is_split: bool) -> None:
        self.review = review
        self.is_split = is_split
        self._sections: list[_Section] = []
        self._starts: list[int] = []
        self._hunk_starts: list[int] = []
        self.count = 0
        number = 0
        for file in review.files:
            self._add(_Section(file, None), 1 + len(file.notes))
            for hunk in file.hunks:
                self._hunk_starts.append(self.count)
                self._add(_Section(file, number), self._height(hunk))
                number += 1

    def _add(self, section: _Section, height: int) -> None:
        self._sections.append(section)
        self._starts.append(self.count)
        # Below a heading without hunks, and below every hunk, a row is free.
        has_blank = section.hunk is not None or not section.file.hunks
        self.count += height + has_blank

    def _lines(self, hunk: ReviewHunk) -> int:
        return len(hunk.rows) if self.is_split else len(hunk.hunk.lines)

    def _height(self, hunk: ReviewHunk) -> int:
        return 1 + self._lines(hunk) + bool(hunk.hunk.hidden)

    def span(self, hunk: int) -> tuple[int, int]:
        """Return the first row of a hunk and how many it has."""
        return self._hunk_starts[hunk], self._height(self.review.hunks[hunk])

    def hunk_from(self, row: int) -> int | None:
        """Return the first hunk that has a row at ``row`` or below; ``None`` after the last."""
        for index in range(max(0, bisect_right(self._starts, row) - 1), len(self._sections)):
            hunk = self._sections[index].hunk
            if hunk is not None and sum(self.span(hunk)) > row:
                return hunk
        return None

    def at(self, row: int) -> Place | None:
        """Return what a row is; ``None`` below the last."""
        if not 0 <= row < self.count:
            return None
        index = bisect_right(self._starts, row) - 1
        file, hunk_number = self._sections[index]
        offset = row - self._starts[index]
        if hunk_number is None:
            if offset == 0:
                return Place(RowKind.FILE, file)
            if offset <= len(file.notes):
                return Place(RowKind.NOTE, file, note=file.notes[offset - 1])
            return Place(RowKind.BLANK, file)
        hunk = self.review.hunks[hunk_number]
        if offset == 0:
            return Place(RowKind.HUNK, file, hunk_number)
        if offset <= self._lines(hunk):
            return Place(RowKind.LINE, file, hunk_number, offset - 1)
        if offset < self._height(hunk):
            note = f"{hunk.hunk.hidden:,} more lines of this hunk are not shown"
            return Place(RowKind.NOTE, file, hunk_number, note=note)
        return Place(RowKind.BLANK, file)
