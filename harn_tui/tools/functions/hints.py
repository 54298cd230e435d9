"""Reads type hints as JSON Schema, and says how values of them are made."""

import types
import typing
from collections import abc
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Annotated, Any, Final, ForwardRef, Literal, NoReturn, Union

from harn_tui.errors import ToolDefinitionError, ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.base import ToolContext
from harn_tui.tools.functions.json_type import (
    ANYTHING,
    NULL,
    SCALARS,
    Conversion,
    JsonType,
    converted,
)
from harn_tui.tools.functions.record_fields import (
    NO_DEFAULT,
    RecordField,
    RecordShape,
    is_record,
    record_shape,
)

_ACCEPTED: Final = (
    "Accepted: str, int, float, bool, None, list, tuple, set, dict with text keys, Literal, Enum,"
    " Optional and unions, dataclasses, TypedDict, Path, datetime, date, time, Any, and"
    " Annotated[…] of these."
)
_LISTS: Final[Mapping[object, Callable[[Iterable[object]], object]]] = {
    list: list,
    abc.Sequence: list,
    abc.MutableSequence: list,
    abc.Iterable: list,
    abc.Collection: list,
    set: set,
    abc.Set: set,
    abc.MutableSet: set,
    frozenset: frozenset,
    tuple: tuple,
}
_ALIAS_TYPE: Final = "TypeAliasType"
_TABLES: Final = frozenset({dict, abc.Mapping, abc.MutableMapping})


class HintReader:
    """Reads the hints of one function. ``definitions`` fills with the types that have a name."""

    def __init__(self) -> None:
        self.definitions: JsonObject = {}
        self._records: dict[type, JsonType] = {}
        self._open_aliases: set[object] = set()

    def read(self, where: str, hint: object) -> JsonType:
        """Return ``hint`` as JSON; ``where`` names its place in an error.

        Raises ToolDefinitionError for a hint that JSON has nothing like, or that is no type.
        """
        if hint is None:
            return NULL
        if isinstance(hint, type):
            return self._class(where, hint)
        if _is_any_json(hint):
            return ANYTHING
        if isinstance(hint, typing.NewType):
            return self.read(where, hint.__supertype__)
        if type(hint).__name__ == _ALIAS_TYPE:
            return self._alias(where, hint)
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is Annotated:
            return self._annotated(where, hint)
        if origin in {Union, types.UnionType}:
            return self._union(where, arguments)
        if origin is Literal:
            return _choice(where, arguments)
        return self._container(where, hint, origin, arguments)

    def _class(self, where: str, hint: type[Any]) -> JsonType:
        if hint in SCALARS:
            return SCALARS[hint]
        if hint is object or hint is Any:
            return ANYTHING
        if issubclass(hint, Enum):
            return _enum(where, hint)
        if is_record(hint):
            return self._record(where, hint)
        return self._container(where, hint, typing.get_origin(hint) or hint, typing.get_args(hint))

    def _container(
        self, where: str, hint: object, origin: object, arguments: tuple[object, ...]
    ) -> JsonType:
        if origin in _LISTS:
            return self._list(where, origin, arguments)
        if origin not in _TABLES:
            _refuse(where, hint)
        return self._table(where, arguments)

    def _alias(self, where: str, alias: Any) -> JsonType:
        """Return what ``type X = …`` stands for, a form that is newer than this file."""
        if alias in self._open_aliases:
            _refuse(f"{where}, within itself", alias)
        self._open_aliases.add(alias)
        read = self.read(where, alias.__value__)
        self._open_aliases.discard(alias)
        return read

    def _annotated(self, where: str, hint: object) -> JsonType:
        """Text beside the type describes it; a table holds further keywords of JSON Schema."""
        inner, *notes = typing.get_args(hint)
        read = self.read(where, inner)
        for note in notes:
            if isinstance(note, str):
                read = read.with_keywords({"description": note})
            elif isinstance(note, dict):
                read = read.with_keywords(note)
        return read

    def _union(self, where: str, hints: tuple[object, ...]) -> JsonType:
        if _is_all_of_json(hints):
            return ANYTHING
        members = [self.read(where, hint) for hint in hints]

        def convert(value: JsonValue, context: ToolContext) -> object:
            *others, last = [member for member in members if member.looks_like(value)] or [ANYTHING]
            for member in others:
                try:
                    return converted(member, value, context)
                except ToolError as error:
                    if error.category is not ToolErrorCategory.SCHEMA_VALIDATION:
                        raise
            return converted(last, value, context)

        return JsonType(
            schema=_any_of([member.schema for member in members]),
            looks_like=lambda value: any(member.looks_like(value) for member in members),
            convert=convert if any(member.convert for member in members) else None,
            is_path=any(member.is_path for member in members),
        )

    def _list(self, where: str, kind: object, hints: tuple[object, ...]) -> JsonType:
        if kind is tuple and hints and hints[-1] is not Ellipsis:
            return self._tuple(where, hints)
        item = self.read(f"{where}[]", hints[0]) if hints else ANYTHING
        build = _LISTS[kind]
        schema: JsonObject = {"type": "array", "items": item.schema}
        if build in {set, frozenset}:
            schema["uniqueItems"] = True

        def convert(value: JsonValue, context: ToolContext) -> object:
            items = value if isinstance(value, list) else []
            return build(converted(item, each, context) for each in items)

        is_same = build is list and item.convert is None
        return JsonType(schema, _is_list, None if is_same else convert, item.is_path)

    def _tuple(self, where: str, hints: tuple[object, ...]) -> JsonType:
        items = [self.read(f"{where}[{index}]", hint) for index, hint in enumerate(hints)]

        def convert(value: JsonValue, context: ToolContext) -> object:
            given = value if isinstance(value, list) else []
            return tuple(converted(*pair, context) for pair in zip(items, given, strict=False))

        schema: JsonObject = {
            "type": "array",
            "prefixItems": [item.schema for item in items],
            "minItems": len(items),
            "maxItems": len(items),
        }
        return JsonType(
            schema,
            lambda value: isinstance(value, list) and len(value) == len(items),
            convert,
            is_path=any(item.is_path for item in items),
        )

    def _table(self, where: str, hints: tuple[object, ...]) -> JsonType:
        if not hints:
            return JsonType({"type": "object"}, _is_table)
        if hints[0] is not str:
            _refuse(f"the keys of {where}", hints[0])
        item = self.read(f"{where}[…]", hints[1])

        def convert(value: JsonValue, context: ToolContext) -> object:
            pairs = value if isinstance(value, dict) else {}
            return {key: converted(item, each, context) for key, each in pairs.items()}

        schema: JsonObject = {"type": "object", "additionalProperties": item.schema or True}
        return JsonType(schema, _is_table, convert if item.convert else None)

    def _record(self, where: str, record: type[Any]) -> JsonType:
        if record in self._records:
            return self._records[record]
        try:
            shape = record_shape(record)
        except NameError as error:
            raise ToolDefinitionError(
                f"{where}: the type hints of {record.__name__} cannot be resolved: {error}.",
                hint="Name types that its module defines or imports.",
            ) from error
        name = self._free_name(record.__name__)
        self.definitions[name] = True  # entered first: a type may contain itself
        members: dict[str, JsonType] = {}
        looks_like = _looks_like(shape)
        read = JsonType({"$ref": f"#/$defs/{name}"}, looks_like, _record_conversion(shape, members))
        self._records[record] = read
        for field in shape.fields:
            members[field.name] = self.read(f"{where}.{field.name}", field.hint)
        self.definitions[name] = object_schema(
            [(field, members[field.name]) for field in shape.fields], shape.description
        )
        return read

    def _free_name(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self.definitions:
            number += 1
            name = f"{wanted}{number}"
        return name


def object_schema(fields: Iterable[tuple[RecordField, JsonType]], description: str) -> JsonObject:
    """Return the closed object schema of ``fields``."""
    properties: JsonObject = {}
    required: list[JsonValue] = []
    for field, read in fields:
        part = dict(read.schema)
        if field.description:
            part.setdefault("description", field.description)
        if field.default is not NO_DEFAULT:
            part["default"] = field.default  # type: ignore[assignment]  # json_default made it JSON
        if field.is_required:
            required.append(field.name)
        properties[field.name] = part
    schema: JsonObject = {"type": "object", "properties": properties, "required": required}
    if description:
        schema["description"] = description
    return {**schema, "additionalProperties": False}


def _record_conversion(shape: RecordShape, members: Mapping[str, JsonType]) -> Conversion:
    def convert(value: JsonValue, context: ToolContext) -> object:
        given = value if isinstance(value, dict) else {}
        known = {name: part for name, part in given.items() if name in members}
        return shape.build(
            {name: converted(members[name], part, context) for name, part in known.items()}
        )

    return convert


def _looks_like(shape: RecordShape) -> Callable[[JsonValue], bool]:
    names = {field.name for field in shape.fields}
    required = {field.name for field in shape.fields if field.is_required}

    def looks_like(value: JsonValue) -> bool:
        return isinstance(value, dict) and required <= value.keys() <= names

    return looks_like


def _enum(where: str, choices: type[Enum]) -> JsonType:
    read = _choice(where, tuple(member.value for member in choices))

    def convert(value: JsonValue, _context: ToolContext) -> object:
        return choices(value)

    return JsonType(read.schema, read.looks_like, convert)


def _choice(where: str, choices: tuple[object, ...]) -> JsonType:
    values: list[JsonValue] = []
    for choice in choices:
        if choice is not None and not isinstance(choice, str | int | float):
            _refuse(f"a choice of {where}", choice)
        values.append(choice.value if isinstance(choice, Enum) else choice)
    schema: JsonObject = {"enum": values}
    kinds = {type(value) for value in values}
    if len(kinds) == 1 and (kind := SCALARS.get(kinds.pop())):
        schema = {**kind.schema, **schema}
    return JsonType(schema, lambda value: any(value is c or value == c for c in values))


def _any_of(schemas: list[JsonObject]) -> JsonObject:
    """Return a schema for any of ``schemas``; of bare types a list of them, which is shorter."""
    if all(set(schema) == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"anyOf": [*schemas]}


def _is_any_json(hint: object) -> bool:
    """Whether ``hint`` is the alias for any JSON, which stays text where it speaks of itself."""
    return (hint.__forward_arg__ if isinstance(hint, ForwardRef) else hint) in (Any, JsonValue)


def _is_all_of_json(hints: tuple[object, ...]) -> bool:
    """Whether a union names everything that JSON has, as an alias for it does."""
    kinds = {typing.get_origin(hint) or hint for hint in hints}
    return {type(None), bool, int, float, str, list, dict} <= kinds


def _is_list(value: JsonValue) -> bool:
    return isinstance(value, list)


def _is_table(value: JsonValue) -> bool:
    return isinstance(value, dict)


def _refuse(where: str, hint: object) -> NoReturn:
    name = hint.__name__ if isinstance(hint, type) else str(hint)
    raise ToolDefinitionError(f"{where}: JSON has nothing like {name:.80}.", hint=_ACCEPTED)
