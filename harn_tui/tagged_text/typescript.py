"""Writes JSON Schemas as TypeScript types, which models read well and which take few tokens."""

import json
import re
from collections.abc import Iterable
from typing import Final

from harn_tui.json_types import JsonObject, JsonValue

DEEPEST_TYPE: Final = 12
UNKNOWN: Final = "unknown"

_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_NOT_IN_IDENTIFIER: Final = re.compile(r"[^A-Za-z0-9_$]+")
_PLAIN_TYPES: Final = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "int": "number",
    "float": "number",
    "boolean": "boolean",
    "bool": "boolean",
    "null": "null",
}


class TypeWriter:
    """Writes types and remembers those that ``$ref`` names, for all tools of one prompt."""

    def __init__(self) -> None:
        self._aliases: dict[str, tuple[str, str]] = {}

    @property
    def aliases(self) -> list[tuple[str, str]]:
        """Names and types of the shared types, in the order of their first use."""
        return [(name, written) for name, (_, written) in self._aliases.items()]

    def write(self, schema: JsonValue, document: JsonObject, depth: int = 0) -> str:
        """Return the type of ``schema``; ``$ref`` is looked up in ``document``."""
        if not isinstance(schema, dict) or depth > DEEPEST_TYPE:
            return UNKNOWN
        written = self._write(schema, document, depth + 1)
        return _union([written, "null"]) if schema.get("nullable") is True else written

    def _write(self, schema: JsonObject, document: JsonObject, depth: int) -> str:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._alias(reference, document, depth)
        if "const" in schema:
            return _literal(schema["const"])
        choices = schema.get("enum")
        if isinstance(choices, list) and choices:
            return _union(map(_literal, choices))
        for key in ("anyOf", "oneOf"):
            options = schema.get(key)
            if isinstance(options, list) and options:
                return _union(self.write(option, document, depth) for option in options)
        parts = schema.get("allOf")
        if isinstance(parts, list) and parts:
            return " & ".join(_grouped(self.write(part, document, depth)) for part in parts)
        return self._write_typed(schema, document, depth)

    def _write_typed(self, schema: JsonObject, document: JsonObject, depth: int) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            kinds = dict.fromkeys(name for name in kind if isinstance(name, str))
            return _union(self._write_typed({**schema, "type": k}, document, depth) for k in kinds)
        if kind == "array" or (kind is None and "items" in schema):
            return f"{_grouped(self.write(schema.get('items'), document, depth))}[]"
        if kind == "object" or (kind is None and "properties" in schema):
            return self._write_object(schema, document, depth)
        return _PLAIN_TYPES.get(kind, UNKNOWN) if isinstance(kind, str) else UNKNOWN

    def _write_object(self, schema: JsonObject, document: JsonObject, depth: int) -> str:
        fields = [
            f"{property_name(name)}{'' if is_required else '?'}: "
            f"{self.write(part, document, depth)}"
            for name, part, is_required in parameters_of(schema)
        ]
        if fields:
            return f"{{ {'; '.join(fields)} }}"
        return f"Record<string, {self.write(schema.get('additionalProperties'), document, depth)}>"

    def _alias(self, reference: str, document: JsonObject, depth: int) -> str:
        target = _resolve(reference, document)
        if target is None:
            return UNKNOWN
        source = json.dumps(target, sort_keys=True)
        wanted = _NOT_IN_IDENTIFIER.sub("_", reference.rsplit("/", 1)[-1]) or "Type"
        name, number = wanted, 1
        while name in self._aliases and self._aliases[name][0] != source:
            number += 1
            name = f"{wanted}{number}"
        if name not in self._aliases:
            # Entered before it is written, so that a type may contain itself.
            self._aliases[name] = (source, UNKNOWN)
            self._aliases[name] = (source, self.write(target, document, depth))
        return name


def parameters_of(schema: JsonObject) -> list[tuple[str, JsonValue, bool]]:
    """Return name, schema and whether it is required of each property, required ones first."""
    properties = schema.get("properties")
    required = schema.get("required")
    if not isinstance(properties, dict):
        return []
    names = required if isinstance(required, list) else []
    entries = [(name, part, name in names) for name, part in properties.items()]
    return sorted(entries, key=lambda entry: not entry[2])


def property_name(name: str) -> str:
    """Return ``name`` as the key of an object, quoted where it must be."""
    return name if _IDENTIFIER.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _literal(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def _union(types: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(types)) or UNKNOWN


def _grouped(written: str) -> str:
    return f"({written})" if " | " in written or " & " in written else written


def _resolve(reference: str, document: JsonObject) -> JsonObject | None:
    """Return what a pointer such as ``#/$defs/Node`` names in ``document``, ``None`` if nothing."""
    if not reference.startswith("#/"):
        return None
    found: JsonValue = document
    for step in reference[2:].split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found if isinstance(found, dict) else None
