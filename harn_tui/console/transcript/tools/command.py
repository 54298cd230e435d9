"""Commands: the output behind a fold, its last lines in view when it failed or is a person's."""

from harn_tui.console.transcript.tools.look import (
    ToolLook,
    last_lines,
    lines_hint,
    result_lines,
    result_text,
)
from harn_tui.console.transcript.unit import Unit
from harn_tui.kinds import PERSON_COMMAND, ToolCallStatus
from harn_tui.view.model import ToolBlock

FAILED_LINES = 5
"""Last lines of output that a failed command shows while it is folded."""

PERSON_LINES = 10
"""As many of a person's own command: its output is what it was run for."""


def _body(block: ToolBlock, is_folded: bool) -> list[Unit]:
    text = result_text(block)
    if not is_folded:
        return result_lines(text)
    if block.tool_name == PERSON_COMMAND:
        return last_lines(text, PERSON_LINES)
    return last_lines(text, FAILED_LINES) if block.status is ToolCallStatus.FAILED else []


COMMAND_LOOK = ToolLook(body=_body, hint=lines_hint)
