"""Operators and commands: what they do to text and cursor. Pure; every cursor is in range."""

from __future__ import annotations

from harn_tui.console.prompt.vim.places import (
    first_word,
    line_end,
    line_start,
    on_character,
)
from harn_tui.console.prompt.vim.values import Change, Mode, Outcome, Register, Span

OPERATOR_KEYS = frozenset({"d", "c", "y", "gu", "gU", "g~"})
_CASES = {"gu": str.lower, "gU": str.upper, "g~": str.swapcase}
_MOST_COPIES = 1000
"""So often at most is a text put in at once, whatever the count says."""


def operate(text: str, at: int, operator: str, span: Span) -> Outcome:
    """Return what ``operator`` does with ``span``."""
    if operator in _CASES:
        changed = _CASES[operator](text[span.start : span.end])
        return Outcome(span.start, Change(span.start, span.end, changed))
    register = Register(text[span.start : span.end], span.is_lines)
    if operator == "y":
        stays = span.is_lines and line_start(text, at) == span.start
        return Outcome(at if stays else span.start, register=register)
    if operator == "c":
        return Outcome(
            span.start, Change(span.start, span.end, ""), register=register, mode=Mode.INSERT
        )
    return _delete(text, span, register)


def _delete(text: str, span: Span, register: Register) -> Outcome:
    start, end = span.start, span.end
    if span.is_lines:
        if end < len(text):
            end += 1
        elif start > 0:
            start -= 1
    change = Change(start, end, "")
    after = change.apply(text)
    cursor = first_word(after, start) if span.is_lines else on_character(after, start)
    return Outcome(cursor, change, register)


def put(text: str, at: int, register: Register, count: int, *, is_before: bool) -> Outcome | None:
    """Return what putting ``register`` does; ``None`` when it is empty."""
    copies = min(count, _MOST_COPIES)
    if register.is_lines:
        lines = "\n".join([register.text] * copies)
        place = line_start(text, at) if is_before else line_end(text, at)
        change = Change(place, place, f"{lines}\n" if is_before else f"\n{lines}")
        return Outcome(first_word(change.apply(text), place + (not is_before)), change)
    if not register.text:
        return None
    place = at if is_before else min(at + 1, line_end(text, at))
    pasted = register.text * copies
    last = place if "\n" in pasted else place + len(pasted) - 1
    return Outcome(last, Change(place, place, pasted))


def put_over(text: str, span: Span, register: Register) -> Outcome:
    """Return what putting ``register`` in the place of a selection does."""
    pasted = register.text
    if register.is_lines and not span.is_lines:
        pasted = f"\n{pasted}\n"
    change = Change(span.start, span.end, pasted)
    after = change.apply(text)
    replaced = Register(text[span.start : span.end], span.is_lines)
    return Outcome(on_character(after, span.start + max(0, len(pasted) - 1)), change, replaced)


def join(text: str, at: int, lines: int) -> Outcome | None:
    """Return the line with those below it, ``lines`` in all, as one; ``None`` for the last one."""
    start = line_start(text, at)
    end = line_end(text, at)
    joined, place = text[start:end], end
    for _ in range(max(1, lines - 1)):
        if end == len(text):
            break
        below = end + 1
        end = line_end(text, below)
        place = start + len(joined.rstrip(" "))
        added = text[below:end].lstrip()
        joined = f"{joined.rstrip(' ')} {added}" if joined and added else joined + added
    if end == line_end(text, at):
        return None
    change = Change(start, end, joined)
    return Outcome(on_character(change.apply(text), place), change)


def replace_characters(text: str, at: int, character: str, count: int) -> Outcome | None:
    """Return ``count`` characters as ``character``; ``None`` when the line has fewer."""
    if at + count > line_end(text, at):
        return None
    return Outcome(at + count - 1, Change(at, at + count, character * count))


def replace_selection(text: str, span: Span, character: str) -> Outcome:
    """Return all of a selection as ``character``; its line feeds stay."""
    changed = "".join(one if one == "\n" else character for one in text[span.start : span.end])
    return Outcome(span.start, Change(span.start, span.end, changed))


def swap_case(text: str, at: int, count: int) -> Outcome:
    """Return ``count`` characters of the line in the other case, the cursor behind them."""
    end = min(at + count, line_end(text, at))
    change = Change(at, end, text[at:end].swapcase())
    return Outcome(on_character(change.apply(text), at + len(change.text)), change)


def open_line(text: str, at: int, *, is_above: bool) -> Outcome:
    """Return an empty line below or above, to be typed into."""
    place = line_start(text, at) if is_above else line_end(text, at)
    return Outcome(place + (not is_above), Change(place, place, "\n"), mode=Mode.INSERT)


def begin_insert(text: str, at: int, key: str) -> Outcome:
    """Return where ``i``, ``a``, ``I`` or ``A`` begins to insert."""
    place = {
        "i": at,
        "a": min(at + 1, line_end(text, at)),
        "I": first_word(text, at),
        "A": line_end(text, at),
    }[key]
    return Outcome(place, mode=Mode.INSERT)
