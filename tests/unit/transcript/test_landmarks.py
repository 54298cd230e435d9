import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.console.landmark import Landmark
from harn_tui.console.transcript.landmarks import Landmarks, landmarks_of
from harn_tui.kinds import NoticeLevel, ToolCallStatus, ToolKind
from harn_tui.view.model import Block, NoticeBlock, ToolBlock, WorkerBlock
from tests.unit.transcript.builders import NOW, assistant, tool, user


def promoted() -> ToolBlock:
    block = tool(status=ToolCallStatus.FAILED, error="boom")
    block.unrecovered = True
    return block


@pytest.mark.parametrize(
    ("block", "kinds"),
    [
        (user("x"), {Landmark.USER_LINE}),
        (assistant("x"), set()),
        (NoticeBlock(NOW, NoticeLevel.ERROR, "x"), {Landmark.ERROR}),
        (NoticeBlock(NOW, NoticeLevel.WARNING, "x"), set()),
        (tool(), {Landmark.TOOL_CALL}),
        (tool(status=ToolCallStatus.FAILED, error="boom"), {Landmark.TOOL_CALL}),
        (promoted(), {Landmark.TOOL_CALL, Landmark.ERROR}),
        (tool("edit_file", kind=ToolKind.EDIT), {Landmark.TOOL_CALL, Landmark.FILE_CHANGE}),
        (tool("x", kind=None, details={"diff": "+a"}), {Landmark.TOOL_CALL, Landmark.FILE_CHANGE}),
        (
            tool("edit_file", ToolCallStatus.FAILED, kind=ToolKind.EDIT),
            {Landmark.TOOL_CALL},
        ),
        (WorkerBlock(NOW, "w", "w", "t", "failed", error="boom"), {Landmark.ERROR}),
    ],
)
def test_what_is_jumped_to(block: Block, kinds: set[Landmark]) -> None:
    assert landmarks_of(block) == kinds


def test_what_a_retry_voided_is_no_place() -> None:
    block = tool()
    block.discarded = True
    assert landmarks_of(block) == frozenset()


def test_jumps_go_round_at_both_ends() -> None:
    blocks: list[Block] = [user("a"), assistant("b"), user("c"), assistant("d")]
    places = Landmarks(blocks)
    assert places.after(Landmark.USER_LINE, 0) == 2
    assert places.after(Landmark.USER_LINE, 2) == 0
    assert places.before(Landmark.USER_LINE, 3) == 2
    assert places.before(Landmark.USER_LINE, 0) == 2
    assert places.after(Landmark.ERROR, 0) is None
    assert places.before(Landmark.ERROR, 0) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=60))
def test_block_by_block_gives_what_a_look_at_all_gives(steps: list[tuple[bool, int]]) -> None:
    blocks: list[Block] = []
    places = Landmarks(blocks)
    for is_new, number in steps:
        if is_new or not blocks:
            blocks.append(user("x") if number % 2 else tool())
            places.update({len(blocks) - 1})
            continue
        block = blocks[number % len(blocks)]
        if isinstance(block, ToolBlock):
            block.unrecovered = not block.unrecovered
            block.discarded = number % 3 == 0
            places.update({number % len(blocks)})
    fresh = Landmarks(blocks)
    for kind in Landmark:
        for index in range(len(blocks)):
            assert places.after(kind, index) == fresh.after(kind, index)
            assert places.before(kind, index) == fresh.before(kind, index)
