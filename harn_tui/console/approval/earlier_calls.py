"""The earlier calls of a tool in a session, to try a rule out on."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

from harn_tui.console.plain_text import one_line, revealed
from harn_tui.json_types import JsonObject
from harn_tui.view.model import SessionView, ToolBlock

if TYPE_CHECKING:
    from harn_tui.view.pending import PendingPermission

MOST_CALLS = 200
"""How many of the newest calls are tried."""
_MOST_BLOCKS = 5_000
"""How many of the newest blocks are looked through, so that no key waits for a long session."""


def earlier_calls(view: SessionView, pending: PendingPermission) -> list[JsonObject]:
    """Return the arguments of the newest calls of the pending one's tool, newest first."""
    blocks = islice(reversed(view.blocks), _MOST_BLOCKS)
    calls = (
        block.arguments
        for block in blocks
        if isinstance(block, ToolBlock)
        and block.tool_name == pending.tool_name
        and block.tool_call_id != pending.tool_call_id
        and not block.discarded
        and isinstance(block.arguments, dict)
    )
    return list(islice(calls, MOST_CALLS))


def one_call(arguments: JsonObject, argument: str | None) -> str:
    """Return a call on one line: the argument that a rule is about, else all of them."""
    value = arguments.get(argument) if argument is not None else None
    text = value if isinstance(value, str) else json.dumps(arguments, ensure_ascii=False)
    return one_line(revealed(text))
