"""Finds the words that skills are matched to: the latest that somebody asked for."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from harn_tui.json_types import JsonObject

_PERSON: Final = "user"
_WRAPPED = re.compile(
    r'<runtime_feedback kind="(?P<kind>[^"]*)">\n(?P<content>.*)\n</runtime_feedback>', re.DOTALL
)


def latest_request(messages: Sequence[JsonObject], also_kinds: Collection[str] = ()) -> str:
    """Return the text of the newest message with a person's words, empty when there is none.

    What the runtime says in a user's message is passed over, unless its kind is one of
    ``also_kinds``, and so is what was attached to the words (docs/messages.md).
    """
    wanted = {_PERSON, *also_kinds}
    for message in reversed(messages):
        content = message.get("content")
        if message.get("role") != "user" or not isinstance(content, str):
            continue
        attached_at = message.get("attached_at")
        if isinstance(attached_at, int):
            content = content[:attached_at]
        wrapped = _WRAPPED.fullmatch(content)
        kind = message.get("kind") or (wrapped["kind"] if wrapped else _PERSON)
        if kind in wanted:
            return wrapped["content"] if wrapped else content
    return ""
