"""Checks a JSON value against a JSON Schema, all keywords included.

The one file that knows the validator, which is compiled: it takes milliseconds for megabytes, and
neither a reference that leads in a circle nor a hostile regular expression holds it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.late_import import late_module

if TYPE_CHECKING:
    import jsonschema_rs
else:
    jsonschema_rs = late_module("jsonschema_rs")

DEEPEST_VALUE: Final = 500
"""Levels of a value that is still looked at; the validator would overrun its stack far below."""

_MOST_FAULTS = 5
_MOST_ITEMS_FOR_ALL_FAULTS = 5_000
_LONGEST_MESSAGE = 200
_KEYWORDS_WITH_WANTED = frozenset(
    {
        *("type", "enum", "const", "pattern", "required"),
        *("additionalProperties", "unevaluatedProperties"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("minLength", "maxLength", "minItems", "maxItems"),
    }
)


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """One thing that is wrong with a value.

    ``path`` leads to the place: names of properties and numbers of items. ``keyword`` is the one
    of the schema that the value breaks and ``wanted`` what that keyword wants; of keywords about
    properties the names of those that are missing or too many. ``message`` is the validator's own
    sentence. ``alternatives`` says of each alternative of ``anyOf`` or ``oneOf`` why it was none.
    """

    path: tuple[str | int, ...]
    keyword: str
    wanted: JsonValue
    message: str
    alternatives: tuple[tuple[SchemaFault, ...], ...] = ()


class CompiledSchema:
    """A schema, ready to be applied. Values must not be nested more than ``DEEPEST_VALUE`` levels.

    A schema without ``$schema`` is read as draft 2020-12. Nothing is fetched: a reference that
    leads outside of the schema makes it unusable. Raises ValueError, in words, for one that is.
    """

    def __init__(self, schema: JsonObject) -> None:
        if is_nested_deeper(schema, DEEPEST_VALUE):
            raise ValueError(f"it is nested more than {DEEPEST_VALUE} levels deep")
        try:
            self._validator = jsonschema_rs.validator_for(schema, offline=True)
        except jsonschema_rs.ValidationError as error:
            raise ValueError(_worded(_fault(error))) from error

    def fits(self, value: JsonValue) -> bool:
        """Whether ``value`` fits. Raises ValueError for text that is no Unicode."""
        return self._validator.is_valid(value)

    def faults(self, value: JsonValue) -> list[SchemaFault]:
        """Return all faults of ``value``, of a very large one the first alone.

        Raises ValueError for text that is no Unicode.
        """
        if not has_more_items(value, _MOST_ITEMS_FOR_ALL_FAULTS):
            return [_fault(error) for error in self._validator.iter_errors(value)]
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return [_fault(error)]
        return []


def schema_fault(value: JsonValue, schema: JsonObject) -> str | None:
    """Return what is wrong with ``value``, places first; ``None`` when it fits ``schema``.

    Raises ValueError when ``schema`` is no JSON Schema that can be applied.
    """
    check_schema(schema)
    if is_nested_deeper(value, DEEPEST_VALUE):
        return f"the value is nested more than {DEEPEST_VALUE} levels deep"
    faults = [_worded(fault) for fault in CompiledSchema(schema).faults(value)]
    if not faults:
        return None
    more = len(faults) - _MOST_FAULTS
    return "; ".join(faults[:_MOST_FAULTS]) + (f"; and {more} more" if more > 0 else "")


def check_schema(schema: JsonObject) -> None:
    """Raise ValueError, in words, when ``schema`` is no JSON Schema that can be applied."""
    CompiledSchema(schema)
    try:
        jsonschema_rs.meta.validate(schema)
    except jsonschema_rs.ValidationError as error:
        raise ValueError(_worded(_fault(error))) from error


def is_nested_deeper(value: JsonValue, levels: int) -> bool:
    """Whether ``value`` has more than ``levels`` levels of lists and objects; a circle has."""
    level: list[JsonValue] = [value]
    for _ in range(levels + 1):
        level = [
            part
            for container in level
            if isinstance(container, dict | list)
            for part in (container.values() if isinstance(container, dict) else container)
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True


def has_more_items(value: JsonValue, count: int) -> bool:
    """Whether ``value`` has more than ``count`` items and properties, all levels together."""
    waiting: list[JsonValue] = [value]
    while waiting:
        container = waiting.pop()
        if isinstance(container, dict | list):
            count -= len(container)
            if count < 0:
                return True
            waiting += container.values() if isinstance(container, dict) else container
    return False


def _fault(error: jsonschema_rs.ValidationError) -> SchemaFault:
    keyword, value = error.kind.name, error.kind.value
    alternatives: tuple[tuple[SchemaFault, ...], ...] = ()
    if keyword in {"anyOf", "oneOf"}:
        alternatives = tuple(tuple(map(_fault, branch)) for branch in value)
    wanted = value if keyword in _KEYWORDS_WITH_WANTED else None
    return SchemaFault(tuple(error.instance_path), keyword, wanted, error.message, alternatives)


def _worded(fault: SchemaFault) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault.path)
    text = fault.message
    message = text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"
    return f"{place.lstrip('.')}: {message}" if place else message
