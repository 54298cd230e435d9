"""A nested loop is one row that changes in place; what it asks is shown with its name."""

from typing import Any

import pytest

from harn_tui.events.agent import ToolCall, ToolCallUpdate, WorkerUpdate
from harn_tui.events.host import PermissionDecision, PermissionRequest, SessionStart
from harn_tui.kinds import Decision, DecisionScope, ToolCallStatus, ToolKind, WorkerEvent
from harn_tui.view.fold import apply_all
from harn_tui.view.model import NoticeBlock, SessionView, ToolBlock, WorkerBlock
from harn_tui.view.text import view_text
from harn_tui.view.worker_line import WorkerState, worker_line
from tests.unit.view.build import S, session_start
from tests.unit.view.recording import fold, records


def worker(event: WorkerEvent, worker_id: str = "w1", **metadata: Any) -> WorkerUpdate:
    return WorkerUpdate(
        S, worker_id, "tests", "run the tests", "sub_agent", event.value, event.status, metadata
    )


def only_worker(view: SessionView) -> WorkerBlock:
    (block,) = (block for block in view.blocks if isinstance(block, WorkerBlock))
    return block


def test_all_events_of_one_worker_change_one_row() -> None:
    view = fold(
        worker(WorkerEvent.SPAWNED, provenance={"session_id": "child"}),
        worker(WorkerEvent.PROGRESSED, execution={"tool_calls": 2, "current_call": "run: make"}),
        worker(WorkerEvent.COMPLETED, execution={"tool_calls": 3, "last_line": "all green"}),
    )
    assert only_worker(view) == WorkerBlock(
        started_at_ms=only_worker(view).started_at_ms,
        worker_id="w1",
        name="tests",
        task="run the tests",
        status="completed",
        session_id="child",
        last_line="all green",
        tool_calls=3,
        updated_at_ms=view.last_event_at_ms,
    )
    assert view.unfinished_workers == {}


def test_two_workers_with_one_name_have_two_rows() -> None:
    view = fold(worker(WorkerEvent.SPAWNED), worker(WorkerEvent.SPAWNED, "w2"))
    assert len(view.blocks) == 2


@pytest.mark.parametrize(
    ("event", "metadata", "text"),
    [
        (WorkerEvent.SPAWNED, {}, "● agent tests, running: run the tests"),
        (
            WorkerEvent.PROGRESSED,
            {"execution": {"current_call": "run_command: make", "tool_calls": 1}},
            "● agent tests, running, 1 call: run_command: make",
        ),
        (
            WorkerEvent.WAITING_FOR_INPUT,
            {"execution": {"questions": ["make clean"]}},
            "▲ agent tests, waits for you: make clean",
        ),
        (
            WorkerEvent.COMPLETED,
            {"execution": {"last_line": "fine", "input_tokens": 1200, "output_tokens": 30}},
            "✓ agent tests, done, 1,230 tokens: fine",
        ),
        (WorkerEvent.FAILED, {"error": "no key"}, "✗ agent tests, failed: no key"),
        (WorkerEvent.CANCELLED, {}, "■ agent tests, cancelled"),
    ],
)
def test_row_says_how_the_worker_stands(
    event: WorkerEvent, metadata: dict[str, Any], text: str
) -> None:
    assert view_text(fold(worker(event, **metadata))) == text


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        [],
        {"execution": 3, "provenance": [], "error": {"a": 1}},
        {"execution": {"questions": 1, "tool_calls": "2", "input_tokens": -3, "current_call": 4}},
        {"execution": {"questions": [{"a": None}], "tool_calls": True}},
    ],
)
def test_row_stands_whatever_the_metadata_holds(metadata: Any) -> None:
    event = WorkerUpdate(S, "w", "n", "t", "delegate", "WorkerProgressed", "progressed", metadata)
    assert only_worker(fold(event)).tool_calls == 0


def test_worker_that_a_dead_process_left_is_interrupted_when_the_session_is_resumed() -> None:
    view = fold(
        session_start(),
        worker(WorkerEvent.PROGRESSED, execution={"current_call": "run: make"}),
        session_start(),
    )
    block = only_worker(view)
    assert worker_line(block).state is WorkerState.INTERRUPTED
    assert block.current_call == ""
    assert view.unfinished_workers == {}


def test_session_of_a_worker_says_whose_it_is() -> None:
    view = fold(
        SessionStart(S, "/", "m", "p", "native", parent_session_id="x", worker_name="tests")
    )
    (block,) = view.blocks
    assert isinstance(block, NoticeBlock)
    assert block.text == "The agent tests of session x"


def run_agent_call() -> list[Any]:
    return [
        ToolCall(S, "c1", "run_agent", ToolKind.THINK, ToolCallStatus.PENDING, {"task": "t"}),
        ToolCallUpdate(S, "c1", "run_agent", ToolCallStatus.IN_PROGRESS),
    ]


def asks(request_id: str) -> PermissionRequest:
    return PermissionRequest(
        S, request_id, "c1", "run_command", "no rule", "make", "tests", {"command": "make"}
    )


def test_question_of_a_worker_waits_on_the_call_that_runs_it() -> None:
    view = fold(*run_agent_call(), asks("q1"))
    (request,) = view.permissions
    assert (request.source, request.arguments) == ("tests", {"command": "make"})
    (block,) = view.blocks
    assert isinstance(block, ToolBlock)
    assert (block.tool_name, block.waiting_since_ms) == ("run_agent", view.last_event_at_ms)


def test_call_waits_until_its_last_question_is_answered() -> None:
    view = fold(*run_agent_call(), asks("q1"), asks("q2"))

    def answer(request_id: str) -> int | None:
        decision = PermissionDecision(S, request_id, Decision.ALLOW, DecisionScope.ONCE)
        apply_all(view, records([decision]))
        (block,) = view.blocks
        assert isinstance(block, ToolBlock)
        return block.waiting_since_ms

    assert answer("q1") is not None
    assert answer("q2") is None
    assert view.permissions == []
