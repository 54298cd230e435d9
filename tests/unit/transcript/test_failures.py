"""A failed call is muted until its run ended without making it good."""

import pytest

from harn_tui.console.transcript.block_bodies import make_body
from harn_tui.console.transcript.roles import Role
from harn_tui.kinds import ToolCallStatus, ToolErrorCategory
from tests.unit.transcript.builders import tool
from tests.unit.transcript.conftest import MakePen


@pytest.mark.parametrize(
    ("category", "unrecovered", "role"),
    [
        (ToolErrorCategory.TOOL_ERROR, False, Role.MUTED),
        (ToolErrorCategory.TOOL_ERROR, True, Role.ERROR),
        (ToolErrorCategory.TIMEOUT, False, Role.MUTED),
        (ToolErrorCategory.TIMEOUT, True, Role.ERROR),
        (ToolErrorCategory.PERMISSION_DENIED, False, Role.WARNING),
    ],
)
def test_the_row_of_a_failure_has_the_colour_of_an_error_once_it_is_one(
    make_pen: MakePen, category: ToolErrorCategory, unrecovered: bool, role: Role
) -> None:
    block = tool(status=ToolCallStatus.FAILED, error="boom")
    block.error_category, block.unrecovered = category, unrecovered
    pen = make_pen()
    body = make_body(block, is_folded=True, shows_time=False)
    body.update()
    header, error = (unit.draw(pen).strips[0] for unit in body.units)
    assert next(s.style for s in header if s.text in "✗⊘") == pen.palette[role]
    wanted = Role.ERROR if unrecovered else Role.MUTED
    assert next(s.style for s in error if s.text == "boom") == pen.palette[wanted]
