"""What a model reads of the value that a function returned (tools oddity 34)."""

import dataclasses
import json
import math
from collections.abc import Mapping, Set
from datetime import date, datetime, time
from enum import Enum
from pathlib import PurePath
from typing import Final

from harn_tui.errors import ToolError
from harn_tui.tools.base import ToolResult

NO_RESULT: Final = "Done."
"""The text of a call whose function returned nothing."""


def tool_result(value: object) -> ToolResult:
    """Return ``value`` as a result: text as it is, all else as JSON.

    Dataclasses, enumerations, sets, paths and dates become their nearest JSON. Raises ToolError
    that names the type of what JSON has nothing like.
    """
    if isinstance(value, ToolResult):
        return value
    if value is None:
        return ToolResult(NO_RESULT)
    if isinstance(value, str):
        return ToolResult(str(value))
    try:
        return ToolResult(json.dumps(_json_ready(value), ensure_ascii=False, allow_nan=False))
    except (RecursionError, ValueError) as error:
        raise ToolError(
            "The result cannot be told: it is nested too deeply, or contains itself."
        ) from error


def _json_ready(value: object) -> object:
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, PurePath):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: _json_ready(getattr(value, field.name)) for field in fields}
    if isinstance(value, Mapping):
        return {_key(key): _json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_ready(item) for item in value]
    if isinstance(value, Set):
        return sorted((_json_ready(item) for item in value), key=repr)
    name = type(value).__name__
    raise ToolError(
        f"The result cannot be told: JSON has nothing like a value of type {name}.",
        hint="The tool must return text, JSON, a dataclass or a ToolResult.",
    )


def _key(key: object) -> str:
    key = key.value if isinstance(key, Enum) else key
    return key if isinstance(key, str) else json.dumps(_json_ready(key), ensure_ascii=False)
