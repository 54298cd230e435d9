"""Reads a unified diff of one file into its hunks, forgiving what is cut off or odd.

The diffs come from tools, built-in ones and others, and may be only the beginning of a change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

MAX_HUNK_LINES = 1000
"""Lines of one hunk that are shown; the others are counted."""

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_NO_NEWLINE = "\\"


class HunkLine(NamedTuple):
    """A line with its sign (blank, ``+`` or ``-``) and its numbers; 0 where it does not exist.

    ``lacks_newline`` when it ends the file without a line end.
    """

    sign: str
    text: str
    old: int
    new: int
    lacks_newline: bool = False


@dataclass(frozen=True, slots=True)
class Hunk:
    """One change: ``lines`` from ``old_start`` and ``new_start`` on.

    ``old_count`` and ``new_count`` are counted, over the ``hidden`` lines at its end too, which
    are not in ``lines``. A start is 0 when the file has no line on that side.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[HunkLine, ...]
    hidden: int = 0

    @property
    def added(self) -> list[HunkLine]:
        """The lines that are new."""
        return [line for line in self.lines if line.sign == "+"]

    @property
    def removed(self) -> list[HunkLine]:
        """The lines that are gone."""
        return [line for line in self.lines if line.sign == "-"]


def parse_hunks(diff: str) -> list[Hunk]:
    """Return the hunks of ``diff`` in their order; what belongs to none is left out."""
    # Only these are line ends of a diff; form feeds and the like are text.
    lines = diff.removesuffix("\n").split("\n")
    hunks: list[Hunk] = []
    position = 0
    while position < len(lines):
        header = _HUNK.match(lines[position])
        position += 1
        if header is not None:
            reader = _HunkReader(header)
            position = reader.read(lines, position)
            if reader.lines:
                hunks.append(reader.hunk())
    return hunks


class _HunkReader:
    """Takes the lines that a header announces."""

    def __init__(self, header: re.Match[str]) -> None:
        old_start, old_count, new_start, new_count = header.groups()
        self._old_start, self._new_start = int(old_start), int(new_start)
        self._old_left = 1 if old_count is None else int(old_count)
        self._new_left = 1 if new_count is None else int(new_count)
        self._old, self._new = self._old_start, self._new_start
        self.lines: list[HunkLine] = []

    def read(self, lines: list[str], position: int) -> int:
        """Take lines from ``position`` on; return the position of the first that is not taken."""
        while position < len(lines):
            line = lines[position]
            if line.startswith(_NO_NEWLINE) and self.lines:
                self.lines[-1] = self.lines[-1]._replace(lacks_newline=True)
            elif not self._take(line[:1] or " ", line[1:]):
                break
            position += 1
        return position

    def _take(self, sign: str, text: str) -> bool:
        if sign not in " +-" or (sign != "+" and not self._old_left):
            return False
        if sign != "-" and not self._new_left:
            return False
        old, new = self._old, self._new
        self.lines.append(
            HunkLine(sign, text, 0 if sign == "+" else old, 0 if sign == "-" else new)
        )
        if sign != "+":
            self._old, self._old_left = old + 1, self._old_left - 1
        if sign != "-":
            self._new, self._new_left = new + 1, self._new_left - 1
        return True

    def hunk(self) -> Hunk:
        """Return what was taken."""
        shown = self.lines[:MAX_HUNK_LINES]
        if all(line.text.endswith("\r") for line in self.lines):
            shown = [line._replace(text=line.text[:-1]) for line in shown]
        return Hunk(
            self._old_start,
            self._old - self._old_start,
            self._new_start,
            self._new - self._new_start,
            tuple(shown),
            len(self.lines) - len(shown),
        )
