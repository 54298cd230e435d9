"""Reads calls that a model wrote as the JSON of a provider's own format.

Models trained on that format write ``[{"id": …, "function": {"name": …, "arguments": …}}]`` into
their text. It is looked for only where a reply has no call of the text format.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tagged_text.lexer import LONGEST_WORD
from harn_tui.tagged_text.object_builder import DEEPEST_NESTING
from harn_tui.tagged_text.problems import unknown_tool_problem

MOST_ATTEMPTS: Final = 16
"""Places of one text where reading is tried: each may cost as much as the rest of the text."""

_START: Final = re.compile(r'\[\s{0,64}\{\s{0,64}"id"|\{\s{0,64}"id"\s{0,64}:\s{0,64}"call_')
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class JsonCall:
    """One call; ``problem`` says why it cannot run, ``arguments`` is then empty.

    ``start`` and ``end`` delimit the JSON that it came from, which may hold several calls.
    """

    name: str
    arguments: JsonObject
    problem: str | None
    start: int
    end: int


def find_json_calls(
    text: str, tools: Sequence[str], unavailable: Mapping[str, str]
) -> Iterator[JsonCall]:
    """Yield the calls in ``text``, in their order; ``tools`` are the known names, sorted."""
    decoder = _decoder()
    known = frozenset(tools)
    at = 0
    for _ in range(MOST_ATTEMPTS):
        found = _START.search(text, at)
        if found is None:
            return
        start = found.start()
        try:
            value, at = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            at = start + 1
            continue
        for entry in value if isinstance(value, list) else [value]:
            named = _name_and_arguments(entry)
            if named is None:
                continue
            name, written = named
            if name in known:
                yield _read_call(name, written, start, at)
            else:
                problem = unknown_tool_problem(name, tools, unavailable)
                yield JsonCall(name, {}, problem, start, at)


def _name_and_arguments(entry: JsonValue) -> tuple[str, JsonValue] | None:
    function = entry.get("function") if isinstance(entry, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(name, str):
        return None
    return name, function.get("arguments", {})


def _read_call(name: str, written: JsonValue, start: int, end: int) -> JsonCall:
    try:
        arguments = _read_arguments(written)
    except (ValueError, RecursionError) as error:
        return JsonCall(name, {}, f"Could not parse arguments of {name}: {error}.", start, end)
    return JsonCall(name, arguments, None, start, end)


def _read_arguments(value: JsonValue) -> JsonObject:
    if isinstance(value, str):
        value = _decoder().decode(value) if value.strip() else {}
    if not isinstance(value, dict):
        raise ValueError("they are not a JSON object")
    _check_nesting(value)
    if _LONE_SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise ValueError("they hold half of a surrogate pair")
    return value


def _check_nesting(value: JsonObject) -> None:
    level: list[JsonValue] = [value]
    for _ in range(DEEPEST_NESTING):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise ValueError("they are nested too deeply")


def _decoder() -> json.JSONDecoder:
    # strict=False admits raw control characters within strings, which local models write.
    return json.JSONDecoder(
        strict=False,
        parse_constant=_refuse_constant,
        parse_float=_finite_number,
        parse_int=_short_number,
    )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _short_number(text: str) -> int:
    if len(text) >= LONGEST_WORD:
        raise ValueError("a number is too large")
    return int(text)
