"""Takes values out of JSON that somebody else wrote and that may hold anything anywhere."""

import json
import math
from datetime import UTC, datetime

from harn_tui.json_types import JsonObject, JsonValue

_LATEST_MS = 253_402_300_799_000  # the end of the year 9999
_SECONDS_BEFORE = 100_000_000_000  # smaller numbers are seconds, larger ones milliseconds


def text_of(value: JsonValue) -> str:
    """Return the string, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def object_of(value: JsonValue) -> JsonObject:
    """Return the object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def list_of(value: JsonValue) -> list[JsonValue]:
    """Return the list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def objects_of(value: JsonValue) -> list[JsonObject]:
    """Return the objects of the list; what else is in it is left out."""
    return [item for item in list_of(value) if isinstance(item, dict)]


def count_of(value: JsonValue) -> int:
    """Return the number where it is a whole one and not negative, else 0."""
    return value if type(value) is int and 0 <= value <= _LATEST_MS else 0


def cost_of(value: JsonValue) -> float | None:
    """Return an amount of money, ``None`` where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        amount = float(value)
    except OverflowError:
        return None
    return amount if math.isfinite(amount) and amount >= 0 else None


def time_ms_of(value: JsonValue) -> int | None:
    """Return a time in Unix-epoch milliseconds: of an ISO 8601 text, or of seconds or those.

    A text without an offset is taken as UTC. ``None`` where it is no time.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        if not 0 < value <= _LATEST_MS:  # NaN, too, is not between
            return None
        return int(value * 1_000 if value < _SECONDS_BEFORE else value)
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        milliseconds = int(aware.timestamp() * 1_000)
    except (ValueError, OverflowError):
        return None
    return milliseconds if 0 < milliseconds <= _LATEST_MS else None


def arguments_of(value: JsonValue) -> JsonObject:
    """Return the arguments of a call, given as an object or as its JSON text.

    Other text becomes ``{"input": text}``, any other value ``{"value": value}``.
    """
    if isinstance(value, dict):
        return value
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            return {"input": value}
        return parsed if isinstance(parsed, dict) else {"input": value}
    return {"value": value}


def blocks_text(value: JsonValue) -> str:
    """Return the text of a content: of a string, of a block or of a list of either.

    Blocks are joined by line ends; an image is named, any other block is given as JSON.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    blocks = value if isinstance(value, list) else [value]
    return "\n".join(text for text in map(_block_text, blocks) if text)


def has_images(value: JsonValue) -> bool:
    """Whether a content holds an image that a model could be sent."""
    return any(
        block.get("type") == "image" or (block.get("type") == "input_image" and _has_url(block))
        for block in objects_of(value)
    )


def _has_url(block: JsonObject) -> bool:
    return isinstance(block.get("image_url"), str | dict)


def _block_text(block: JsonValue) -> str:
    if isinstance(block, str):
        return block
    if isinstance(block, dict):
        text = block.get("text")
        if isinstance(text, str):
            return text
        if "image" in text_of(block.get("type")):
            return "[image]"
        inner = block.get("content")
        if inner is not None and inner != block:
            return blocks_text(inner)
    return json.dumps(block, ensure_ascii=False)
