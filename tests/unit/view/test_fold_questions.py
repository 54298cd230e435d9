"""Questions to the person: which are open, and how the rows of their calls stand."""

import pytest

from harn_tui.events.host import QuestionAsked
from harn_tui.events.record import Event
from harn_tui.kinds import LoopStatus, QuestionOutcome
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView, ToolBlock
from harn_tui.view.pending import PendingQuestion
from harn_tui.view.text import block_text
from harn_tui.view.tool_line import ToolState, tool_state
from tests.unit.view.build import (
    COMPLETED,
    RUNNING,
    S,
    answered,
    asked,
    decided,
    loop_end,
    loop_start,
    question,
    session_start,
    tool,
    update,
)
from tests.unit.view.recording import fold, records

CALL = (
    loop_start(),
    tool("t1", {"options": [{"label": "Red"}], "question": "Which colour?"}, name="ask_user"),
    update(RUNNING, "t1", name="ask_user"),
)


def row(view: SessionView) -> ToolBlock:
    block = view.blocks[view.tools_by_id["t1"]]
    assert isinstance(block, ToolBlock)
    return block


def test_a_question_waits_with_all_that_was_asked() -> None:
    view = fold(*CALL, question("q1", "t1", "Red", "Blue"))
    assert view.questions == [
        PendingQuestion(
            question_id="q1",
            tool_call_id="t1",
            question="Which colour?",
            options=(("Red", ""), ("Blue", "")),
            allows_text=True,
            allows_several=False,
            default=None,
            asked_at_ms=1_030,
        )
    ]
    assert tool_state(row(view)) is ToolState.ASKING
    assert block_text(row(view)) == "▲ ask Which colour?, waiting for your answer"


@pytest.mark.parametrize("outcome", list(QuestionOutcome))
def test_a_question_that_ended_waits_no_more_whatever_came_of_it(outcome: QuestionOutcome) -> None:
    view = fold(*CALL, question(), answered(outcome=outcome))
    assert view.questions == []
    assert tool_state(row(view)) is ToolState.RUNNING


def test_the_row_has_question_and_answer() -> None:
    details = {"question_id": "q1", "question": "Which colour?", "answers": ["Red", "Blue"]}
    output = {"text": "The person answered", "details": details}
    done = update(COMPLETED, "t1", name="ask_user", raw_output=output)
    view = fold(*CALL, question(), answered("q1", "Red", "Blue"), done)
    text = block_text(row(view)) or ""
    assert text.splitlines()[0] == "✓ asked Which colour?, answered Red; Blue"


def test_the_row_says_that_the_person_declined() -> None:
    details = {"question_id": "q1", "answers": [], "is_declined": True}
    done = update(COMPLETED, "t1", name="ask_user", raw_output={"text": "x", "details": details})
    text = block_text(row(fold(*CALL, done))) or ""
    assert text.splitlines()[0] == "✓ asked Which colour?, declined"


@pytest.mark.parametrize(
    "end",
    [
        pytest.param((loop_end(LoopStatus.CANCELLED),), id="run cancelled"),
        pytest.param((session_start(),), id="process died"),
        pytest.param((update(COMPLETED, "t1", name="ask_user"),), id="call ended"),
    ],
)
def test_nothing_is_asked_any_more_once_nobody_hears_the_answer(end: tuple[Event, ...]) -> None:
    view = SessionView()
    apply_all(view, records([*CALL, question()]))
    assert view.questions
    changes = apply_all(view, records([*CALL, question(), *end])[4:])
    assert view.questions == []
    assert changes.questions
    assert row(view).waiting_since_ms is None


def test_a_call_that_waits_for_both_waits_for_approval_first() -> None:
    both = (*CALL, question("q1", "t1", source="a"), asked("r1", "t1"))
    assert tool_state(row(fold(*both))) is ToolState.WAITING
    view = fold(*both, decided("r1"))
    assert tool_state(row(view)) is ToolState.ASKING
    assert row(view).waiting_since_ms == 1_030
    view = fold(*both, answered("q1", "Red"))
    assert row(view).waiting_since_ms == 1_040


def test_questions_of_several_calls_wait_in_their_order() -> None:
    view = fold(*CALL, question("q1"), question("q2", "t2"), answered("q1", "x"))
    assert [waiting.question_id for waiting in view.questions] == ["q2"]
    view = fold(*CALL, answered("q9", "nobody asked"))
    assert view.questions == []


def test_options_that_are_none_of_ours_do_no_harm() -> None:
    odd = QuestionAsked(S, "q1", "t1", "?", ["Red", 5, {"label": None}, None], True, False)
    (waiting,) = fold(*CALL, odd).questions
    assert waiting.options == (("Red", ""), ("", ""), ("", ""), ("", ""))
