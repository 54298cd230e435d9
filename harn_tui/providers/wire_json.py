"""Read JSON that came over the wire, where any field may be missing or of the wrong type."""

import json

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ProviderErrorCategory


def decode_object(data: str) -> JsonObject:
    """Return the JSON object in the ``data`` of one event.

    Raises ProviderError (transient_network): a broken line within a stream means that part of
    the reply was lost, so the reply cannot be trusted and asking again may help.
    """
    try:
        value = json.loads(data, strict=False)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ProviderError(
            "The model server's reply stream was broken: one of its events is not a JSON object.",
            category=ProviderErrorCategory.TRANSIENT_NETWORK,
        )
    return value


def text_of(value: JsonValue) -> str:
    """Return ``value`` when it is a string, else an empty string."""
    return value if isinstance(value, str) else ""


def object_of(value: JsonValue) -> JsonObject:
    """Return ``value`` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects_of(value: JsonValue) -> list[JsonObject]:
    """Return the objects within the list ``value``; an empty list for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def count_of(value: JsonValue) -> int:
    """Return ``value`` when it is a number of something, else 0. Never negative."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    if value != value or value in (float("inf"), float("-inf")):
        return 0
    return max(0, int(value))


def index_of(value: JsonValue) -> int | None:
    """Return ``value`` when it can be an index, else ``None``."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if value >= 0 else None
