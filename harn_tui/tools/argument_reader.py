"""Reads the arguments of a call as their schema wants them: types, defaults, other names.

The common keywords are checked on the way, in the words of docs/tools.md; the validator of
``json_schema`` has the last word on all of them.
"""

import copy
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools import argument_words as words
from harn_tui.tools.argument_problems import ArgumentProblems, Place, are_enough, path_of
from harn_tui.tools.schema_document import SchemaDocument, SchemaPart

_INTEGER_TEXT: Final = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER_TEXT: Final = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_BOOLEAN_TEXT: Final = {"true": True, "false": False}
_PLAIN_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
_SAY_TYPES: Final = ("type", "anyOf", "oneOf")
_LIMITS_OF_ITEMS: Final = frozenset(
    {"enum", "const", "minimum", "maximum", "minLength", "anyOf", "oneOf", "allOf"}
)


class ArgumentReader:
    """Reads values against one schema and collects what is wrong with them.

    ``must_convert`` false leaves text text and null null: the value is known to fit as it is.
    """

    def __init__(self, schema: JsonObject, *, must_convert: bool) -> None:
        self.problems = ArgumentProblems()
        self._document = SchemaDocument(schema)
        self._schema = schema
        self._must_convert = must_convert

    def read(self, arguments: JsonObject) -> JsonObject:
        """Return ``arguments`` with defaults filled in and text turned into what is wanted."""
        read = self._read(self._document.part(self._schema), arguments, None)
        return read if isinstance(read, dict) else arguments

    def _read(
        self, part: SchemaPart, value: JsonValue, place: Place, seen: set[int] | None = None
    ) -> JsonValue:
        """Return ``value`` as ``part`` wants it; ``seen`` are the parts that had this value before.

        Without a step into the value a schema may lead back to itself, or to one part many times.
        """
        value = self._converted(value, part.types)
        if not part.has_type_of(value):
            said_by = next(keyword for keyword in _SAY_TYPES if keyword in part.schema)
            self._report(place, said_by, value, lambda: words.wanted_types(part.types))
            return value
        self._check_limits(part.schema, value, place)
        if isinstance(value, dict):
            value = self._read_object(part, value, place)
        elif isinstance(value, list):
            value = self._read_list(part, value, place)
        if part.conjuncts or part.alternatives:
            value = self._read_inner(part, value, place, seen or set())
        return value

    def _read_inner(
        self, part: SchemaPart, value: JsonValue, place: Place, seen: set[int]
    ) -> JsonValue:
        seen.add(id(part))
        for schema in part.conjuncts:
            inner = self._document.part(schema)
            if id(inner) not in seen:
                value = self._read(inner, value, place, seen)
        if not isinstance(value, dict | list):
            return value
        meant = self._meant_alternative(part, value)
        if meant is None or id(meant) in seen:
            return value
        # Only the validator knows whether another alternative would do, so it tells what is wrong.
        problems, self.problems = self.problems, ArgumentProblems(is_silent=True)
        value = self._read(meant, value, place, seen)
        self.problems = problems
        return value

    def _read_object(self, part: SchemaPart, value: JsonObject, place: Place) -> JsonObject:
        others = part.schema.get("additionalProperties")
        is_closed = others is False and "patternProperties" not in part.schema
        read: JsonObject = {}
        for name, item in value.items():
            if name in part.properties:
                inner = self._document.part(part.properties[name])
                if item is not None or inner.accepts_null or not self._must_convert:
                    read[name] = self._read(inner, item, (place, name))
            elif is_closed:
                read[name] = item
                self._report_unknown(part, (place, name))
            elif isinstance(others, dict):
                read[name] = self._read(self._document.part(others), item, (place, name))
            else:
                read[name] = item
        self._fill_missing(part, read, place)
        return read

    def _fill_missing(self, part: SchemaPart, read: JsonObject, place: Place) -> None:
        for name, schema in part.properties.items():
            if name not in read:
                self._fill_default(self._document.part(schema), read, name)
        for name in part.required:
            if name not in read:
                self._report_missing((place, name))

    def _fill_default(self, part: SchemaPart, read: JsonObject, name: str) -> None:
        """Put the default in, unless the schema itself does not accept it."""
        if "default" in part.schema:
            default = part.schema["default"]
            if part.has_type_of(default) and _choice_problem(part.schema, default) is None:
                read[name] = copy.deepcopy(default)

    def _read_list(self, part: SchemaPart, value: list[JsonValue], place: Place) -> list[JsonValue]:
        first = part.schema.get("prefixItems")
        parts = [self._document.part(schema) for schema in first] if isinstance(first, list) else []
        read = [
            self._read(inner, item, (place, index))
            for index, (inner, item) in enumerate(zip(parts, value, strict=False))
        ]
        rest = part.schema.get("items")
        if not isinstance(rest, dict):
            return [*read, *value[len(read) :]]
        inner = self._document.part(rest)
        if not parts and _are_plain(inner, value):
            return value
        problems, faulty = self.problems, 0
        for index in range(len(read), len(value)):
            if are_enough(faulty + 1) and self.problems is problems:
                self.problems = ArgumentProblems(is_silent=True)
            known = self.problems.count
            read.append(self._read(inner, value[index], (place, index)))
            faulty += self.problems.count > known
        self.problems = problems
        problems.summarize_items(place, faulty)
        return read

    def _meant_alternative(
        self, part: SchemaPart, value: JsonObject | list[JsonValue]
    ) -> SchemaPart | None:
        parts = [self._document.part(schema) for schema in part.alternatives]
        for must_fit_types in (True, False):
            for inner in parts:
                if self._may_be_meant(inner, value, must_fit_types=must_fit_types):
                    return inner
        return None

    def _may_be_meant(self, part: SchemaPart, value: JsonValue, *, must_fit_types: bool) -> bool:
        if not part.has_type_of(value):
            return False
        if not isinstance(value, dict):
            return True
        given = {name: item for name, item in value.items() if item is not None}
        is_closed = part.schema.get("additionalProperties") is False
        if not set(part.required) <= set(given) or (
            is_closed and not set(given) <= set(part.properties)
        ):
            return False
        for name, item in given.items():
            inner = self._document.part(part.properties.get(name))
            if _choice_problem(inner.schema, item) is not None:
                return False
            if must_fit_types and not inner.has_type_of(item):
                return False
        return True

    def _converted(self, value: JsonValue, types: tuple[str, ...]) -> JsonValue:
        """Turn text that spells a number or a flag into one when text itself is not wanted."""
        if isinstance(value, float) and "integer" in types and value.is_integer():
            return int(value)
        if not self._must_convert or not isinstance(value, str) or "string" in types:
            return value
        return _spelled(value.strip(), types, value)

    def _check_limits(self, schema: JsonObject, value: JsonValue, place: Place) -> None:
        found = _choice_problem(schema, value) or _limit_problem(schema, value)
        if found is not None:
            keyword, wanted = found
            self._report(place, keyword, value, lambda: wanted)

    def _report(
        self, place: Place, keyword: str, value: JsonValue, wanted: Callable[[], str]
    ) -> None:
        if self.problems.is_silent:
            self.problems.count += 1
        else:
            text = words.must_be(path_of(place), wanted(), value)
            self.problems.add(place, keyword, text)

    def _report_missing(self, place: Place) -> None:
        self.problems.add(place, "required", words.missing(path_of(place)))

    def _report_unknown(self, part: SchemaPart, place: Place) -> None:
        text = words.unknown(path_of(place), list(part.properties))
        self.problems.add(place, "additionalProperties", text)


def _are_plain(part: SchemaPart, value: list[JsonValue]) -> bool:
    """Whether all items are of the one simple type that ``part`` wants, and nothing else counts."""
    if len(part.types) != 1 or not part.schema.keys().isdisjoint(_LIMITS_OF_ITEMS):
        return False
    types = _PLAIN_TYPES.get(part.types[0], ())
    # Every item is looked at one by one otherwise, which takes seconds for a million of them.
    return all(type(item) in types for item in value)


def _spelled(text: str, types: tuple[str, ...], value: str) -> JsonValue:
    if {"integer", "number"} & set(types) and _INTEGER_TEXT.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER_TEXT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else value
    if "boolean" in types:
        return _BOOLEAN_TEXT.get(text.lower(), value)
    return value


def _choice_problem(schema: JsonObject, value: JsonValue) -> tuple[str, str] | None:
    choices = schema.get("enum")
    if isinstance(choices, list) and not any(_is_same(value, choice) for choice in choices):
        return "enum", words.wanted_choice(choices)
    if "const" in schema and not _is_same(value, schema["const"]):
        return "const", json.dumps(schema["const"], ensure_ascii=False)
    return None


def _is_same(value: JsonValue, other: JsonValue) -> bool:
    """Whether two values are the same JSON: ``true`` is not 1, but 1.0 is."""
    return value == other and isinstance(value, bool) == isinstance(other, bool)


def _limit_problem(schema: JsonObject, value: JsonValue) -> tuple[str, str] | None:
    for keyword, size in _sizes(value):
        limit = schema.get(keyword)
        if not isinstance(limit, int | float) or isinstance(limit, bool):
            continue
        if (size > limit) if keyword == "maximum" else (size < limit):
            return keyword, words.wanted_limit(keyword, limit)
    return None


def _sizes(value: JsonValue) -> tuple[tuple[str, float], ...]:
    if isinstance(value, bool):
        return ()
    if isinstance(value, int | float):
        return ("minimum", value), ("maximum", value)
    if isinstance(value, str):
        return (("minLength", len(value)),)
    return (("minItems", len(value)),) if isinstance(value, list) else ()
