"""Archived messages as text: all that was said, called and returned, but no private reasoning.

The text goes into a message of the role ``user``. What a model, a tool or a file wrote must not
be able to pass there for feedback, so the tags of the wrapper are escaped in it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from harn_tui.feedback.wrapping import escape_wrappers
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.loop.compaction.call_pairs import CALL_BLOCKS, RESULT_BLOCKS
from harn_tui.loop.compaction.split import is_summary

MAX_ARGUMENT_CHARS = 500
"""Characters of a call's arguments that are rendered; what they made is in the world already."""

_PRIVATE_BLOCKS = frozenset({"thinking", "redacted_thinking", "reasoning"})
_LABEL_KEYS = ("name", "title", "path", "asset_id")


class Entry(NamedTuple):
    """One archived message. ``position`` is its place among the archived ones, from 0."""

    position: int
    role: str
    text: str
    is_summary: bool

    @property
    def line(self) -> str:
        """The message as it stands in a record."""
        return f"[{self.role}] {self.text}"


def entries_of(archived: Sequence[JsonObject]) -> list[Entry]:
    """Return the messages that have something to show, in order."""
    rendered = (
        Entry(position, role_of(message), text_of(message), is_summary(message))
        for position, message in enumerate(archived)
    )
    return [entry for entry in rendered if entry.text.strip()]


def role_of(message: JsonObject) -> str:
    """Return the role of ``message``."""
    role = message.get("role")
    return role if isinstance(role, str) else "unknown"


def text_of(message: JsonObject) -> str:
    """Return the text of ``message``, then its calls; empty when only reasoning is in it."""
    content = message.get("content")
    is_own = message.get("role") == "user"
    parts = [content] if isinstance(content, str) else list(_blocks(content))
    parts += _calls(message.get("tool_calls"))
    text = "\n".join(part for part in parts if part)
    return text if is_own and isinstance(content, str) else escape_wrappers(text)


def shortened(text: str, limit: int) -> str:
    """Return ``text`` cut to ``limit`` characters, with a note of how long it was."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… [cut from {len(text)} characters]"


def _calls(calls: JsonValue) -> Iterator[str]:
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict):
            yield _call(call, call.get("arguments"))


def _call(call: JsonObject, arguments: JsonValue) -> str:
    raw = call.get("raw_arguments")
    shown = raw if isinstance(raw, str) else _json(arguments)
    return f"<tool_call:{call.get('name') or 'tool'}> {shortened(shown, MAX_ARGUMENT_CHARS)}"


def _blocks(content: JsonValue) -> Iterator[str]:
    """Yield the text of each block; what is neither text, call nor result is only named."""
    if content is None:
        return
    for block in content if isinstance(content, list) else (content,):
        if isinstance(block, dict):
            yield _block(block)
        else:
            yield block if isinstance(block, str) else _json(block)


def _block(block: JsonObject) -> str:
    kind = block.get("type")
    if kind in _PRIVATE_BLOCKS:
        return ""
    if kind in CALL_BLOCKS:
        return _call(block, block.get("input", block.get("arguments")))
    if kind in RESULT_BLOCKS:
        content = block.get("content")
        return content if isinstance(content, str) else _joined(_blocks(content))
    for key in ("text", "content"):
        text = block.get(key)
        if isinstance(text, str):
            return text
    labels = (block.get(key) for key in _LABEL_KEYS)
    label = next((text for text in labels if isinstance(text, str)), None)
    return f"<{kind}:{label}>" if label else f"<{kind or 'block'}>"


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)


def _json(value: JsonValue) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deeply to be shown)"
