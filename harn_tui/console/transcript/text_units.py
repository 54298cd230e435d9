"""Plain text as units: some lines each, cleaned and wrapped only when they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from harn_tui.console.transcript.clean import (
    clean_line,
    clean_output_line,
    split_lines,
    without_controls,
)
from harn_tui.console.transcript.drawn_text import lines_between
from harn_tui.console.transcript.pen import PLAIN_MARGIN, Drawn, Margin, Pen
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.unit import Unit

LINES_PER_UNIT = 16
MAX_LINE_CHARS = 2000
"""Characters of one line that are drawn; the rest is counted."""

MAX_LINES = 20_000
"""Lines of one text that are drawn; the rest is counted."""

Cleaner: TypeAlias = Callable[[str], str]


class TextUnit(Unit):
    """Lines of plain text in one role, wrapped or cut to the width."""

    __slots__ = ("clean", "fill", "lines", "margin", "role", "wraps")

    def __init__(
        self,
        lines: Sequence[str],
        role: Role,
        margin: Margin = PLAIN_MARGIN,
        *,
        clean: Cleaner = clean_line,
        fill: Role = Role.TEXT,
        wraps: bool = True,
        gap: int = 0,
        start: int = 0,
        end: int = 0,
    ) -> None:
        super().__init__(gap=gap, start=start, end=end)
        self.lines = lines
        self.role = role
        self.margin = margin
        self.clean = clean
        self.fill = fill
        self.wraps = wraps

    @property
    def is_remark(self) -> bool:
        """Whether it only says something about the text, and is left out of copies."""
        return self.role is Role.USER_NOTE

    @property
    def searched(self) -> str:
        """The text of it that a search finds, where the block has no source that tells."""
        return "" if self.is_remark else "\n".join(self.lines)

    def copied(self, drawn: Drawn, start: int, end: int) -> str:
        """Return the lines as they came, without escape sequences when they are output."""
        lines = self.lines
        if self.clean is clean_output_line:
            lines = [without_controls(line) for line in lines]
        return lines_between(drawn, lines, start, end)

    def estimate(self, width: int) -> int:
        """Return about how many rows it takes, gap included."""
        if not self.wraps:
            return self.gap + len(self.lines)
        rows = [1 + min(len(line), MAX_LINE_CHARS) // max(1, width) for line in self.lines]
        return self.gap + sum(rows)

    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""
        drawn = Drawn()
        pen.gap(drawn, self.gap)
        width = pen.text_width(self.margin)
        style, note_style = pen.palette[self.role], pen.palette[Role.FAINT]
        margin, base = self.margin, 0
        for line in self.lines:
            text, hidden = capped(line, self.clean)
            runs = [(text, style)]
            if hidden:
                runs.append((f" … {hidden:,} more characters", note_style))
            pen.add_line(drawn, runs, margin, width, base=base, fill=self.fill, wraps=self.wraps)
            margin = margin.continued()
            base += len(line) + 1
        return drawn


class NoteUnit(Unit):
    """One short remark of ours; a click on it may fold or open the block."""

    __slots__ = ("_is_toggle", "margin", "role", "text")

    def __init__(
        self,
        text: str,
        margin: Margin = PLAIN_MARGIN,
        *,
        role: Role = Role.MUTED,
        is_toggle: bool = False,
        gap: int = 0,
    ) -> None:
        super().__init__(gap=gap)
        self.text = text
        self.margin = margin
        self.role = role
        self._is_toggle = is_toggle

    @property
    def is_toggle(self) -> bool:
        """Whether a click on it folds or opens the block."""
        return self._is_toggle

    @property
    def is_remark(self) -> bool:
        """Whether it only says something about the text, and is left out of copies."""
        return True

    def say(self, text: str) -> None:
        """Change the text."""
        if text != self.text:
            self.text = text
            self.revision += 1

    def estimate(self, width: int) -> int:
        """Return about how many rows it takes, gap included."""
        return self.gap + 1 + len(self.text) // max(1, width)

    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""
        drawn = Drawn()
        pen.gap(drawn, self.gap)
        runs = [(clean_line(self.text, reveal=True), pen.palette[self.role])]
        pen.add_line(drawn, runs, self.margin, pen.text_width(self.margin))
        return drawn


def text_units(
    text: str,
    role: Role,
    margin: Margin = PLAIN_MARGIN,
    *,
    clean: Cleaner = clean_line,
    fill: Role = Role.TEXT,
    first_line: int = 0,
    last_line: int = MAX_LINES,
) -> list[Unit]:
    """Return the lines of ``text`` from ``first_line`` to before ``last_line`` as units.

    Lines over MAX_LINES are counted in a note instead.
    """
    lines = split_lines(text)
    last_line = min(last_line, MAX_LINES)
    units: list[Unit] = []
    start = sum(len(line) + 1 for line in lines[:first_line])
    for position in range(first_line, min(len(lines), last_line), LINES_PER_UNIT):
        chunk = lines[position : min(position + LINES_PER_UNIT, last_line)]
        end = start + sum(map(len, chunk)) + len(chunk)
        unit = TextUnit(chunk, role, margin, clean=clean, fill=fill, start=start, end=end)
        units.append(unit)
        margin, start = margin.continued(), end
    if len(lines) > MAX_LINES <= last_line:
        units.append(NoteUnit(f"… {len(lines) - MAX_LINES:,} more lines", margin))
    return units


def capped(line: str, clean: Cleaner) -> tuple[str, int]:
    """Return the cleaned start of ``line`` and how many characters it leaves out."""
    if len(line) <= MAX_LINE_CHARS:
        return clean(line), 0
    if clean is clean_output_line and "\r" in line:
        # What a progress bar shows is at the end.
        line = line[-MAX_LINE_CHARS * 4 :]
        line = clean(line)
        return line[:MAX_LINE_CHARS], max(0, len(line) - MAX_LINE_CHARS)
    return clean(line[:MAX_LINE_CHARS]), len(line) - MAX_LINE_CHARS
