"""Checks the arguments of a call against a tool's schema, and reads them with their types.

The subset of JSON Schema that is understood: ``type``, ``required``, ``properties``,
``additionalProperties``, ``items``, ``enum``, ``const``, ``default``, ``minimum``, ``maximum``,
``minLength`` and ``minItems``. Other keywords (tools of MCP servers have them) are not checked.
"""

import copy
import json
import math
import re
from difflib import get_close_matches

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.base import Tool

_INTEGER_TEXT = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER_TEXT = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_BOOLEAN_TEXT = {"true": True, "false": False}
_SHOWN_VALUE_LENGTH = 80


def validate_arguments(tool: Tool, arguments: JsonValue) -> JsonObject:
    """Return ``arguments`` with defaults filled in and text numbers turned into numbers.

    ``null`` counts as missing. Raises ToolError (``schema_validation``) that lists every problem
    by the name of its parameter, so that a model can correct all of them in one go.
    """
    if not isinstance(arguments, dict):
        raise _schema_error(tool, [f"arguments must be an object, not {_type_name(arguments)}"])
    problems: list[str] = []
    checked = _check_object(tool.parameters, arguments, "", problems)
    if problems:
        raise _schema_error(tool, problems)
    return checked


def text_argument(arguments: JsonObject, name: str, default: str | None = None) -> str:
    """Return the string parameter ``name``; raises ToolError when it is not one."""
    value = arguments.get(name)
    value = default if value is None else value
    if not isinstance(value, str):
        raise _wrong_argument(name, "a string", value)
    return value


def integer_argument(arguments: JsonObject, name: str, default: int) -> int:
    """Return the integer parameter ``name``, or ``default`` when it is missing."""
    value = arguments.get(name)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_argument(name, "an integer", value)
    return value


def number_argument(arguments: JsonObject, name: str, default: float) -> float:
    """Return the number parameter ``name``, or ``default`` when it is missing."""
    value = arguments.get(name)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_argument(name, "a number", value)
    return float(value)


def flag_argument(arguments: JsonObject, name: str) -> bool:
    """Return the boolean parameter ``name``, false when it is missing."""
    value = arguments.get(name)
    value = False if value is None else value
    if not isinstance(value, bool):
        raise _wrong_argument(name, "true or false", value)
    return value


def _wrong_argument(name: str, wanted: str, value: JsonValue) -> ToolError:
    if value is None:
        message = f"missing required parameter `{name}`"
    else:
        message = f"parameter `{name}` must be {wanted}, not {_shown(value)}"
    return ToolError(message, category=ToolErrorCategory.SCHEMA_VALIDATION)


def _schema_error(tool: Tool, problems: list[str]) -> ToolError:
    return ToolError(
        f"{tool.name}: {'; '.join(problems)}.",
        category=ToolErrorCategory.SCHEMA_VALIDATION,
        hint="Correct the arguments and call the tool again.",
    )


def _check_object(
    schema: JsonObject, value: JsonObject, where: str, problems: list[str]
) -> JsonObject:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    checked: JsonObject = {}
    for name, item in value.items():
        part = properties.get(name)
        if isinstance(part, dict):
            if item is None and "null" not in _allowed_types(part):
                continue
            checked[name] = _check_value(part, item, _joined(where, name), problems)
        elif schema.get("additionalProperties") is False:
            problems.append(_unknown_parameter(_joined(where, name), name, list(properties)))
        else:
            checked[name] = item
    _fill_missing(schema, properties, checked, where, problems)
    return checked


def _fill_missing(
    schema: JsonObject,
    properties: JsonObject,
    checked: JsonObject,
    where: str,
    problems: list[str],
) -> None:
    required = schema.get("required")
    required = required if isinstance(required, list) else []
    for name, part in properties.items():
        if name not in checked and isinstance(part, dict) and "default" in part:
            checked[name] = copy.deepcopy(part["default"])
    problems.extend(
        f"missing required parameter `{_joined(where, name)}`"
        for name in required
        if isinstance(name, str) and name not in checked
    )


def _check_value(
    schema: JsonObject, value: JsonValue, where: str, problems: list[str]
) -> JsonValue:
    types = _allowed_types(schema)
    value = _coerced(value, types)
    if types and not any(_is_of_type(value, name) for name in types):
        problems.append(f"parameter `{where}` must be {_wanted(types)}, not {_shown(value)}")
        return value
    problem = _limit_problem(schema, value)
    if problem is not None:
        problems.append(f"parameter `{where}` must be {problem}, not {_shown(value)}")
        return value
    if isinstance(value, dict):
        return _check_object(schema, value, where, problems)
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, dict):
        return [
            _check_value(items, item, f"{where}[{index}]", problems)
            for index, item in enumerate(value)
        ]
    return value


def _limit_problem(schema: JsonObject, value: JsonValue) -> str | None:
    choices = schema.get("enum")
    if isinstance(choices, list) and value not in choices:
        return "one of " + ", ".join(json.dumps(choice) for choice in choices)
    if "const" in schema and value != schema["const"]:
        return json.dumps(schema["const"])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _range_problem(schema, value)
    if isinstance(value, str) and len(value) < _number(schema, "minLength", 0):
        return "a string that is not empty"
    if isinstance(value, list) and len(value) < _number(schema, "minItems", 0):
        return f"a list of at least {schema['minItems']}"
    return None


def _range_problem(schema: JsonObject, value: float) -> str | None:
    if value < _number(schema, "minimum", -math.inf):
        return f"at least {schema['minimum']}"
    if value > _number(schema, "maximum", math.inf):
        return f"at most {schema['maximum']}"
    return None


def _number(schema: JsonObject, key: str, default: float) -> float:
    value = schema.get(key)
    return value if isinstance(value, int | float) else default


def _coerced(value: JsonValue, types: tuple[str, ...]) -> JsonValue:
    """Turn text that spells a number or a flag into one when text itself is not wanted."""
    if isinstance(value, float) and "integer" in types and value.is_integer():
        return int(value)
    if not isinstance(value, str) or "string" in types:
        return value
    text = value.strip()
    if {"integer", "number"} & set(types) and _INTEGER_TEXT.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER_TEXT.fullmatch(text):
        return float(text)
    if "boolean" in types:
        return _BOOLEAN_TEXT.get(text.lower(), value)
    return value


def _allowed_types(schema: JsonObject) -> tuple[str, ...]:
    declared = schema.get("type")
    if isinstance(declared, str):
        return (declared,)
    if isinstance(declared, list):
        return tuple(name for name in declared if isinstance(name, str))
    return ()


def _is_of_type(value: JsonValue, name: str) -> bool:
    if name == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return _type_name(value) == name


def _type_name(value: JsonValue) -> str:
    names: tuple[tuple[type, str], ...] = (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "null")


def _wanted(types: tuple[str, ...]) -> str:
    return " or ".join(f"{'an' if name[0] in 'aio' else 'a'} {name}" for name in types)


def _unknown_parameter(where: str, name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    advice = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(known) or 'none'}"
    return f"unknown parameter `{where}` ({advice})"


def _joined(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _shown(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_VALUE_LENGTH else text[:_SHOWN_VALUE_LENGTH] + "…"
