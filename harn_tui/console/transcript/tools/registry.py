"""Which renderer draws a tool call: by the tool's name, else by its kind."""

from harn_tui.console.transcript.tools.command import COMMAND_LOOK
from harn_tui.console.transcript.tools.edit import EDIT_LOOK
from harn_tui.console.transcript.tools.files import FILES_LOOK
from harn_tui.console.transcript.tools.look import ToolLook
from harn_tui.console.transcript.tools.plan import PLAN_LOOK
from harn_tui.console.transcript.tools.question import QUESTION_LOOK
from harn_tui.console.transcript.tools.search import SEARCH_LOOK
from harn_tui.console.transcript.tools.unknown import UNKNOWN_LOOK
from harn_tui.kinds import ToolKind
from harn_tui.view.model import ToolBlock

_BY_NAME = {
    "read_file": FILES_LOOK,
    "list_directory": FILES_LOOK,
    "search_files": SEARCH_LOOK,
    "run_command": COMMAND_LOOK,
    "write_file": EDIT_LOOK,
    "edit_file": EDIT_LOOK,
    "update_plan": PLAN_LOOK,
    "emit_plan": PLAN_LOOK,
    "ask_user": QUESTION_LOOK,
}
_BY_KIND = {
    ToolKind.READ: FILES_LOOK,
    ToolKind.SEARCH: SEARCH_LOOK,
    ToolKind.EXECUTE: COMMAND_LOOK,
    ToolKind.EDIT: EDIT_LOOK,
}


def look_of(block: ToolBlock) -> ToolLook:
    """Return the renderer of ``block``."""
    by_name = _BY_NAME.get(block.tool_name)
    if by_name is not None:
        return by_name
    return UNKNOWN_LOOK if block.kind is None else _BY_KIND.get(block.kind, UNKNOWN_LOOK)
