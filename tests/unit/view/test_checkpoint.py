from harn_tui.events.record import Event, Record
from harn_tui.view.checkpoint import snapshot
from harn_tui.view.fold import apply
from harn_tui.view.model import AssistantBlock, ToolBlock
from tests.unit.view.build import (
    COMPLETED,
    SAMPLES,
    asked,
    call_start,
    output,
    session_start,
    text,
    tool,
    update,
)
from tests.unit.view.recording import fold


def test_copy_equals_its_view_and_shares_no_block() -> None:
    view = fold(*SAMPLES)
    copy = snapshot(view)
    assert copy == view
    assert not {id(block) for block in copy.blocks} & {id(block) for block in view.blocks}


def test_text_that_goes_on_in_the_view_does_not_reach_the_copy() -> None:
    view = fold(call_start(), text("a"))
    copy = snapshot(view)
    apply(view, Record(2, 2, None, text("b")))
    block = copy.blocks[0]
    assert isinstance(block, AssistantBlock)
    assert block.text == "a"


def test_text_that_goes_on_in_the_copy_does_not_reach_the_view() -> None:
    view = fold(call_start(), text("a"))
    apply(snapshot(view), Record(2, 2, None, text("b")))
    block = view.blocks[0]
    assert isinstance(block, AssistantBlock)
    assert block.text == "a"


def test_output_and_end_of_a_call_do_not_reach_the_copy() -> None:
    view = fold(tool(), asked(), output("a"))
    copy = snapshot(view)
    later: list[Event] = [output("b"), update(COMPLETED, raw_output={"text": "done"})]
    for index, event in enumerate(later):
        apply(view, Record(3 + index, 9, None, event))
    block = copy.blocks[0]
    assert isinstance(block, ToolBlock)
    assert (block.output, block.result_text, len(copy.permissions)) == ("a", None, 1)
    assert copy.unfinished_tools == {"t1": 0}


def test_every_container_of_the_view_is_copied() -> None:
    view = fold(session_start(), *SAMPLES)
    copy = snapshot(view)
    shared = [
        name
        for name in view.__slots__
        if isinstance(getattr(view, name), list | dict | set)
        and getattr(view, name) is getattr(copy, name)
    ]
    assert shared == ["plan"]
