"""How large a neutral message is, and how many tokens that is about."""

from harn_tui.json_types import JsonObject, JsonValue

BYTES_PER_TOKEN = 4
IMAGE_BYTES = 1_600 * BYTES_PER_TOKEN
"""What an attached image counts as: about the tokens that servers take for a large one."""


def tokens_of(size_bytes: int) -> int:
    """Return the tokens that ``size_bytes`` of a request stand for: a quarter, rounded down."""
    return size_bytes // BYTES_PER_TOKEN


def text_bytes(text: str) -> int:
    """Return the length of ``text`` in UTF-8; half a surrogate pair counts as one character."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def message_bytes(message: JsonObject) -> int:
    """Return the bytes of ``message`` that reach a model, at a cost that grows with them.

    Text counts as it is. A list of blocks, the arguments of calls and thinking blocks count as
    compact JSON, an attached image as ``IMAGE_BYTES``. Keys that no server gets (ids of feedback,
    kinds) count nothing.
    """
    content = message.get("content")
    size = text_bytes(content) if isinstance(content, str) else _given_bytes(content)
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        size += sum(_call_bytes(call) for call in calls if isinstance(call, dict))
    images = message.get("images")
    if isinstance(images, list):
        size += IMAGE_BYTES * len(images)
    return size + _given_bytes(message.get("thinking_blocks"))


def _call_bytes(call: JsonObject) -> int:
    name = call.get("name")
    size = text_bytes(name) if isinstance(name, str) else 0
    return size + _given_bytes(call.get("arguments")) + _given_bytes(call.get("function"))


def _given_bytes(value: JsonValue) -> int:
    return 0 if value is None else json_bytes(value)


def json_bytes(value: JsonValue) -> int:
    """Return the bytes of ``value`` as compact JSON, what JSON escapes counted unescaped.

    Works with any depth.
    """
    total = 0
    waiting: list[JsonValue] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            total += text_bytes(part) + 2
        elif isinstance(part, dict):
            total += 2 + 3 * len(part) + max(0, len(part) - 1)
            total += sum(map(text_bytes, part))
            waiting.extend(part.values())
        elif isinstance(part, list):
            total += 2 + max(0, len(part) - 1)
            waiting.extend(part)
        elif part is None or isinstance(part, bool):
            total += 5 if part is False else 4
        else:
            total += len(str(part))
    return total
