"""Writes calls and blocks in the form that the grammar asks for."""

import json
import re
from typing import Final

from harn_tui.json_types import JsonObject
from harn_tui.tagged_text.grammar import TOOL_CALL, closing, opening

LONGEST_INDENTED: Final = 16_384
"""Longer arguments, in characters, stand on one line: indenting could multiply their size."""

_JSON_ESCAPE: Final = re.compile(r"\\(?:[^bfu]|u[0-9a-f]{4}|(?P<odd>[bf]))")
_ODD_ESCAPES: Final = {"b": "\\u0008", "f": "\\u000c"}


def render_call(name: str, arguments: JsonObject) -> str:
    """Return ``name({ … })``, which parses to the same call again."""
    text = json.dumps(arguments, ensure_ascii=False)
    if len(text) <= LONGEST_INDENTED:
        text = json.dumps(arguments, ensure_ascii=False, indent=2)
    # JSON abbreviates two characters in a way that the text format reads as letters.
    text = _JSON_ESCAPE.sub(lambda match: _ODD_ESCAPES.get(match["odd"], match[0]), text)
    return f"{name}({text})"


def render_call_block(name: str, arguments: JsonObject) -> str:
    """Return the ``<tool_call>`` block of a call."""
    return render_block(TOOL_CALL, render_call(name, arguments))


def render_block(tag: str, body: str) -> str:
    """Return ``body`` in ``tag``, on lines of its own."""
    return f"{opening(tag)}\n{body}\n{closing(tag)}"
