"""The values that vim mode computes with: modes, what a key asks for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What keys mean; the value is shown to the person."""

    NORMAL = "NORMAL"
    INSERT = "INSERT"
    VISUAL = "VISUAL"
    VISUAL_LINE = "V-LINE"

    @property
    def is_visual(self) -> bool:
        """Whether text is being selected."""
        return self in {Mode.VISUAL, Mode.VISUAL_LINE}


class Request(StrEnum):
    """What only the prompt around the text can do."""

    UNDO = "undo"
    REDO = "redo"
    ROW_UP = "row_up"
    ROW_DOWN = "row_down"
    SEARCH_HISTORY = "search_history"


@dataclass(frozen=True, slots=True)
class Register:
    """What was deleted or yanked last. ``is_lines``: whole lines, without the last line feed."""

    text: str = ""
    is_lines: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Characters from ``start`` up to ``end``. ``is_lines`` makes it all of the lines there."""

    start: int
    end: int
    is_lines: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """``text`` in the place of the characters from ``start`` up to ``end``."""

    start: int
    end: int
    text: str

    def apply(self, text: str) -> str:
        """Return ``text`` with the change made."""
        return f"{text[: self.start]}{self.text}{text[self.end :]}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command does to text and cursor. ``register`` and ``mode`` ``None`` stay as is."""

    cursor: int
    change: Change | None = None
    register: Register | None = None
    mode: Mode | None = None


def change_between(before: str, after: str) -> Change | None:
    """Return the one change that makes ``after`` of ``before``, ``None`` when they are equal."""
    if before == after:
        return None
    shorter = min(len(before), len(after))
    start = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    same = 0
    while same < shorter - start and before[-1 - same] == after[-1 - same]:
        same += 1
    return Change(start, len(before) - same, after[start : len(after) - same])
