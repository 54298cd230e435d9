"""Reads annotations that are plain data, and lays those of a policy over those of a tool.

What is not known is an error, never a guess: an unknown level would otherwise count as harmless in
one place and as the worst in another (tools oddity 29).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final, NoReturn, TypeVar

from harn_tui.errors import ToolDefinitionError
from harn_tui.json_types import JsonValue
from harn_tui.kinds import SideEffectLevel, ToolKind
from harn_tui.tools.base import UNANNOTATED, ToolAnnotations

_Choice = TypeVar("_Choice", bound=StrEnum)


def read_annotations(where: str, data: JsonValue) -> ToolAnnotations:
    """Return the annotations that ``data`` describes; ``where`` names them in an error.

    Keys are ``kind``, ``side_effect_level``, ``arg_schema`` (``path_params``, ``arg_aliases``,
    ``required``), ``capabilities``, ``emits_artifacts``, ``result_readers`` and ``inline_result``;
    ``path_params`` may also stand by itself, as policies have it.
    Raises ToolDefinitionError that names the key and what is accepted.
    """
    return lay_over(UNANNOTATED, where, data)


def lay_over(own: ToolAnnotations, where: str, data: JsonValue) -> ToolAnnotations:
    """Return ``own`` with every field replaced that ``data`` has (tools oddity 7).

    Raises ToolDefinitionError as ``read_annotations`` does.
    """
    if data is None:
        return own
    fields: dict[str, Any] = {}
    for key, value in _table(where, data, [*_READERS, "arg_schema"]).items():
        if key == "arg_schema":
            place = f"{where}.arg_schema"
            for inner, part in _table(place, value, _ARG_SCHEMA_READERS).items():
                fields[inner] = _ARG_SCHEMA_READERS[inner](f"{place}.{inner}", part)
        else:
            fields[key] = _READERS[key](f"{where}.{key}", value)
    return replace(own, **fields)


def choice_of(choices: type[_Choice], where: str, value: object) -> _Choice:
    """Return ``value`` as one of ``choices``. Raises ToolDefinitionError that lists them."""
    accepted = [str(choice.value) for choice in choices]
    if not isinstance(value, str) or value not in accepted:
        _refuse(where, f"one of {', '.join(accepted)}", value)
    return choices(value)


def _kind(where: str, value: JsonValue) -> ToolKind:
    return choice_of(ToolKind, where, value)


def _level(where: str, value: JsonValue) -> SideEffectLevel:
    return choice_of(SideEffectLevel, where, value)


def _flag(where: str, value: JsonValue) -> bool:
    return value if isinstance(value, bool) else _refuse(where, "true or false", value)


def _texts(where: str, value: JsonValue) -> tuple[str, ...]:
    if not isinstance(value, list):
        _refuse(where, "a list of texts", value)
    return tuple(item if isinstance(item, str) else _refuse(where, "text", item) for item in value)


def _aliases(where: str, value: JsonValue) -> Mapping[str, str]:
    return {
        alias: name if isinstance(name, str) else _refuse(f"{where}.{alias}", "text", name)
        for alias, name in _table(where, value).items()
    }


def _capabilities(where: str, value: JsonValue) -> Mapping[str, tuple[str, ...]]:
    return {name: _texts(f"{where}.{name}", part) for name, part in _table(where, value).items()}


_Reader = Callable[[str, JsonValue], object]
_READERS: Final[Mapping[str, _Reader]] = {
    "kind": _kind,
    "side_effect_level": _level,
    "path_params": _texts,
    "capabilities": _capabilities,
    "emits_artifacts": _flag,
    "result_readers": _texts,
    "inline_result": _flag,
}
_ARG_SCHEMA_READERS: Final[Mapping[str, _Reader]] = {
    "path_params": _texts,
    "arg_aliases": _aliases,
    "required": _texts,
}


def _table(
    where: str, value: JsonValue, keys: Mapping[str, object] | list[str] | None = None
) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        _refuse(where, "a table", value)
    for key in value:
        if keys is not None and key not in keys:
            raise ToolDefinitionError(
                f"{where}.{key} is not known.", hint=f"Accepted: {', '.join(keys)}."
            )
    return value


def _refuse(where: str, wanted: str, value: object) -> NoReturn:
    raise ToolDefinitionError(f"{where} must be {wanted}, not {value!r:.80}.")
