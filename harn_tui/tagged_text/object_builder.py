"""Builds the object that a call is given, token by token (docs/tool_formats.md, values)."""

import math
import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tagged_text.tokens import Token, TokenKind

DEEPEST_NESTING: Final = 64
"""Objects and lists within each other; deeper ones could not be written as JSON again."""

_NUMBER: Final = re.compile(
    r"-?(?:0|[1-9][0-9]*)(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?"
)
_LITERALS: Final[dict[str, JsonValue]] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": None,
}


class _Expected(Enum):
    """What may come next."""

    KEY = auto()
    COLON = auto()
    VALUE = auto()
    ITEM = auto()
    COMMA = auto()


class SyntaxProblemError(ValueError):
    """A token that may not stand where it stands; the text says why."""


@dataclass(slots=True)
class _Level:
    """An object or list that is not closed yet; ``key`` waits for its value."""

    container: JsonObject | list[JsonValue]
    key: str = ""


class ObjectBuilder:
    """Takes the tokens behind the opening brace until the object is closed."""

    def __init__(self) -> None:
        self.arguments: JsonObject = {}
        self._levels = [_Level(self.arguments)]
        self._expected = _Expected.KEY

    @property
    def depth(self) -> int:
        """How many objects and lists are open; 0 when the whole is complete."""
        return len(self._levels)

    def take(self, token: Token) -> None:
        """Add ``token``. Raises SyntaxProblemError when it may not stand here."""
        if token.kind is TokenKind.PROBLEM:
            raise SyntaxProblemError(token.text)
        match self._expected:
            case _Expected.KEY:
                self._take_key(token)
            case _Expected.COLON:
                if not token.is_mark(":"):
                    raise SyntaxProblemError(
                        f"expected `:` and a value after the key `{self._levels[-1].key[:40]}`, "
                        f"found {token}"
                    )
                self._expected = _Expected.VALUE
            case _Expected.COMMA:
                self._take_comma(token)
            case _Expected.ITEM if token.is_mark("]"):
                self._close()
            case _:
                self._take_value(token)

    def _take_key(self, token: Token) -> None:
        if token.is_mark("}"):
            self._close()
            return
        is_name = token.kind is TokenKind.WORD and _is_identifier(token.text)
        if not is_name and token.kind is not TokenKind.TEXT:
            raise SyntaxProblemError(f"expected a key or `}}`, found {token}")
        self._levels[-1].key = token.text
        self._expected = _Expected.COLON

    def _take_comma(self, token: Token) -> None:
        is_object = isinstance(self._levels[-1].container, dict)
        end = "}" if is_object else "]"
        if token.is_mark(end):
            self._close()
        elif token.is_mark(","):
            self._expected = _Expected.KEY if is_object else _Expected.ITEM
        else:
            raise SyntaxProblemError(f"expected `,` or `{end}`, found {token}")

    def _take_value(self, token: Token) -> None:
        if token.is_mark("{"):
            self._open({}, _Expected.KEY)
        elif token.is_mark("["):
            self._open([], _Expected.ITEM)
        elif token.kind is TokenKind.TEXT:
            self._add(token.text)
        elif token.kind is TokenKind.WORD:
            self._add(_word_value(token))
        else:
            raise SyntaxProblemError(f"expected a value, found {token}")

    def _open(self, container: JsonObject | list[JsonValue], expected: _Expected) -> None:
        if len(self._levels) >= DEEPEST_NESTING:
            raise SyntaxProblemError(f"values are nested more than {DEEPEST_NESTING} deep")
        self._add(container)
        self._levels.append(_Level(container))
        self._expected = expected

    def _add(self, value: JsonValue) -> None:
        level = self._levels[-1]
        if isinstance(level.container, dict):
            level.container[level.key] = value
        else:
            level.container.append(value)
        self._expected = _Expected.COMMA

    def _close(self) -> None:
        self._levels.pop()
        self._expected = _Expected.COMMA


def _is_identifier(word: str) -> bool:
    return word.replace("$", "_").isidentifier()


def _word_value(token: Token) -> JsonValue:
    if token.text in _LITERALS:
        return _LITERALS[token.text]
    number = _NUMBER.fullmatch(token.text)
    if number is None:
        is_numeric = token.text[0].isdigit() or token.text[0] in "+-."
        advice = "is not a decimal number" if is_numeric else "is not a value; text needs quotes"
        raise SyntaxProblemError(f"{token} {advice}")
    if number["fraction"] is None and number["exponent"] is None:
        return int(token.text)
    value = float(token.text)
    if not math.isfinite(value):
        raise SyntaxProblemError(f"{token} is too large")
    return value
