"""Reads single values of policies; what is not as it must be is an error that names the key."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NoReturn, TypeVar

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonValue
from harn_tui.permissions.globs import glob_matches

_Choice = TypeVar("_Choice", bound=StrEnum)


def refuse(where: str, wanted: str) -> NoReturn:
    """Raise the ConfigError that says what ``where`` must be."""
    raise ConfigError(f"{where} must be {wanted}.")


def table(where: str, value: object, keys: Iterable[str] | None = None) -> Mapping[str, JsonValue]:
    """Return ``value`` as a table that has some of ``keys`` and no others (``None``: any)."""
    known = None if keys is None else tuple(keys)
    if not isinstance(value, Mapping):
        refuse(where, "a table" if known is None else f"a table of {', '.join(known)}")
    for key in value:
        if not isinstance(key, str) or not key:
            refuse(where, "a table whose keys are texts that are not empty")
        if known is not None and key not in known:
            raise ConfigError(f"{where}.{key} is not known.", hint=f"Accepted: {', '.join(known)}.")
    return value


def texts(where: str, value: JsonValue) -> tuple[str, ...]:
    """Return ``value`` as a list of texts that are not empty."""
    if not isinstance(value, list):
        refuse(where, "a list of texts")
    for index, item in enumerate(value):
        if not isinstance(item, str) or not item:
            refuse(f"{where}[{index}]", "text that is not empty")
    return tuple(item for item in value if isinstance(item, str))


def globs(where: str, value: JsonValue) -> tuple[str, ...]:
    """Return ``value`` as a list of globs."""
    if not isinstance(value, list):
        refuse(where, "a list of globs")
    return tuple(glob(f"{where}[{index}]", item) for index, item in enumerate(value))


def glob(where: str, value: object) -> str:
    """Return ``value`` as a glob."""
    if not isinstance(value, str) or not value:
        refuse(where, "a glob (text that is not empty)")
    try:
        glob_matches(value, "")
    except ValueError as error:
        raise ConfigError(f"{where} is not a usable glob: {error}.") from error
    return value


def choice(where: str, value: JsonValue, choices: type[_Choice]) -> _Choice:
    """Return ``value`` as one of ``choices``."""
    accepted = [str(item.value) for item in choices]
    if not isinstance(value, str) or value not in accepted:
        refuse(where, f"one of {', '.join(accepted)}")
    return choices(value)


def count(where: str, value: JsonValue) -> int:
    """Return ``value`` as a whole number from 0 on."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        refuse(where, "a whole number of at least 0")
    return value


def flag(where: str, value: JsonValue) -> bool:
    """Return ``value`` as a truth value."""
    if not isinstance(value, bool):
        refuse(where, "true or false")
    return value
