"""Motions: where a cursor goes, and what an operator takes on the way."""

from __future__ import annotations

from dataclasses import dataclass

from harn_tui.console.prompt.vim.objects import matching_bracket
from harn_tui.console.prompt.vim.places import (
    find_in_line,
    first_word,
    is_space,
    line_at,
    line_end,
    line_start,
    next_word,
    numbered_line,
    on_character,
    paragraph,
    word_before,
    word_end,
    word_end_before,
)
from harn_tui.console.prompt.vim.values import Span

FIND_KEYS = frozenset("fFtT")
SIMPLE_KEYS = frozenset({*"hljk0^$wWbBeEG;,{}%_", "gg", "ge", "gE", "backspace", " "})
"""Motions of one step; those of ``FIND_KEYS`` take a character."""

_INCLUSIVE = frozenset({"e", "E", "ge", "gE", "f", "t", "$", "%"})
_OF_LINES = frozenset({"j", "k", "gg", "G", "_"})


@dataclass(frozen=True, slots=True)
class Find:
    """A character that was looked for, for ``;`` and ``,``."""

    key: str
    character: str

    def turned(self) -> Find:
        """Return the same in the other direction."""
        return Find(self.key.swapcase(), self.character)


@dataclass(frozen=True, slots=True)
class Motion:
    """Where a motion leads. ``is_inclusive``: an operator takes the character there, too."""

    target: int
    is_inclusive: bool = False
    is_lines: bool = False


def move(
    text: str, at: int, key: str, count: int | None, find: Find | None, column: int
) -> Motion | None:
    """Return where ``key`` leads from ``at``; ``None`` when it leads nowhere.

    ``find`` is what ``f`` and its kin look for, and ``;`` and ``,`` looked for last. ``column``
    is the one that ``j`` and ``k`` keep to.
    """
    if key in FIND_KEYS or key in {";", ","}:
        return _find(text, at, key, count or 1, find)
    target = _target(text, at, key, count, column)
    if target is None:
        return None
    return Motion(target, is_inclusive=key in _INCLUSIVE, is_lines=key in _OF_LINES)


def _target(text: str, at: int, key: str, count: int | None, column: int) -> int | None:
    times = count or 1
    match key:
        case "h" | "backspace":
            return max(line_start(text, at), at - times)
        case "l" | " ":
            return min(line_end(text, at), at + times)
        case "j" | "k" | "_":
            lines = times - 1 if key == "_" else times if key == "j" else -times
            found = line_at(text, at, lines, column)
            return first_word(text, found) if key == "_" and found is not None else found
        case "0":
            return line_start(text, at)
        case "^":
            return first_word(text, at)
        case "$":
            below = line_at(text, at, times - 1, 0)
            return None if below is None else on_character(text, line_end(text, below))
        case "gg":
            return numbered_line(text, times)
        case "G":
            return numbered_line(text, count or text.count("\n") + 1)
        case "%":
            return matching_bracket(text, at)
        case _:
            return _by_words(text, at, key, times)


def _by_words(text: str, at: int, key: str, times: int) -> int:
    is_big = key[-1].isupper()
    for _ in range(min(times, len(text) + 1)):
        match key.lower():
            case "w":
                at = next_word(text, at, is_big=is_big)
            case "b":
                at = word_before(text, at, is_big=is_big)
            case "e":
                at = word_end(text, at, is_big=is_big)
            case "ge":
                at = word_end_before(text, at, is_big=is_big)
            case _:
                at = paragraph(text, at, 1 if key == "}" else -1)
    return at


def _find(text: str, at: int, key: str, times: int, find: Find | None) -> Motion | None:
    if find is None:
        return None
    used = find.turned() if key == "," else find
    step = 1 if used.key.islower() else -1
    is_before = used.key.lower() == "t"
    # Repeated, t would stay in front of the same character for ever.
    place: int | None = at + step if is_before and key in {";", ","} else at
    for _ in range(min(times, len(text) + 1)):
        place = None if place is None else find_in_line(text, place, used.character, step)
    if place is None:
        return None
    return Motion(place - step if is_before else place, is_inclusive=step > 0)


def span_of(text: str, at: int, key: str, motion: Motion) -> Span:
    """Return what an operator takes that is given this motion."""
    start, end = sorted((at, motion.target))
    if motion.is_lines:
        return Span(line_start(text, start), line_end(text, end), is_lines=True)
    if motion.is_inclusive:
        return Span(start, min(end + 1, line_end(text, end)))
    if key in {"w", "W"}:
        # The last word ends where it does, and not where the next line begins.
        while end > start and "\n" in text[start:end] and is_space(text, end - 1):
            end -= 1
            if text[end] == "\n" and "\n" not in text[start:end]:
                break
    return Span(start, end)
