"""A person's own commands in the fold: beside what the model does, and untouched by it."""

from harn_tui.kinds import PERSON_COMMAND
from harn_tui.view.model import AssistantBlock, SessionView, ToolBlock
from tests.unit.view.build import (
    COMPLETED,
    FAILED,
    RUNNING,
    call_end,
    call_start,
    loop_end,
    loop_start,
    output,
    retry,
    session_start,
    text,
    tool,
    update,
)
from tests.unit.view.recording import fold

MINE = tool("p1", {"command": "ls"}, name=PERSON_COMMAND, status=RUNNING)


def mine(view: SessionView) -> ToolBlock:
    (row,) = (b for b in view.blocks if isinstance(b, ToolBlock) and b.tool_name == PERSON_COMMAND)
    return row


def test_the_text_that_streams_stays_in_one_piece() -> None:
    view = fold(loop_start(), call_start(), text("one "), MINE, text("two"), call_end())
    texts = [block.text for block in view.blocks if isinstance(block, AssistantBlock)]
    assert texts == ["one two"]


def test_neither_the_end_of_the_run_nor_a_retry_touches_it() -> None:
    view = fold(loop_start(), call_start(), MINE, retry(), call_end(), loop_end())
    assert (mine(view).status, mine(view).discarded, mine(view).interrupted) == (
        RUNNING, False, False,
    )  # fmt: skip
    assert list(view.unfinished_tools) == ["p1"]


def test_the_models_own_calls_end_with_the_run_as_ever() -> None:
    view = fold(loop_start(), call_start(), tool("t1", status=RUNNING), MINE, loop_end())
    assert [block.interrupted for block in view.blocks if isinstance(block, ToolBlock)] == [
        True, False,
    ]  # fmt: skip


def test_it_ends_with_its_own_update() -> None:
    done = update(COMPLETED, "p1", name=PERSON_COMMAND, raw_output={"text": "a\nexit_code=0"})
    view = fold(MINE, output("a\n", "p1"), done)
    assert mine(view).result_text == "a\nexit_code=0"
    assert mine(view).output == "a\n"
    assert view.unfinished_tools == {}


def test_a_new_process_finds_it_interrupted() -> None:
    view = fold(session_start(), MINE, session_start())
    assert (mine(view).status, mine(view).interrupted) == (FAILED, True)


def test_it_is_no_call_of_the_model() -> None:
    view = fold(loop_start(), call_start(), tool("c1", parsing=True), MINE)
    assert view.totals.tool_calls == 0
    assert view.first_token_at_ms is not None
    assert [b.discarded for b in view.blocks if isinstance(b, ToolBlock)] == [False, False]
