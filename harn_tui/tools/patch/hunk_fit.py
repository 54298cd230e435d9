"""Puts the hunks of a patch into the text of one file.

The lines of a hunk must be in the file as they are; only where they stand may differ from the
line numbers. Line ends count as equal whether LF or CRLF, and added lines get those of the file.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from harn_tui.errors import ToolError
from harn_tui.tools.patch.unified_diff import Hunk

_MOST_PLACES = 1000
_SHOWN_AROUND = 3
_LONGEST_SHOWN_LINE = 160


@dataclass(frozen=True, slots=True)
class PatchedText:
    """The new text; ``shifts`` are by how many lines each hunk stood elsewhere."""

    text: str
    shifts: tuple[int, ...]


def apply_hunks(text: str, hunks: Sequence[Hunk], shown: str) -> PatchedText:
    """Return ``text`` with all ``hunks`` applied. Raises ToolError that says which does not fit."""
    lines = _split(text)
    places = _Places(lines)
    line_end = _line_end_of_added(text, hunks)
    result: list[str] = []
    done = shift = 0
    shifts = []
    for number, hunk in enumerate(hunks, 1):
        written = hunk.old_start - 1 if hunk.old else hunk.old_start
        place = places.nearest(hunk, written + shift, done)
        if place is None:
            where = f"{shown}: hunk {number} of {len(hunks)} (`{hunk.header}`)"
            raise _misfit(where, hunk, places, written + shift)
        shift = place - written
        shifts.append(shift)
        result += lines[done:place]
        done = place
        for sign, line in hunk.lines:
            if sign == "+":
                result.append(_with_line_end(line, line_end))
                continue
            if sign == " ":
                result.append(lines[done])
            done += 1
    result += lines[done:]
    _refuse_inner_end(result, shown)
    return PatchedText("".join(result), tuple(shifts))


class _Places:
    """Finds lines in a text without regard to CR, in time that stays linear."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = [_plain(line) for line in lines]
        # A line end in front makes every match begin at the start of a line.
        self.text = "\n" + "".join(self.lines)
        self._starts = list(accumulate(map(len, self.lines), initial=0))

    def nearest(self, hunk: Hunk, expected: int, least: int) -> int | None:
        """Return the index of the line where ``hunk`` fits, nearest to ``expected``.

        ``None`` when it fits nowhere from line ``least`` on. Without old lines it fits where it
        says, at the start of a line.
        """
        wanted = [_plain(line) for line in hunk.old]
        if not wanted:
            is_there = least <= expected <= len(self.lines)
            return expected if is_there and self._is_line_start(expected) else None
        needle = "\n" + "".join(wanted)
        if expected >= least and self._fits(needle, expected):
            return expected
        if not needle.endswith("\n"):
            # A line without a line end is the last one of the file, never the start of another.
            start = len(self.text) - len(needle)
            is_end = start >= self._starts[least] and self.text.endswith(needle)
            return bisect_left(self._starts, start) if is_end else None
        return self._nearest_start(needle, max(least, min(expected, len(self.lines))), least)

    def _nearest_start(self, needle: str, middle: int, least: int) -> int | None:
        """Return the line nearest to ``middle``, not before ``least``, where ``needle`` starts."""
        starts, centre = self._starts, self._starts[middle]
        before = self.text.rfind(needle, starts[least], max(0, centre - 1 + len(needle)))
        distance = len(self.lines) if before < 0 else middle - bisect_left(starts, before)
        last = starts[min(len(self.lines), middle + distance)]
        after = self.text.find(needle, centre, last + len(needle))
        if after < 0:
            return None if before < 0 else middle - distance
        place = bisect_left(starts, after)
        return middle - distance if before >= 0 and distance <= place - middle else place

    def _is_line_start(self, line: int) -> bool:
        return line == 0 or self.lines[line - 1].endswith("\n")

    def _fits(self, needle: str, line: int) -> bool:
        if not 0 <= line < len(self.lines):
            return False
        start = self._starts[line]
        is_whole = needle.endswith("\n") or start + len(needle) == len(self.text)
        return is_whole and self.text.startswith(needle, start)


def _split(text: str) -> list[str]:
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines


def _plain(line: str) -> str:
    return line[:-2] + "\n" if line.endswith("\r\n") else line


def _line_end_of_added(text: str, hunks: Sequence[Hunk]) -> str | None:
    """Return the line end that added lines get, ``None`` for the one that each is written with.

    A patch that has both kinds means them.
    """
    written = [line.endswith("\r\n") for hunk in hunks for _, line in hunk.lines]
    if (any(written) and not all(written)) or "\n" not in text:
        return None
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def _with_line_end(line: str, line_end: str | None) -> str:
    if line_end is None or not line.endswith("\n"):
        return line
    return _plain(line)[:-1] + line_end


def _refuse_inner_end(lines: Sequence[str], shown: str) -> None:
    for number, line in enumerate(lines[:-1], 1):
        if not line.endswith("\n"):
            raise ToolError(
                f"{shown}: line {number} would have no line end although others follow; nothing"
                " was changed.",
                hint="`\\ No newline at end of file` belongs behind the last line of a file only.",
            )


def _misfit(where: str, hunk: Hunk, places: _Places, expected: int) -> ToolError:
    message = f"{where} does not fit; nothing was changed."
    old = "".join(map(_plain, hunk.old))
    new = "".join(_plain(line) for sign, line in hunk.lines if sign != "-")
    if old and (places.text + "\n").endswith("\n" + old):
        return ToolError(
            message, hint="The file ends without a line end: add `\\ No newline at end of file`."
        )
    if old and places.text.endswith("\n" + old + "\n"):
        return ToolError(
            message, hint="The file ends with a line end: drop `\\ No newline at end of file`."
        )
    if new and "\n" + new in places.text:
        return ToolError(message, hint="What it would make of the file is there already.")
    return ToolError(f"{message} {_difference(hunk, places, expected)}", hint=_READ_AGAIN)


_READ_AGAIN = "Read the file again and make the hunk from the lines that are there."


def _difference(hunk: Hunk, places: _Places, expected: int) -> str:
    """Say what stands where the hunk fits best, with a few lines around."""
    lines = places.lines
    wanted = [_plain(line) for line in hunk.old]
    if not wanted or not lines:
        return f"The file has {len(lines)} lines."
    start = _best_start(wanted, lines, max(0, min(expected, len(lines) - 1)))
    matching = _matching(wanted, lines, start)
    here = start + matching
    stands = f"is `{_shown(lines[here])}`" if here < len(lines) else "is behind the end"
    first = max(0, here - _SHOWN_AROUND)
    around = "\n".join(
        f"{number + 1}\t{_shown(lines[number])}"
        for number in range(first, min(len(lines), here + _SHOWN_AROUND + 1))
    )
    return (
        f"Line {here + 1} {stands} where the hunk has `{_shown(wanted[matching])}`."
        f" There the file has:\n{around}\n"
    )


def _best_start(wanted: Sequence[str], lines: Sequence[str], expected: int) -> int:
    """Return the line from which most lines of the hunk fit, ``expected`` when none does."""
    candidates = [index for index, line in enumerate(lines) if line == wanted[0]][:_MOST_PLACES]
    return max(
        (expected, *candidates),
        key=lambda index: (_matching(wanted, lines, index), -abs(index - expected)),
    )


def _matching(wanted: Sequence[str], lines: Sequence[str], start: int) -> int:
    """Return how many lines fit from ``start`` on, not counting the last one of the hunk."""
    for number, line in enumerate(wanted[:-1]):
        if start + number >= len(lines) or lines[start + number] != line:
            return number
    return len(wanted) - 1


def _shown(line: str) -> str:
    """Return a line with its indentation, which may be what differs."""
    text = line.removesuffix("\n")
    return text if len(text) <= _LONGEST_SHOWN_LINE else text[:_LONGEST_SHOWN_LINE] + "…"
