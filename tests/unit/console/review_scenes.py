"""Edits of files with real diffs, as the built-in tools report them."""

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolCallStatus, ToolKind
from harn_tui.tools.write_file import change_details
from tests.unit.console import scenes
from tests.unit.console.stand_ins import SESSION_ID

PAGING = """\
from collections.abc import Sequence

PAGE_SIZE = 20


def pages(items: Sequence[str], size: int) -> list[Sequence[str]]:
    found = []
    for start in range(0, len(items), size):
        found.append(items[start:start + size])
    return found


def first_page(total: int) -> int:
    return 1 if total else 0


def last_page(total: int, size: int) -> int:
    return total // size
"""

NOTES = "# Notes\n\nPages are counted from 1.\n"


def edit(
    call_id: str, path: str, before: str | None, after: str, tool_name: str = "edit_file"
) -> list[Event]:
    """A call that turned ``before`` into ``after``; ``None`` for a new file."""
    old = None if before is None else before.encode()
    return changed(call_id, change_details(old, after.encode(), path), tool_name)


def changed(call_id: str, details: JsonObject, tool_name: str = "edit_file") -> list[Event]:
    """A call whose result has ``details``."""
    arguments: JsonObject = {"path": str(details.get("path", ""))}
    return [
        scenes.tool(call_id, tool_name, ToolKind.EDIT, arguments),
        scenes.tool_runs(call_id, tool_name),
        ToolCallUpdate(
            SESSION_ID,
            call_id,
            tool_name,
            ToolCallStatus.COMPLETED,
            {"text": "Done.", "details": details},
            duration_ms=12,
            execution_duration_ms=11,
        ),
    ]


def three_edits() -> list[Event]:
    """Two edits of a file with three hunks in all, and a new file with one."""
    first = PAGING.replace("PAGE_SIZE = 20", "PAGE_SIZE = 50").replace(
        "    return total // size\n",
        '    """Count a page that is not full too."""\n    return -(-total // size)\n',
    )
    second = first.replace("    found = []\n", "    found: list[Sequence[str]] = []\n")
    return [
        *edit("e1", "src/paging.py", PAGING, first),
        *edit("e2", "docs/notes.md", None, NOTES, "write_file"),
        *edit("e3", "src/paging.py", first, second),
    ]
