"""What the header of a tool call says: the words of ``view.tool_line``, and what streams in early.

The only place of the transcript that knows where these words come from.
"""

import re
from dataclasses import dataclass

from harn_tui.view.model import ToolBlock
from harn_tui.view.tool_line import ToolState, result_facts, tool_line

_EARLY = re.compile(r'"(?:path|command|pattern|query|url|title)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_EARLY_CHARS = 2000


@dataclass(frozen=True, slots=True)
class ToolSummary:
    """``verb`` and ``target`` say what the call does, ``facts`` what came of it."""

    state: ToolState
    glyph: str
    verb: str
    target: str
    facts: tuple[str, ...]


def summarize(block: ToolBlock) -> ToolSummary:
    """Return what is known of a tool call, its arguments possibly still streaming."""
    line = tool_line(block)
    target = line.object
    if not target and block.arguments_partial:
        early = _EARLY.search(block.arguments_partial, 0, _EARLY_CHARS)
        target = early.group(1).replace("\\n", " ") if early else ""
    facts = tuple(result_facts(block.details))
    return ToolSummary(line.state, line.glyph, line.verb.capitalize(), target, facts)
