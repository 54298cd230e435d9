"""The tools that every session has."""

from harn_tui.tools.base import Tool
from harn_tui.tools.edit_file import EDIT_FILE
from harn_tui.tools.list_directory import LIST_DIRECTORY
from harn_tui.tools.plan import EMIT_PLAN, UPDATE_PLAN
from harn_tui.tools.read_file import READ_FILE
from harn_tui.tools.run_command import RUN_COMMAND
from harn_tui.tools.search_files import SEARCH_FILES
from harn_tui.tools.write_file import WRITE_FILE


def builtin_tools() -> tuple[Tool, ...]:
    """Return the built-in tools in the order in which a model is told of them."""
    return (
        READ_FILE,
        LIST_DIRECTORY,
        SEARCH_FILES,
        WRITE_FILE,
        EDIT_FILE,
        RUN_COMMAND,
        UPDATE_PLAN,
        EMIT_PLAN,
    )
