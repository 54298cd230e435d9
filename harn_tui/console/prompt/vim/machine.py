"""Vim mode as a pure function: a state, a key, a text and a cursor give what comes next.

``press`` never raises, whatever is typed, and its cursor is always within the text. In insert
mode only Escape has a meaning here; text is typed into the prompt itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from harn_tui.console.prompt.vim.grammar import Command, Unfinished, read_command
from harn_tui.console.prompt.vim.motions import FIND_KEYS, Find, Motion, move, span_of
from harn_tui.console.prompt.vim.objects import text_object
from harn_tui.console.prompt.vim.operators import (
    OPERATOR_KEYS,
    begin_insert,
    join,
    open_line,
    operate,
    put,
    put_over,
    replace_characters,
    replace_selection,
    swap_case,
)
from harn_tui.console.prompt.vim.places import (
    is_space,
    line_end,
    line_start,
    on_character,
    word_end,
    word_span,
)
from harn_tui.console.prompt.vim.values import (
    Change,
    Mode,
    Outcome,
    Register,
    Request,
    Span,
    change_between,
)

_REQUESTS = {"u": Request.UNDO, "ctrl+r": Request.REDO, "/": Request.SEARCH_HISTORY}
_MOST_REPEATS = 1000
_VISUAL_OPERATORS = {
    **{key: key for key in OPERATOR_KEYS},
    **dict.fromkeys("xXD", "d"),
    **dict.fromkeys("sCSR", "c"),
    "Y": "y",
    "u": "gu",
    "U": "gU",
    "~": "g~",
}
_OF_WHOLE_LINES = frozenset("XDCSRY")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change that ``.`` makes again: its command, and what was typed after it."""

    command: Command
    typed: str = ""


@dataclass(frozen=True, slots=True)
class VimState:
    """All that is remembered between two keys.

    ``anchor`` is the other end of a selection. ``column`` is the one that ``j`` and ``k`` keep
    to. ``inserting`` is what began the insert mode, and the text as it was then.
    """

    mode: Mode = Mode.INSERT
    keys: tuple[str, ...] = ()
    anchor: int = 0
    column: int | None = None
    register: Register = Register()
    find: Find | None = None
    last: Recorded | None = None
    inserting: tuple[Command, str] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What a key led to. ``is_taken`` is false when the key means nothing to vim mode."""

    state: VimState
    cursor: int
    change: Change | None = None
    request: Request | None = None
    count: int = 1
    is_taken: bool = True


def press(state: VimState, key: str, text: str, cursor: int) -> Step:
    """Return what ``key`` leads to; it is a character, or Textual's name of a key."""
    cursor = min(max(cursor, 0), len(text))
    if key == "escape":
        return _escape(state, text, cursor)
    if state.mode is Mode.INSERT:
        return Step(state, cursor, is_taken=False)
    keys = (*state.keys, key)
    command = read_command(keys, is_visual=state.mode.is_visual)
    if isinstance(command, Unfinished):
        return Step(replace(state, keys=keys), cursor)
    state = replace(state, keys=())
    if command is None:
        # A key with a name goes on to the prompt, a character is not typed.
        return Step(state, cursor, is_taken=len(key) == 1)
    if state.mode.is_visual:
        return _visual(state, command, text, cursor)
    return _normal(state, command, text, cursor)


def _escape(state: VimState, text: str, cursor: int) -> Step:
    if state.mode is Mode.NORMAL:
        return Step(replace(state, keys=()), cursor, is_taken=bool(state.keys))
    if state.mode is Mode.INSERT:
        state = replace(state, last=_with_typed(state, text), inserting=None)
        cursor = max(line_start(text, cursor), cursor - 1)
    state = replace(state, mode=Mode.NORMAL, keys=(), column=None)
    return Step(state, on_character(text, cursor))


def _with_typed(state: VimState, text: str) -> Recorded | None:
    """Return the change that began the insert mode with what was typed in it."""
    if state.inserting is None:
        return state.last
    command, before = state.inserting
    change = change_between(before, text)
    if change is None or change.start != change.end:
        return Recorded(command)
    return Recorded(command, change.text)


def _normal(state: VimState, command: Command, text: str, cursor: int) -> Step:
    if command.key in {"v", "V"} and not command.operator:
        mode = Mode.VISUAL if command.key == "v" else Mode.VISUAL_LINE
        return Step(replace(state, mode=mode, anchor=cursor, column=None), cursor)
    if command.key in {"j", "k"} and not command.operator:
        request = Request.ROW_DOWN if command.key == "j" else Request.ROW_UP
        return Step(state, cursor, request=request, count=command.count or 1)
    if command.key in _REQUESTS and not command.operator:
        return Step(state, cursor, request=_REQUESTS[command.key], count=command.count or 1)
    if command.key == ".":
        return _repeat(state, command, text, cursor)
    state, outcome = _outcome(state, command, text, cursor)
    return _took(state, command, text, cursor, outcome)


def _took(
    state: VimState, command: Command, text: str, cursor: int, outcome: Outcome | None
) -> Step:
    if outcome is None:
        return Step(replace(state, column=None), cursor)
    after = outcome.change.apply(text) if outcome.change is not None else text
    mode = outcome.mode or Mode.NORMAL
    state = replace(state, mode=mode, column=None, register=outcome.register or state.register)
    if mode is Mode.INSERT:
        return Step(replace(state, inserting=(command, after)), outcome.cursor, outcome.change)
    if outcome.change is not None:
        state = replace(state, last=Recorded(command))
    return Step(state, on_character(after, outcome.cursor), outcome.change)


def _outcome(
    state: VimState, command: Command, text: str, cursor: int
) -> tuple[VimState, Outcome | None]:
    """Return what a command of the normal mode does, ``None`` when it does nothing."""
    key, count = command.key, command.count or 1
    if command.operator:
        state, span = _span(state, command, text, cursor)
        return state, None if span is None else operate(text, cursor, command.operator, span)
    match key:
        case "i" | "a" | "I" | "A":
            return state, begin_insert(text, cursor, key)
        case "o" | "O":
            return state, open_line(text, cursor, is_above=key == "O")
        case "p" | "P":
            return state, put(text, cursor, state.register, count, is_before=key == "P")
        case "J":
            return state, join(text, cursor, max(2, count))
        case "~":
            return state, swap_case(text, cursor, count)
        case "r":
            return state, replace_characters(text, cursor, command.argument, count)
        case _:
            state, motion = _motion(state, command, text, cursor)
            return state, None if motion is None else Outcome(motion.target)


def _motion(
    state: VimState, command: Command, text: str, cursor: int
) -> tuple[VimState, Motion | None]:
    if command.key in FIND_KEYS:
        state = replace(state, find=Find(command.key, command.argument))
    column = cursor - line_start(text, cursor) if state.column is None else state.column
    return state, move(text, cursor, command.key, command.count, state.find, column)


def _span(
    state: VimState, command: Command, text: str, cursor: int
) -> tuple[VimState, Span | None]:
    """Return what the operator of ``command`` takes."""
    if command.key in {"i", "a"}:
        is_around = command.key == "a"
        return state, text_object(
            text, cursor, command.argument, is_around=is_around, count=command.count or 1
        )
    if command.operator == "c" and command.key in {"w", "W"} and not is_space(text, cursor):
        return state, _words_to_change(text, cursor, command)
    state, motion = _motion(state, command, text, cursor)
    return state, None if motion is None else span_of(text, cursor, command.key, motion)


def _words_to_change(text: str, cursor: int, command: Command) -> Span:
    """Return what ``cw`` takes: as in vim, not the space behind the word."""
    is_big = command.key == "W"
    end = word_span(text, cursor, is_big=is_big)[1]
    for _ in range(min((command.count or 1) - 1, len(text))):
        end = min(word_end(text, end - 1, is_big=is_big) + 1, len(text))
    return Span(cursor, max(cursor, end))


def _repeat(state: VimState, command: Command, text: str, cursor: int) -> Step:
    """Make the last change again, as often as the count says."""
    last = state.last
    if last is None:
        return Step(state, cursor)
    now, place = text, cursor
    for _ in range(min(command.count or 1, _MOST_REPEATS)):
        state, outcome = _outcome(state, last.command, now, place)
        if outcome is None:
            break
        now = outcome.change.apply(now) if outcome.change is not None else now
        place = outcome.cursor
        state = replace(state, register=outcome.register or state.register)
        if outcome.mode is Mode.INSERT:
            now = f"{now[:place]}{last.typed}{now[place:]}"
            place = max(line_start(now, place + len(last.typed)), place + len(last.typed) - 1)
        place = on_character(now, place)
    return Step(state, place, change_between(text, now))


def _visual(state: VimState, command: Command, text: str, cursor: int) -> Step:
    key = command.key
    if key in {"i", "a"}:
        return _select_object(state, command, text, cursor)
    if key in {"v", "V"}:
        mode = Mode.VISUAL if key == "v" else Mode.VISUAL_LINE
        is_same = mode is state.mode
        state = replace(state, mode=Mode.NORMAL if is_same else mode)
        return Step(state, on_character(text, cursor) if is_same else cursor)
    if key in {"o", "O"}:
        return Step(replace(state, anchor=cursor), min(state.anchor, len(text)))
    outcome = _visual_outcome(state, command, text, cursor)
    if outcome is not None:
        return _took(state, Command(""), text, cursor, outcome)
    state, motion = _motion(state, command, text, cursor)
    if motion is None:
        return Step(state, cursor)
    column = cursor - line_start(text, cursor) if state.column is None else state.column
    state = replace(state, column=column if key in {"j", "k"} else None)
    return Step(state, on_character(text, motion.target))


def _visual_outcome(state: VimState, command: Command, text: str, cursor: int) -> Outcome | None:
    span = selected(state, text, cursor)
    key = command.key
    if key in _OF_WHOLE_LINES:
        span = Span(
            line_start(text, span.start), line_end(text, max(span.start, span.end - 1)), True
        )
    if key in _VISUAL_OPERATORS:
        return operate(text, span.start, _VISUAL_OPERATORS[key], span)
    match key:
        case "p" | "P":
            return put_over(text, span, state.register)
        case "J":
            return join(text, span.start, 1 + text.count("\n", span.start, span.end))
        case "r":
            return replace_selection(text, span, command.argument)
        case _:
            return None


def _select_object(state: VimState, command: Command, text: str, cursor: int) -> Step:
    span = text_object(
        text, cursor, command.argument, is_around=command.key == "a", count=command.count or 1
    )
    if span is None or span.start == span.end:
        return Step(state, cursor)
    mode = Mode.VISUAL_LINE if span.is_lines else state.mode
    state = replace(state, anchor=span.start, mode=mode)
    return Step(state, max(span.start, span.end - 1))


def selected(state: VimState, text: str, cursor: int) -> Span:
    """Return what is selected in visual mode, with the character under the cursor."""
    start, end = sorted((min(state.anchor, len(text)), min(cursor, len(text))))
    if state.mode is Mode.VISUAL_LINE:
        return Span(line_start(text, start), line_end(text, end), is_lines=True)
    return Span(start, min(end + 1, len(text)))
