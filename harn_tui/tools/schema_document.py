"""Looks at the parts of a JSON Schema: references followed, types and properties at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools.argument_words import type_name

_SAYS_NOTHING_OF_VALUES: Final = frozenset(
    {"title", "description", "default", "examples", "deprecated", "$comment", "$defs"}
)


@dataclass(frozen=True, slots=True)
class SchemaPart:
    """One schema of a document.

    ``schema`` has its reference followed. ``types`` are the types that a value may have, empty
    for any. ``alternatives`` are those of ``anyOf`` and ``oneOf``, ``conjuncts`` those of
    ``allOf``.
    """

    schema: JsonObject
    types: tuple[str, ...]
    properties: Mapping[str, JsonValue]
    required: tuple[str, ...]
    alternatives: tuple[JsonValue, ...]
    conjuncts: tuple[JsonValue, ...]
    accepts_null: bool

    def has_type_of(self, value: JsonValue) -> bool:
        """Whether ``value`` is of a type that this schema accepts."""
        name = type_name(value)
        return (
            not self.types or name in self.types or (name == "integer" and "number" in self.types)
        )


_ANYTHING = SchemaPart({}, (), {}, (), (), (), accepts_null=True)
_NOTHING = SchemaPart({}, (), {}, (), (), (), accepts_null=False)


class SchemaDocument:
    """A whole schema, to which its references lead. References to other documents say nothing."""

    def __init__(self, root: JsonObject) -> None:
        self._root = root
        self._parts: dict[int, tuple[JsonObject, SchemaPart]] = {}
        self._open: set[int] = set()

    def part(self, schema: JsonValue) -> SchemaPart:
        """Return what ``schema``, which stands in this document, says."""
        if not isinstance(schema, dict):
            return _NOTHING if schema is False else _ANYTHING
        known = self._parts.get(id(schema))
        if known is not None:
            return known[1]
        if id(schema) in self._open:
            return _ANYTHING
        self._open.add(id(schema))
        part = self._read(self._followed(schema))
        self._open.discard(id(schema))
        self._parts[id(schema)] = (schema, part)
        return part

    def _read(self, schema: JsonObject) -> SchemaPart:
        properties, required = schema.get("properties"), schema.get("required")
        alternatives = (*_listed(schema.get("anyOf")), *_listed(schema.get("oneOf")))
        conjuncts = _listed(schema.get("allOf"))
        types = _declared_types(schema) or self._types_of(alternatives)
        return SchemaPart(
            schema=schema,
            types=types,
            properties=properties if isinstance(properties, dict) else {},
            required=tuple(name for name in _listed(required) if isinstance(name, str)),
            alternatives=alternatives,
            conjuncts=conjuncts,
            accepts_null=self._accepts_null(schema, types, alternatives, conjuncts),
        )

    def _types_of(self, alternatives: tuple[JsonValue, ...]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for alternative in alternatives:
            types = self.part(alternative).types
            if not types:
                return ()
            found |= dict.fromkeys(types)
        return tuple(found)

    def _accepts_null(
        self,
        schema: JsonObject,
        types: tuple[str, ...],
        alternatives: tuple[JsonValue, ...],
        conjuncts: tuple[JsonValue, ...],
    ) -> bool:
        if types and "null" not in types:
            return False
        choices = schema.get("enum")
        if isinstance(choices, list) and None not in choices:
            return False
        if schema.get("const", None) is not None:
            return False
        if alternatives and not any(self.part(part).accepts_null for part in alternatives):
            return False
        return all(self.part(part).accepts_null for part in conjuncts)

    def _followed(self, schema: JsonObject) -> JsonObject:
        """Return ``schema`` with what its reference leads to; a circle of them says nothing."""
        seen: set[str] = set()
        followed = schema
        while isinstance(reference := followed.get("$ref"), str):
            beside = {key: value for key, value in followed.items() if key != "$ref"}
            target = None if reference in seen else self._target(reference)
            seen.add(reference)
            limits = {k: v for k, v in beside.items() if k not in _SAYS_NOTHING_OF_VALUES}
            if target is not None and limits:
                # Both hold; laid over each other, one would hide what the other says.
                notes = {k: v for k, v in beside.items() if k in _SAYS_NOTHING_OF_VALUES}
                return {**notes, "allOf": [{"$ref": reference}, limits]}
            followed = {**(target or {}), **beside}
        return followed

    def _target(self, reference: str) -> JsonObject | None:
        if not reference.startswith("#"):
            return None
        found: JsonValue = self._root
        for step in unquote(reference[1:]).split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict):
                found = found.get(key)
            elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
                found = found[int(key)]
            else:
                return None
        return found if isinstance(found, dict) else None


def _declared_types(schema: JsonObject) -> tuple[str, ...]:
    declared = schema.get("type")
    if isinstance(declared, str):
        return (declared,)
    return tuple(name for name in _listed(declared) if isinstance(name, str))


def _listed(value: JsonValue) -> tuple[JsonValue, ...]:
    return tuple(value) if isinstance(value, list) else ()
