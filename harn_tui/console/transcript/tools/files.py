"""Reading files and folders: one row, the text behind a fold."""

from harn_tui.console.transcript.tools.look import ToolLook, folded_result, lines_hint

FILES_LOOK = ToolLook(body=folded_result, hint=lines_hint)
