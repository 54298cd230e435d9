"""What is too long to be drawn is cut, and says how much of it is left out."""

import pytest

from harn_tui.console.transcript.document import Document
from harn_tui.console.transcript.text_units import MAX_LINES
from harn_tui.console.transcript.tools.plan import MAX_STEPS
from harn_tui.json_types import JsonValue
from harn_tui.kinds import ToolKind
from harn_tui.view.model import Block
from tests.unit.transcript.builders import assistant, tool, user
from tests.unit.transcript.conftest import MakePen


def end_of(make_pen: MakePen, block: Block, units: int = 2) -> str:
    """The text of the last units of an open block."""
    document = Document(make_pen(60))
    document.attach([block])
    document.toggle_fold(0)
    last = document.open(0).units[-units:]
    return "\n".join(
        strip.text.rstrip() for unit in last for strip in unit.draw(make_pen(60)).strips
    )


def test_a_huge_change_says_how_many_lines_are_not_shown(make_pen: MakePen) -> None:
    lines = MAX_LINES + 7
    diff = f"@@ -0,0 +1,{lines} @@\n" + "+x\n" * lines
    block = tool("edit_file", kind=ToolKind.EDIT, details={"diff": diff})
    assert "… 7 more lines" in end_of(make_pen, block)


def test_a_change_that_just_fits_says_nothing(make_pen: MakePen) -> None:
    diff = f"@@ -0,0 +1,{MAX_LINES} @@\n" + "+x\n" * MAX_LINES
    block = tool("edit_file", kind=ToolKind.EDIT, details={"diff": diff})
    assert "more line" not in end_of(make_pen, block)


def test_a_huge_result_says_how_many_lines_are_not_shown(make_pen: MakePen) -> None:
    block = tool(result="x\n" * (MAX_LINES + 3))
    assert "… 3 more lines" in end_of(make_pen, block)


def test_a_huge_plan_says_how_many_steps_are_not_shown(make_pen: MakePen) -> None:
    steps: list[JsonValue] = [{"content": f"step {n}"} for n in range(MAX_STEPS + 2)]
    block = tool("update_plan", kind=ToolKind.THINK, details={"plan": {"steps": steps}})
    assert "… 2 more steps" in end_of(make_pen, block)


WIDE_TABLE = "| a " * 200 + "|\n" + "|---" * 200 + "|\n" + f"| {'z' * 50} " * 200 + "|"


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(user("x" * 10_000), id="line"),
        pytest.param(assistant("| a | b |\n|---|---|\n| " + "y" * 5_000 + " | 2 |"), id="cell"),
        pytest.param(assistant(WIDE_TABLE), id="table"),
        pytest.param(assistant("```\n" + "c" * 200_000 + "\n```"), id="code"),
    ],
)
def test_a_huge_line_or_row_says_how_much_is_not_shown(make_pen: MakePen, block: Block) -> None:
    assert "more characters" in " ".join(end_of(make_pen, block, units=1).split())
