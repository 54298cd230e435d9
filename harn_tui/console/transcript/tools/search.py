"""Searches: one row with the number of matches, the matches behind a fold."""

from harn_tui.console.transcript.tools.look import ToolLook, folded_result, lines_hint
from harn_tui.view.model import ToolBlock


def _hint(block: ToolBlock, is_folded: bool) -> str:
    if isinstance(block.details.get("matches"), int):
        return ("▸" if is_folded else "▾") if block.details["matches"] else ""
    return lines_hint(block, is_folded)


SEARCH_LOOK = ToolLook(body=folded_result, hint=_hint)
