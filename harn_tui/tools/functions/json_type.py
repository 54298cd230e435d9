"""A Python type as JSON: its schema, which values look like it, and how one is made of JSON."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Final, TypeAlias

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.base import ToolContext
from harn_tui.tools.workspace import resolve_path

Conversion: TypeAlias = Callable[[JsonValue, ToolContext], object]


@dataclass(frozen=True, slots=True)
class JsonType:
    """How a type stands in JSON.

    ``convert`` makes the Python value of a JSON value that fits ``schema``; ``None`` when they
    are the same. ``looks_like`` tells, without looking inside, whether a JSON value may be one.
    ``is_path`` says that the value is the path of a file or a list of such.
    """

    schema: JsonObject
    looks_like: Callable[[JsonValue], bool]
    convert: Conversion | None = None
    is_path: bool = False

    def with_keywords(self, keywords: JsonObject) -> "JsonType":
        """Return the type with more keywords in its schema."""
        return replace(self, schema={**self.schema, **keywords})


def converted(json_type: JsonType, value: JsonValue, context: ToolContext) -> object:
    """Return the Python value of ``value``."""
    return value if json_type.convert is None else json_type.convert(value, context)


def _path(value: JsonValue, context: ToolContext) -> Path:
    return resolve_path(context, str(value))


def _moment(parse: Callable[[str], object], form: str) -> Conversion:
    def convert(value: JsonValue, _context: ToolContext) -> object:
        try:
            return parse(str(value))
        except ValueError as error:
            raise ToolError(
                f"{value!r:.80} is no {form}: {error}.",
                category=ToolErrorCategory.SCHEMA_VALIDATION,
                hint="Write it in the form of ISO 8601.",
            ) from error

    return convert


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str)


def _is_integer(value: JsonValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_float(value: JsonValue, _context: ToolContext) -> object:
    return float(value) if isinstance(value, int) else value


ANYTHING: Final = JsonType({}, lambda _: True)
NULL: Final = JsonType({"type": "null"}, lambda value: value is None)
SCALARS: Final[dict[object, JsonType]] = {
    str: JsonType({"type": "string"}, _is_text),
    int: JsonType({"type": "integer"}, _is_integer),
    float: JsonType({"type": "number"}, _is_number, _as_float),
    bool: JsonType({"type": "boolean"}, lambda value: isinstance(value, bool)),
    None: NULL,
    type(None): NULL,
    Path: JsonType({"type": "string"}, _is_text, _path, is_path=True),
    datetime: JsonType(
        {"type": "string", "format": "date-time"},
        _is_text,
        _moment(datetime.fromisoformat, "date and time"),
    ),
    date: JsonType(
        {"type": "string", "format": "date"}, _is_text, _moment(date.fromisoformat, "date")
    ),
    time: JsonType(
        {"type": "string", "format": "time"}, _is_text, _moment(time.fromisoformat, "time")
    ),
}
