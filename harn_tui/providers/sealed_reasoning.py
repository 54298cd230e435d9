"""Reasoning that a server sealed: only the model that wrote it takes it back."""

from collections.abc import Iterable

from harn_tui.json_types import JsonObject

_SEALED = "thinking_blocks"


def has_sealed_reasoning(messages: Iterable[JsonObject]) -> bool:
    """Whether any of the neutral messages carries sealed reasoning."""
    return any(_SEALED in message for message in messages)


def without_sealed_reasoning(messages: Iterable[JsonObject]) -> list[JsonObject]:
    """Return ``messages`` as another model can be sent them; those without are the very objects."""
    return [_without(message) if _SEALED in message else message for message in messages]


def _without(message: JsonObject) -> JsonObject:
    return {key: value for key, value in message.items() if key != _SEALED}
