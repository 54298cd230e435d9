"""Says in words what a schema wants and what is wrong with a value."""

import json
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from harn_tui.json_types import JsonValue
from harn_tui.tools.json_schema import SchemaFault

_MOST_ALTERNATIVES: Final = 4
_MOST_CHOICES: Final = 40
_MOST_NAMES: Final = 30
_SHOWN_VALUE_LENGTH: Final = 80
_LONGEST_MESSAGE: Final = 200


_LIMITS: Final = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "a string of at least {} characters",
    "maxLength": "a string of at most {} characters",
    "minItems": "a list of at least {}",
    "maxItems": "a list of at most {}",
    "pattern": "a string that matches {}",
    "uniqueItems": "a list without repetitions",
}
_TYPES: Final[Mapping[type, str]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def type_name(value: JsonValue) -> str:
    """Return the name of a value's type in JSON Schema."""
    return _TYPES.get(type(value), "null")


def name_of(path: Iterable[str | int]) -> str:
    """Return a place as it is written for a model: ``steps[0].status``."""
    written = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return written.removeprefix(".")


def shown(value: JsonValue) -> str:
    """Return a value as JSON, cut when it is long; a large one is never written whole."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, str):
        value = value[: _SHOWN_VALUE_LENGTH + 1]
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_VALUE_LENGTH else text[:_SHOWN_VALUE_LENGTH] + "…"


def wanted_types(types: Sequence[str]) -> str:
    """Return ``an integer or a string``."""
    names = [
        "null" if name == "null" else f"{'an' if name[:1] in 'aio' else 'a'} {name}"
        for name in types
    ]
    return " or ".join(names)


def wanted_choice(choices: Iterable[JsonValue]) -> str:
    """Return ``one of "fast", "slow"``."""
    texts = [json.dumps(choice, ensure_ascii=False) for choice in choices]
    rest = f", … ({len(texts)} in all)" if len(texts) > _MOST_CHOICES else ""
    return f"one of {', '.join(texts[:_MOST_CHOICES])}{rest}"


def wanted_limit(keyword: str, limit: JsonValue) -> str:
    """Return what a keyword such as ``minimum`` wants."""
    if (keyword, limit) == ("minLength", 1):
        return "a string that is not empty"
    return _LIMITS[keyword].format(limit)


def missing(path: Sequence[str | int]) -> str:
    """Return that a parameter is missing."""
    return f"missing required parameter `{name_of(path)}`"


def unknown(path: Sequence[str | int], known: Sequence[str]) -> str:
    """Return that there is no such parameter, and which was likely meant."""
    close = get_close_matches(str(path[-1]), known, n=1)
    if close:
        advice = f"did you mean `{close[0]}`?"
    else:
        rest = "…" if len(known) > _MOST_NAMES else ""
        advice = f"known: {', '.join(known[:_MOST_NAMES]) or 'none'}{rest}"
    return f"unknown parameter `{name_of(path)}` ({advice})"


def must_be(path: Sequence[str | int], wanted: str, value: JsonValue) -> str:
    """Return what a parameter must be, and what it is."""
    return f"parameter `{name_of(path)}` must be {wanted}, not {shown(value)}"


def fault_words(fault: SchemaFault) -> list[tuple[tuple[str | int, ...], str]]:
    """Return each problem that ``fault`` tells of: the place that it is about, and words."""
    path, wanted = fault.path, fault.wanted
    if fault.keyword == "required" and isinstance(wanted, str):
        return [((*path, wanted), missing((*path, wanted)))]
    if fault.keyword in {"additionalProperties", "unevaluatedProperties"}:
        names = wanted if isinstance(wanted, list) else []
        places = [(*path, str(name)) for name in names]
        return [(place, f"unknown parameter `{name_of(place)}`") for place in places]
    text = _wanted(fault)
    where = f"parameter `{name_of(path)}`" if path else "the arguments"
    return [
        (path, f"{where}: {_cut(fault.message)}" if text is None else f"{where} must be {text}")
    ]


def alternatives_words(fault: SchemaFault) -> str:
    """Return what each alternative wants, in short, for a value that is none of them."""
    where = f"parameter `{name_of(fault.path)}`" if fault.path else "the arguments"
    branches = [branch for branch in fault.alternatives if branch]
    if not branches:
        return f"{where}: {_cut(fault.message)}"
    reasons = [
        f"({number}) {'; '.join(text for each in branch for _, text in fault_words(each))}"
        for number, branch in enumerate(branches[:_MOST_ALTERNATIVES], start=1)
    ]
    rest = (
        f" and {len(branches) - _MOST_ALTERNATIVES} more"
        if reasons[:-1] and len(branches) > _MOST_ALTERNATIVES
        else ""
    )
    return f"{where} is none of {len(branches)} alternatives: {' '.join(map(_cut, reasons))}{rest}"


def _wanted(fault: SchemaFault) -> str | None:
    wanted = fault.wanted
    if fault.keyword == "type" and isinstance(wanted, list):
        return wanted_types([str(name) for name in wanted])
    if fault.keyword == "enum" and isinstance(wanted, list):
        return wanted_choice(wanted)
    if fault.keyword == "const":
        return json.dumps(wanted, ensure_ascii=False)
    return wanted_limit(fault.keyword, wanted) if fault.keyword in _LIMITS else None


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "…"
