"""The fields of the types that stand for JSON objects: dataclasses and typed dictionaries."""

import dataclasses
import typing
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, NotRequired, Required

from harn_tui.tools.functions.docstring import read_docstring

NO_DEFAULT: Final = object()
"""Says that there is no default that JSON could express."""


@dataclasses.dataclass(frozen=True, slots=True)
class RecordField:
    """One field. ``default`` is ``NO_DEFAULT``, or JSON; a field with either may be optional."""

    name: str
    hint: object
    is_required: bool
    default: object = NO_DEFAULT
    description: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class RecordShape:
    """A type that stands for an object. ``build`` makes one of its fields' values."""

    description: str
    fields: tuple[RecordField, ...]
    build: Callable[[dict[str, object]], object]


def is_record(hint: object) -> bool:
    """Whether ``hint`` is a dataclass or a typed dictionary."""
    return isinstance(hint, type) and (dataclasses.is_dataclass(hint) or typing.is_typeddict(hint))


def record_shape(record: type[Any]) -> RecordShape:
    """Return the shape of a dataclass or typed dictionary.

    Raises NameError for an annotation that cannot be resolved.
    """
    text = vars(record).get("__doc__")
    parts = read_docstring(None if _is_made_up(record, text) else text)
    hints = typing.get_type_hints(record, include_extras=True)
    if typing.is_typeddict(record):
        required: frozenset[str] = record.__required_keys__
        fields = tuple(
            _key(name, hint, parts.parameters.get(name, ""), is_required=name in required)
            for name, hint in hints.items()
        )
        return RecordShape(parts.description, fields, dict)
    fields = tuple(
        RecordField(
            name=field.name,
            hint=hints[field.name],
            is_required=field.default is dataclasses.MISSING
            and field.default_factory is dataclasses.MISSING,
            default=json_default(field.default),
            description=parts.parameters.get(field.name, ""),
        )
        for field in dataclasses.fields(record)
        if field.init
    )
    return RecordShape(parts.description, fields, lambda values: record(**values))


def json_default(value: object) -> object:
    """Return a default as JSON, ``NO_DEFAULT`` when JSON cannot express it."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) in (list, tuple):
        items = [json_default(item) for item in typing.cast("list[object]", value)]
        return NO_DEFAULT if any(item is NO_DEFAULT for item in items) else items
    if type(value) is dict and all(isinstance(key, str) for key in value):
        pairs: dict[str, object] = {key: json_default(item) for key, item in value.items()}
        return NO_DEFAULT if any(item is NO_DEFAULT for item in pairs.values()) else pairs
    return NO_DEFAULT


def _key(name: str, hint: object, description: str, *, is_required: bool) -> RecordField:
    """Return a key of a typed dictionary; what its own hint says of being required wins.

    The class does not know where its annotations are still text.
    """
    while (wrapper := typing.get_origin(hint)) in {Required, NotRequired}:
        is_required = wrapper is Required
        hint = typing.get_args(hint)[0]
    return RecordField(name, hint, is_required, description=description)


def _is_made_up(record: type[Any], text: str | None) -> bool:
    """Whether the docstring is the signature that ``dataclass`` writes for want of one."""
    return text is not None and text.startswith(f"{record.__name__}(")
