"""The pattern of a hook: which payloads it is for (docs/loop.md, hooks and callbacks).

======================  ==========================================================
``*``, or nothing       every payload
``path == value``       the value at the dotted path is this one
``path != value``       it is another one, or there is none
``path =~ regex``       the regular expression is found in the text at the path
``a.dotted.path``       the value there is neither missing, null, false, 0 nor empty
anything else           a glob for the tool's name, ``tool.name``
======================  ==========================================================
"""

import json
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from harn_tui.errors import LoopConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.loop.regex_guard import has_nested_repeat
from harn_tui.permissions.globs import glob_matches

HookPredicate: TypeAlias = Callable[[JsonObject], bool]
"""Whether a hook is for a payload; never raises."""

SEARCHED_CHARACTERS = 2048
"""A regular expression sees no more than the beginning of a text, so that its time is bounded."""

_PATH = r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*"
_COMPARISON = re.compile(rf"({_PATH})\s*(==|!=|=~)\s*(.*)", re.DOTALL)
_DOTTED = re.compile(rf"(?=[^.]+\.){_PATH}")
_NAME_GLOB = re.compile(r"[A-Za-z0-9_.:/*?!\[\]-]+")
_TOOL_NAME = ("tool", "name")
_HINT = (
    "A pattern is `*`, `path == value`, `path != value`, `path =~ regex`, a dotted path, or a glob "
    "for the name of a tool."
)


def compile_hook_pattern(expression: str) -> HookPredicate:
    """Return the predicate that ``expression`` describes.

    Raises LoopConfigError that shows ``expression`` when it is no pattern.
    """
    text = expression.strip()
    if text in {"", "*"}:
        return lambda _payload: True
    comparison = _COMPARISON.fullmatch(text)
    if comparison is not None:
        path, operator, operand = comparison.groups()
        return _compared(tuple(path.split(".")), operator, operand.strip(), expression)
    if _DOTTED.fullmatch(text):
        parts = tuple(text.split("."))
        return lambda payload: bool(_value_at(payload, parts))
    return _named(text, expression)


def _compared(path: tuple[str, ...], operator: str, operand: str, whole: str) -> HookPredicate:
    if operator == "=~":
        regex = _regex(operand, whole)
        return lambda payload: _is_found(regex, _value_at(payload, path))
    if not operand or operand.startswith(("=", "~")):
        raise _not_a_pattern(whole, f"nothing to compare with stands after {operator}")
    wanted = _operand(operand, whole)
    is_wanted = operator == "=="
    return lambda payload: wanted.equals(_value_at(payload, path)) is is_wanted


def _named(glob: str, whole: str) -> HookPredicate:
    if _NAME_GLOB.fullmatch(glob) is None:
        raise _not_a_pattern(whole, "it is no comparison, no dotted path and no tool name")
    try:
        glob_matches(glob, "")
    except ValueError as error:
        raise _not_a_pattern(whole, str(error)) from error

    def is_named(payload: JsonObject) -> bool:
        name = _value_at(payload, _TOOL_NAME)
        return isinstance(name, str) and glob_matches(glob, name)

    return is_named


def _value_at(payload: JsonObject, path: tuple[str, ...]) -> JsonValue:
    """Return the value at ``path``; what is missing counts as ``None``."""
    value: JsonValue = payload
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


@dataclass(frozen=True, slots=True)
class _Operand:
    """What a value is compared with: a text, and the number, flag or null that it may spell."""

    text: str
    is_spelled: bool = False
    spelled: float | bool | None = None

    def equals(self, value: JsonValue) -> bool:
        if isinstance(value, str):
            return value == self.text
        is_same_type = isinstance(value, bool) == isinstance(self.spelled, bool)
        return self.is_spelled and is_same_type and value == self.spelled


def _operand(written: str, whole: str) -> _Operand:
    """Read the right side of a comparison; in quotes it is text and nothing else."""
    if written[0] == "'":
        if len(written) < 2 or written.find("'", 1) != len(written) - 1:
            raise _not_a_pattern(whole, "the text in ' is not closed, or goes on behind it")
        return _Operand(written[1:-1])
    try:
        value: JsonValue = json.loads(written)
    except (ValueError, RecursionError) as error:
        if written[0] == '"':
            reason = 'the text in " is not closed, or goes on behind it'
            raise _not_a_pattern(whole, reason) from error
        return _Operand(written)
    if isinstance(value, str):
        return _Operand(value)
    if isinstance(value, list | dict):
        raise _not_a_pattern(whole, "a value is compared with a text, a number, a flag or null")
    return _Operand(written, is_spelled=True, spelled=value)


def _regex(operand: str, whole: str) -> re.Pattern[str]:
    source = _without_quotes(operand)
    if not source:
        raise _not_a_pattern(whole, "no regular expression stands after =~")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # such as [[:alpha:]], which Python lacks
            compiled = re.compile(source)
    except (re.error, ValueError, OverflowError, RecursionError, FutureWarning) as error:
        raise _not_a_pattern(whole, f"its regular expression is wrong: {error}") from error
    if has_nested_repeat(source):
        raise LoopConfigError(
            f"The hook pattern {whole!r} repeats what repeats already, which can take forever.",
            hint="Write the inner repeat so that it gives nothing back: `\\w++` for `\\w+`.",
        )
    return compiled


def _without_quotes(written: str) -> str:
    """Take off one pair of quotes around the whole; ``"a"|"b"`` has none."""
    inner = written[1:-1]
    is_quoted = len(written) >= 2 and written[0] == written[-1] and written[0] in "\"'"
    return inner if is_quoted and written[0] not in inner else written


def _is_found(regex: re.Pattern[str], value: JsonValue) -> bool:
    if isinstance(value, list):
        return any(_is_found(regex, item) for item in value if isinstance(item, str))
    text = _text_of(value)
    return text is not None and regex.search(text[:SEARCHED_CHARACTERS]) is not None


def _text_of(value: JsonValue) -> str | None:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, dict | list):
        return None
    try:
        return json.dumps(value)
    except ValueError:  # Python refuses to write out integers of thousands of digits
        return None


def _not_a_pattern(whole: str, reason: str) -> LoopConfigError:
    return LoopConfigError(f"The hook pattern {whole!r} cannot be used: {reason}.", hint=_HINT)
