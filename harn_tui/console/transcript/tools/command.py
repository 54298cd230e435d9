"""Commands: the output behind a fold, its last lines in view when the command failed."""

from harn_tui.console.transcript.tools.look import (
    ToolLook,
    last_lines,
    lines_hint,
    result_lines,
    result_text,
)
from harn_tui.console.transcript.unit import Unit
from harn_tui.kinds import ToolCallStatus
from harn_tui.view.model import ToolBlock

FAILED_LINES = 5
"""Last lines of output that a failed command shows while it is folded."""


def _body(block: ToolBlock, is_folded: bool) -> list[Unit]:
    text = result_text(block)
    if not is_folded:
        return result_lines(text)
    return last_lines(text, FAILED_LINES) if block.status is ToolCallStatus.FAILED else []


COMMAND_LOOK = ToolLook(body=_body, hint=lines_hint)
