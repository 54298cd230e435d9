"""Parse the arguments of a tool call, without ever guessing what a broken text meant.

A lenient parser would accept ``{"a":1}{"b":2}`` as its first half and run a call that the model
did not ask for; a failed parse is told to the model instead (docs/loop.md, oddity 10.20).
"""

import json
from typing import NoReturn

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import ToolCallRequest
from harn_tui.providers.surrogates import clean_json, without_lone_surrogates


def tool_call_from_text(call_id: str, name: str, raw_arguments: str) -> ToolCallRequest:
    """Return the call; ``arguments`` is ``None`` and ``parse_error`` set when the text is broken.

    An empty or blank text means no arguments. Raw control characters within strings, which local
    models write, are accepted.
    """
    raw = without_lone_surrogates(raw_arguments)
    if not raw.strip():
        return ToolCallRequest(call_id, name, {}, raw)
    try:
        arguments = _parse_object(raw_arguments)
    except (ValueError, RecursionError) as error:
        return ToolCallRequest(call_id, name, None, raw, parse_error=_explain(error))
    return ToolCallRequest(call_id, name, arguments, raw)


def arguments_text(value: JsonValue) -> str:
    """Return the text of arguments that came as text, as an object, or not at all.

    Anything else becomes text too, so that the model is told what was wrong with it.
    """
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def _parse_object(text: str) -> JsonObject:
    # strict=False only admits raw control characters within strings; all else stays strict.
    value: JsonValue = json.loads(text, strict=False, parse_constant=_refuse_constant)
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, got {_kind_of(value)}")
    cleaned = clean_json(value)
    return cleaned if isinstance(cleaned, dict) else {}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _kind_of(value: JsonValue) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "a number"


def _explain(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "The arguments are nested too deeply."
    return f"The arguments are not a valid JSON object: {error}."
