"""Reads the values of a snapshot's keys. Every function raises ValueError, in words."""

import sys
from collections.abc import Callable
from dataclasses import fields
from typing import TypeVar

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import Usage

_ROLES = frozenset({"user", "assistant", "tool"})

Read = TypeVar("Read")


def optional(read: Callable[[JsonValue], Read]) -> Callable[[JsonValue], Read | None]:
    """Return ``read`` for values that may be null."""
    return lambda value: None if value is None else read(value)


def text(value: JsonValue) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise ValueError("it must be a text")
    return value


def texts(value: JsonValue) -> tuple[str, ...]:
    """Return a list of texts."""
    return tuple(text(item) for item in _list(value))


def number(value: JsonValue) -> int:
    """Return a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("it must be a whole number")
    return value


def count(value: JsonValue) -> int:
    """Return a whole number of at least 0."""
    if number(value) < 0:
        raise ValueError("it must be at least 0")
    return number(value)


def amount(value: JsonValue) -> float:
    """Return a finite number of at least 0."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError("it must be a number")
    if not 0 <= value <= sys.float_info.max:
        raise ValueError("it must be a finite number of at least 0")
    return float(value)


def json_object(value: JsonValue) -> JsonObject:
    """Return an object."""
    if not isinstance(value, dict):
        raise ValueError("it must be an object")
    return value


def objects(value: JsonValue) -> tuple[JsonObject, ...]:
    """Return a list of objects."""
    return tuple(json_object(item) for item in _list(value))


def messages(value: JsonValue) -> tuple[JsonObject, ...]:
    """Return a list of neutral messages (docs/messages.md)."""
    found = objects(value)
    for number_, message in enumerate(found, start=1):
        if not _is_neutral(message):
            raise ValueError(f"message {number_} is not in the form of docs/messages.md")
    return found


def repeats(value: JsonValue) -> JsonObject:
    """Return the counts of a loop detector: each call's ``count`` and ``result_digest``."""
    for call, repeat in json_object(value).items():
        match repeat:
            case {"count": int(times), "result_digest": str()} if times > 0:
                continue
        raise ValueError(f"{call.partition(chr(0))[0]!r} needs `count` and `result_digest`")
    return json_object(value)


def usage(value: JsonValue) -> Usage:
    """Return tokens; those that are not named are 0."""
    members = json_object(value)
    return Usage(**{item.name: count(members.get(item.name, 0)) for item in fields(Usage)})


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise ValueError("it must be a list")
    return value


def _is_neutral(message: JsonObject) -> bool:
    role, calls = message.get("role"), message.get("tool_calls", [])
    return (
        role in _ROLES
        and isinstance(message.get("content"), str)
        and (role != "tool" or isinstance(message.get("tool_call_id"), str))
        and isinstance(calls, list)
        and all(_is_neutral_call(call) for call in calls)
    )


def _is_neutral_call(call: JsonValue) -> bool:
    match call:
        case {"id": str(), "name": str(), "arguments": dict()}:
            return True
    return False
