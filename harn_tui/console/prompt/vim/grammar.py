"""Reads what is typed in normal and visual mode: counts, an operator, a motion or a command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harn_tui.console.prompt.vim.motions import FIND_KEYS, SIMPLE_KEYS
from harn_tui.console.prompt.vim.objects import OBJECT_KEYS
from harn_tui.console.prompt.vim.operators import OPERATOR_KEYS

MAX_COUNT = 99_999
_SHORT = {
    "D": ("d", "$"),
    "C": ("c", "$"),
    "Y": ("y", "_"),
    "S": ("c", "_"),
    "s": ("c", "l"),
    "x": ("d", "l"),
    "X": ("d", "h"),
    "delete": ("d", "l"),
}
"""Commands that stand for an operator and a motion."""
_COMMAND_KEYS = frozenset("iaIAoOpPJ~vVu.r") | {"ctrl+r", "/"}
_VISUAL_KEYS = frozenset("oOpPJ~vVuUrdycxsDXCSYR")
_TWO_KEYS = frozenset("g")


@dataclass(frozen=True, slots=True)
class Command:
    """One command as typed. ``key`` is a motion, a command, or ``i``/``a`` of an object.

    ``count`` is ``None`` when none was given. ``argument`` is the character of ``f`` or ``r``,
    or the key of an object.
    """

    key: str
    operator: str = ""
    count: int | None = None
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """More keys have to come."""


UNFINISHED = Unfinished()


class _Reader:
    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._place = 0

    def next(self) -> str:
        """Return the next key, empty when there is none."""
        key = self._keys[self._place] if self._place < len(self._keys) else ""
        self._place += bool(key)
        return key

    def next_name(self) -> str:
        """Return the next key, with the one behind it where ``g`` begins a name."""
        key = self.next()
        if key not in _TWO_KEYS:
            return key
        second = self.next()
        return f"{key}{second}" if second else ""

    def count(self) -> int | None:
        """Return the number that comes next; a 0 alone is a motion."""
        digits = ""
        while self._place < len(self._keys):
            key = self._keys[self._place]
            if len(key) != 1 or key not in ("0123456789" if digits else "123456789"):
                break
            digits += key
            self._place += 1
        return min(int(digits), MAX_COUNT) if digits else None


def read_command(keys: Sequence[str], *, is_visual: bool) -> Command | Unfinished | None:
    """Return the command that ``keys`` are; ``None`` when they are none."""
    reader = _Reader(keys)
    count = reader.count()
    key = reader.next_name()
    if not key:
        return UNFINISHED
    if is_visual:
        return _read_visual(reader, key, count)
    if key in OPERATOR_KEYS:
        return _read_operator(reader, key, count)
    if key in _SHORT:
        operator, motion = _SHORT[key]
        return Command(motion, operator, count)
    if key in _COMMAND_KEYS and key != "r":
        return Command(key, "", count)
    return _read_motion(reader, key, "", count)


def _read_visual(reader: _Reader, key: str, count: int | None) -> Command | Unfinished | None:
    if key in {"i", "a"}:
        return _read_object(reader, key, "", count)
    if key in OPERATOR_KEYS or (key in _VISUAL_KEYS and key != "r"):
        return Command(key, "", count)
    return _read_motion(reader, key, "", count)


def _read_operator(
    reader: _Reader, operator: str, count: int | None
) -> Command | Unfinished | None:
    second = reader.count()
    if second is not None:
        count = min((count or 1) * second, MAX_COUNT)
    key = reader.next_name()
    if not key:
        return UNFINISHED
    if key in {operator, operator[-1]} or (key == "g" + operator[-1]):
        return Command("_", operator, count)
    if key in {"i", "a"}:
        return _read_object(reader, key, operator, count)
    return None if key == "r" else _read_motion(reader, key, operator, count)


def _read_object(
    reader: _Reader, key: str, operator: str, count: int | None
) -> Command | Unfinished | None:
    name = reader.next()
    if not name:
        return UNFINISHED
    return Command(key, operator, count, name) if name in OBJECT_KEYS else None


def _read_motion(
    reader: _Reader, key: str, operator: str, count: int | None
) -> Command | Unfinished | None:
    if key in FIND_KEYS or key == "r":
        character = reader.next()
        if not character:
            return UNFINISHED
        return Command(key, operator, count, character) if len(character) == 1 else None
    return Command(key, operator, count) if key in SIMPLE_KEYS else None
