"""Edits of files: the change as a diff with line numbers and + and - signs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harn_tui.console.transcript.clean import clean_output_line, split_lines
from harn_tui.console.transcript.drawn_text import lines_between
from harn_tui.console.transcript.pen import Drawn, Margin, Pen
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_bodies import counted
from harn_tui.console.transcript.text_units import LINES_PER_UNIT, MAX_LINES, NoteUnit, capped
from harn_tui.console.transcript.tools.look import (
    BODY_MARGIN,
    ToolLook,
    folded_result,
    lines_hint,
)
from harn_tui.console.transcript.unit import Unit
from harn_tui.view.model import ToolBlock

FOLDED_DIFF_LINES = 16
"""Lines of a diff that stay visible while the call is folded."""

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_ROLES = {"+": Role.ADDED, "-": Role.REMOVED, " ": Role.OUTPUT}


class DiffLine(NamedTuple):
    """A line of a diff: its number in the new file (the old one for removed lines)."""

    number: int
    sign: str
    text: str


class DiffUnit(Unit):
    """Some lines of a diff. A line with the number 0 stands between two hunks."""

    __slots__ = ("_digits", "_lines")

    def __init__(self, lines: Sequence[DiffLine], digits: int) -> None:
        super().__init__()
        self._lines = lines
        self._digits = digits

    def estimate(self, width: int) -> int:
        """Return about how many rows it takes, gap included."""
        rows = [1 + min(len(line.text), 2000) // max(1, width) for line in self._lines]
        return self.gap + sum(rows)

    @property
    def searched(self) -> str:
        """The text of it that a search finds, where the block has no source that tells."""
        return "\n".join([line.text for line in self._lines])

    def copied(self, drawn: Drawn, start: int, end: int) -> str:
        """Return the text of the lines, without numbers and signs."""
        return lines_between(drawn, [line.text for line in self._lines], start, end)

    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""
        drawn = Drawn()
        pen.gap(drawn, self.gap)
        base = 0
        for line in self._lines:
            self._draw_line(pen, drawn, line, base)
            base += len(line.text) + 1
        return drawn

    def _draw_line(self, pen: Pen, drawn: Drawn, line: DiffLine, base: int) -> None:
        if not line.number:
            run = (line.text or "⋯", pen.palette[Role.HUNK])
            width = pen.text_width(BODY_MARGIN)
            pen.add_line(drawn, [run], BODY_MARGIN, width, base=base, wraps=False)
            return
        role = _ROLES[line.sign]
        number = f"{line.number:>{self._digits}} "
        first = ((number, Role.FAINT), (f"{line.sign} ", role))
        rest = ((" " * len(number), Role.FAINT), ("  ", role))
        margin = BODY_MARGIN + Margin(first, rest)
        text, hidden = capped(line.text, clean_output_line)
        runs = [(text, pen.palette[role])]
        if hidden:
            runs.append((f" … {hidden:,} more characters", pen.palette[Role.FAINT]))
        fill = role if role is not Role.OUTPUT else Role.TEXT
        pen.add_line(drawn, runs, margin, pen.text_width(margin), base=base, fill=fill)


def diff_lines(diff: str, limit: int = MAX_LINES) -> list[DiffLine]:
    """Return up to ``limit`` lines of a unified diff, numbered; file headers are left out."""
    found: list[DiffLine] = []
    old = new = 0
    for line in split_lines(diff):
        hunk = _HUNK.match(line)
        if hunk is not None:
            if found:
                found.append(DiffLine(0, "", "⋯"))
            old, new = int(hunk.group(1)), int(hunk.group(2))
        elif not old and not new:
            continue
        elif line.startswith("\\"):
            found.append(DiffLine(0, "", clean_output_line(line[:200])))
        elif line.startswith("-"):
            found.append(DiffLine(old, "-", line[1:]))
            old += 1
        else:
            sign = "+" if line.startswith("+") else " "
            found.append(DiffLine(new, sign, line[1:]))
            new += 1
            old += sign == " "
        if len(found) >= limit:
            break
    return found


def diff_units(diff: str, limit: int = MAX_LINES) -> list[Unit]:
    """Return up to ``limit`` lines of a unified diff as units."""
    lines = diff_lines(diff, limit)
    digits = len(str(max((line.number for line in lines), default=1)))
    return [
        DiffUnit(lines[position : position + LINES_PER_UNIT], digits)
        for position in range(0, len(lines), LINES_PER_UNIT)
    ]


def _diff(block: ToolBlock) -> str:
    diff = block.details.get("diff")
    return diff if isinstance(diff, str) else ""


def _line_count(diff: str) -> int:
    return sum(1 for _ in _shown_lines(diff))


def _shown_lines(diff: str) -> Iterable[str]:
    return (line for line in split_lines(diff) if not line.startswith(("--- ", "+++ ")))


def _body(block: ToolBlock, is_folded: bool) -> list[Unit]:
    diff = _diff(block)
    if not diff:
        return folded_result(block, is_folded)
    if not is_folded:
        units = diff_units(diff)
        left = _line_count(diff) - 1 - MAX_LINES  # the first hunk has no row of its own
        if left > 0:
            units.append(NoteUnit(f"… {counted(left, 'more line')}", BODY_MARGIN))
        if block.details.get("diff_cut") is True:
            units.append(NoteUnit("… the rest of this change is not shown", BODY_MARGIN))
        return units
    units = diff_units(diff, FOLDED_DIFF_LINES)
    hidden = _line_count(diff) - FOLDED_DIFF_LINES
    if hidden > 0:
        note = f"… {counted(hidden, 'more line')} ▸"
        units.append(NoteUnit(note, BODY_MARGIN, is_toggle=True))
    return units


def _hint(block: ToolBlock, is_folded: bool) -> str:
    diff = _diff(block)
    if not diff:
        return lines_hint(block, is_folded)
    return "▾" if not is_folded and _line_count(diff) > FOLDED_DIFF_LINES else ""


EDIT_LOOK = ToolLook(body=_body, hint=_hint)
