import pytest

from harn_tui.events.agent import ToolCall
from harn_tui.events.record import Event
from harn_tui.kinds import LoopStatus, ToolErrorCategory, ToolKind
from harn_tui.view.checkpoint import snapshot
from harn_tui.view.fold import apply
from harn_tui.view.model import SessionView, ToolBlock
from tests.unit.view.build import (
    COMPLETED,
    FAILED,
    PENDING,
    RUNNING,
    S,
    loop_end,
    loop_start,
    update,
)
from tests.unit.view.recording import fold, records


def call(
    call_id: str,
    *,
    fails: bool = False,
    kind: ToolKind | None = ToolKind.READ,
    name: str = "read_file",
    category: ToolErrorCategory | None = ToolErrorCategory.TOOL_ERROR,
) -> list[Event]:
    end = (
        update(FAILED, call_id, name=name, error="no such file", error_category=category)
        if fails
        else update(COMPLETED, call_id, name=name)
    )
    start = ToolCall(S, call_id, name, kind, PENDING, {})
    return [start, update(RUNNING, call_id, name=name), end]


def unrecovered(view: SessionView) -> list[str]:
    return [b.tool_call_id for b in view.blocks if isinstance(b, ToolBlock) and b.unrecovered]


def test_a_failure_is_no_error_while_its_run_goes_on() -> None:
    assert unrecovered(fold(loop_start(), *call("a", fails=True))) == []


def test_a_failure_without_a_later_success_is_an_error_when_the_run_ends() -> None:
    assert unrecovered(fold(loop_start(), *call("a", fails=True), loop_end())) == ["a"]


def test_a_later_success_of_the_same_kind_makes_all_before_it_good() -> None:
    calls = [*call("a", fails=True), *call("b", fails=True), *call("c"), *call("d", fails=True)]
    assert unrecovered(fold(loop_start(), *calls, loop_end())) == ["d"]


def test_a_success_of_another_kind_makes_nothing_good() -> None:
    other = call("b", kind=ToolKind.EXECUTE, name="run_command")
    assert unrecovered(fold(loop_start(), *call("a", fails=True), *other, loop_end())) == ["a"]


@pytest.mark.parametrize("kind", [None, ToolKind.OTHER])
def test_tools_without_a_kind_count_by_their_name(kind: ToolKind | None) -> None:
    failure = call("a", fails=True, kind=kind, name="lookup")
    same = call("b", kind=kind, name="lookup")
    other = call("b", kind=kind, name="translate")
    assert unrecovered(fold(loop_start(), *failure, *same, loop_end())) == []
    assert unrecovered(fold(loop_start(), *failure, *other, loop_end())) == ["a"]


@pytest.mark.parametrize(
    "category", [ToolErrorCategory.PERMISSION_DENIED, ToolErrorCategory.CANCELLED]
)
def test_what_a_person_refused_or_stopped_is_no_error(category: ToolErrorCategory) -> None:
    failure = call("a", fails=True, category=category)
    assert unrecovered(fold(loop_start(), *failure, loop_end())) == []


def test_a_success_in_the_next_run_comes_too_late() -> None:
    first = [loop_start(), *call("a", fails=True), loop_end(LoopStatus.ERROR)]
    assert unrecovered(fold(*first, loop_start(), *call("b"), loop_end())) == ["a"]


def test_the_end_of_the_run_names_the_promoted_call_as_changed() -> None:
    view = SessionView()
    *before, end = records([loop_start(), *call("a", fails=True), loop_end()])
    for record in before:
        apply(view, record)
    assert apply(view, end).blocks == {0}


def test_a_copy_of_a_view_remembers_its_failures_alone() -> None:
    view = fold(loop_start(), *call("a", fails=True))
    copy = snapshot(view)
    view.failed_tools.clear()
    assert copy.failed_tools == {"read": [0]}
