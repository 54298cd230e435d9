"""Text objects: the word, the quoted text, the brackets, the paragraph around the cursor."""

from __future__ import annotations

from harn_tui.console.prompt.vim.places import (
    is_empty_line,
    is_space,
    line_end,
    line_start,
    word_span,
)
from harn_tui.console.prompt.vim.values import Span

_PAIRS = {
    **dict.fromkeys("()b", "()"),
    **dict.fromkeys("[]", "[]"),
    **dict.fromkeys("{}B", "{}"),
    **dict.fromkeys("<>", "<>"),
}
QUOTES = "\"'`"
OBJECT_KEYS = frozenset({"w", "W", "p", *QUOTES, *_PAIRS})
"""What may follow ``i`` or ``a``."""


def text_object(text: str, at: int, key: str, *, is_around: bool, count: int = 1) -> Span | None:
    """Return the object that ``key`` names at ``at``; ``None`` when there is none.

    ``is_around`` takes what surrounds it too: quotes, brackets, a space. ``count`` is for words.
    """
    if key in {"w", "W"}:
        return _words(text, at, count, is_big=key == "W", is_around=is_around)
    if key == "p":
        return _paragraph(text, at, is_around=is_around)
    if key in QUOTES:
        return _quoted(text, at, key, is_around=is_around)
    if key in _PAIRS:
        return _bracketed(text, at, _PAIRS[key], is_around=is_around)
    return None


def _words(text: str, at: int, count: int, *, is_big: bool, is_around: bool) -> Span | None:
    start, end = word_span(text, at, is_big=is_big)
    if start == end:
        return None
    last = line_end(text, at)
    is_on_space = is_space(text, at)
    for _ in range(count - 1):
        if end < last:
            end = word_span(text, end, is_big=is_big)[1]
        if is_around and end < last:
            end = word_span(text, end, is_big=is_big)[1]
    if is_around:
        if end < last and (is_on_space or is_space(text, end)):
            end = word_span(text, end, is_big=is_big)[1]
        elif start > line_start(text, at) and is_space(text, start - 1):
            start = word_span(text, start - 1, is_big=is_big)[0]
    return Span(start, end)


def _quoted(text: str, at: int, quote: str, *, is_around: bool) -> Span | None:
    """Return the quoted text around ``at`` in its line, else the first one behind it."""
    places = _quotes_in_line(text, at, quote)
    for first, last in zip(places[::2], places[1::2], strict=False):
        if at <= last:
            if not is_around:
                return Span(first + 1, last)
            end = last + 1
            while end < line_end(text, at) and is_space(text, end):
                end += 1
            return Span(first, end)
    return None


def _quotes_in_line(text: str, at: int, quote: str) -> list[int]:
    places: list[int] = []
    is_escaped = False
    for place in range(line_start(text, at), line_end(text, at)):
        if not is_escaped and text[place] == quote:
            places.append(place)
        is_escaped = text[place] == "\\" and not is_escaped
    return places


def _bracketed(text: str, at: int, pair: str, *, is_around: bool) -> Span | None:
    is_on_opening = text[at : at + 1] == pair[0]
    opening = at if is_on_opening else _unmatched(text, at - 1, pair, -1)
    if opening is None:
        return None
    closing = _unmatched(text, opening + 1, pair, 1)
    if closing is None or closing < at:
        return None
    return Span(opening, closing + 1) if is_around else Span(opening + 1, closing)


def _unmatched(text: str, at: int, pair: str, step: int) -> int | None:
    """Return the bracket that is open at ``at``: the one before it, or (``step`` 1) its end."""
    wanted, other = (pair[0], pair[1]) if step < 0 else (pair[1], pair[0])
    depth = 0
    place = at
    while 0 <= place < len(text):
        if text[place] == wanted:
            if depth == 0:
                return place
            depth -= 1
        elif text[place] == other:
            depth += 1
        place += step
    return None


def matching_bracket(text: str, at: int) -> int | None:
    """Return the bracket that belongs to the first one in the line from ``at`` on."""
    for place in range(at, line_end(text, at)):
        for pair in ("()", "[]", "{}"):
            if text[place] == pair[0]:
                return _unmatched(text, place + 1, pair, 1)
            if text[place] == pair[1]:
                return _unmatched(text, place - 1, pair, -1)
    return None


def _paragraph(text: str, at: int, *, is_around: bool) -> Span:
    is_blank = is_empty_line(text, line_start(text, at))
    start = line_start(text, at)
    while start > 0 and is_empty_line(text, line_start(text, start - 1)) is is_blank:
        start = line_start(text, start - 1)
    end = _run_of_lines(text, line_end(text, at), is_blank=is_blank)
    if is_around and end < len(text):
        end = _run_of_lines(text, end, is_blank=not is_blank)
    return Span(start, end, is_lines=True)


def _run_of_lines(text: str, end: int, *, is_blank: bool) -> int:
    """Return where the lines behind ``end`` that are alike end."""
    while end < len(text) and is_empty_line(text, end + 1) is is_blank:
        end = line_end(text, end + 1)
    return end
