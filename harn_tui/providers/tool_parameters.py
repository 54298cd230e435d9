"""Writes a tool's schema so that the large APIs take it, losing nothing that they would take.

They refuse a whole request when one schema is no plain object at its top, as some that come from
MCP servers are. Everything below the top is theirs to read: it is sent as it is.
"""

from typing import Final

from harn_tui.json_types import JsonObject, JsonValue

_COMBINATIONS: Final = ("allOf", "anyOf", "oneOf")
_REFUSED_AT_THE_TOP: Final = frozenset({*_COMBINATIONS, "enum", "const", "not", "$ref"})


def sendable_parameters(schema: JsonObject) -> JsonObject:
    """Return ``schema`` itself when its top is a plain object, else one that has such a top.

    The parameters of combined schemas are then offered side by side; which of them go together is
    checked when the call comes.
    """
    is_plain = _REFUSED_AT_THE_TOP.isdisjoint(schema)
    if is_plain and schema.get("type") == "object" and "properties" in schema:
        return schema
    properties: JsonObject = {}
    required: dict[str, None] = {}
    _collect(schema, schema, properties, required, set(), must_have=True)
    kept = {key: value for key, value in schema.items() if key not in _REFUSED_AT_THE_TOP}
    return {**kept, "type": "object", "properties": properties, "required": [*required]}


def _collect(
    part: JsonValue,
    document: JsonObject,
    properties: JsonObject,
    required: dict[str, None],
    seen: set[int],
    *,
    must_have: bool,
) -> None:
    """Put what ``part`` says into ``properties`` and, where it always holds, ``required``."""
    if not isinstance(part, dict) or id(part) in seen:
        return
    seen.add(id(part))
    own, names = part.get("properties"), part.get("required")
    for name, schema in (own if isinstance(own, dict) else {}).items():
        properties.setdefault(name, schema)
    if must_have and isinstance(names, list):
        required |= {name: None for name in names if isinstance(name, str)}
    target = _target(part.get("$ref"), document)
    _collect(target, document, properties, required, seen, must_have=must_have)
    for key in _COMBINATIONS:
        branches = part.get(key)
        for branch in branches if isinstance(branches, list) else []:
            always = must_have and key == "allOf"
            _collect(branch, document, properties, required, seen, must_have=always)


def _target(reference: JsonValue, document: JsonObject) -> JsonValue:
    """Return what a reference into the same schema leads to, ``None`` when nowhere."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    found: JsonValue = document
    for step in reference[1:].split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, dict) else None
    return found
