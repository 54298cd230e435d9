"""Checks a JSON value against a JSON Schema, all keywords included."""

from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import validator_for

from harn_tui.json_types import JsonObject, JsonValue

_MOST_FAULTS = 5


def schema_fault(value: JsonValue, schema: JsonObject) -> str | None:
    """Return what is wrong with ``value``, places first; ``None`` when it fits ``schema``.

    A schema without ``$schema`` is read as draft 2020-12. Nothing is fetched: a reference that
    leads outside of the schema is a fault. Raises ValueError when ``schema`` itself is none.
    """
    check_schema(schema)
    validator = validator_for(schema)(schema)
    try:
        faults = [_worded(fault) for fault in validator.iter_errors(value)]
    except Exception as error:  # noqa: BLE001 - boundary: unresolvable and endless references
        return f"the schema cannot be applied: {error}"
    if not faults:
        return None
    more = len(faults) - _MOST_FAULTS
    return "; ".join(faults[:_MOST_FAULTS]) + (f"; and {more} more" if more > 0 else "")


def check_schema(schema: JsonObject) -> None:
    """Raise ValueError, in words, when ``schema`` is no JSON Schema."""
    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        raise ValueError(_worded(error)) from error


def _worded(fault: ValidationError | SchemaError) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault.path)
    message = fault.message if len(fault.message) <= 200 else f"{fault.message[:200]}…"
    return f"{place.lstrip('.')}: {message}" if place else message
