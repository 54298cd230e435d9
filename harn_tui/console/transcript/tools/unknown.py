"""Tools that nobody here knows: their arguments as JSON and their text, behind a fold."""

import json

from harn_tui.console.transcript.clean import clean_output_line
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_units import text_units
from harn_tui.console.transcript.tools.look import (
    BODY_MARGIN,
    ToolLook,
    folded_result,
    lines_hint,
)
from harn_tui.console.transcript.unit import Unit
from harn_tui.view.model import ToolBlock


def _body(block: ToolBlock, is_folded: bool) -> list[Unit]:
    if is_folded:
        return []
    arguments = json.dumps(block.arguments, indent=2, ensure_ascii=False)
    shown = text_units(arguments, Role.MUTED, BODY_MARGIN, clean=clean_output_line)
    return [*shown, *folded_result(block, is_folded)]


def _hint(block: ToolBlock, is_folded: bool) -> str:
    return lines_hint(block, is_folded) or ("▸" if is_folded else "▾")


UNKNOWN_LOOK = ToolLook(body=_body, hint=_hint)
