import pytest

from harn_tui.events.agent import BudgetExhausted, LoopStuck, TurnEnd, TurnStart
from harn_tui.events.record import Event, Record
from harn_tui.kinds import LoopStatus
from harn_tui.view.fold import apply
from harn_tui.view.model import AssistantBlock, NoticeBlock, SessionView, ThoughtBlock, ToolBlock
from tests.unit.view.build import (
    FAILED,
    RUNNING,
    S,
    call_end,
    call_start,
    loop_end,
    loop_start,
    prompt,
    recorded,
    retry,
    session_start,
    text,
    thought,
    tool,
    update,
)
from tests.unit.view.recording import fold


def texts(view: SessionView) -> list[AssistantBlock]:
    return [block for block in view.blocks if isinstance(block, AssistantBlock)]


def notices(view: SessionView) -> list[str]:
    return [block.text for block in view.blocks if isinstance(block, NoticeBlock)]


def test_first_session_start_is_no_resumption() -> None:
    view = fold(session_start())
    assert (view.cwd, view.model, view.provider, view.blocks) == ("/work", "m", "p", [])


def test_log_of_the_reference_that_is_taken_up_says_so() -> None:
    assert notices(fold(TurnStart(S, 0), session_start())) == ["Session resumed"]


def test_fork_says_where_it_came_from() -> None:
    assert notices(fold(session_start(parent_session_id="p-1"))) == ["Forked from session p-1"]


def test_resumption_ends_the_run_when_its_process_was_last_heard_of() -> None:
    view = fold(loop_start(), text("half"))
    apply(view, Record(2, 9_000_000, None, session_start()))
    assert (view.is_running, view.run_ended_at_ms) == (False, 1_010)


def test_resumption_leaves_the_times_of_an_ended_run_alone() -> None:
    view = fold(loop_start(), loop_end())
    apply(view, Record(2, 9_000_000, None, session_start()))
    assert (view.run_started_at_ms, view.run_ended_at_ms) == (1_000, 1_010)


def test_new_run_forgets_how_the_last_one_ended() -> None:
    view = fold(loop_start(), loop_end(LoopStatus.ERROR), loop_start("l2"))
    assert (view.is_running, view.last_status, view.run_ended_at_ms) == (True, None, None)


def test_end_of_a_nested_loop_is_not_the_end_of_the_run() -> None:
    events: list[Event] = [
        loop_start("outer"),
        loop_start("inner", parent="outer"),
        loop_end(LoopStatus.FAILED, loop_id="inner"),
    ]
    view = fold(*events)
    assert (view.is_running, view.run_started_at_ms, view.blocks) == (True, 1_000, [])
    assert fold(*events, loop_end(loop_id="outer")).is_running is False


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (LoopStuck(S, 3, 4, "hm"), LoopStatus.STUCK),
        (BudgetExhausted(S, 50), LoopStatus.BUDGET_EXHAUSTED),
    ],
)
def test_end_that_was_told_by_its_own_event_is_told_once(
    event: LoopStuck | BudgetExhausted, status: LoopStatus
) -> None:
    view = fold(loop_start(), event, loop_end(status, "the reason"))
    assert len(notices(view)) == 1
    assert (view.last_status, view.last_reason) == (status, "the reason")


def test_done_run_leaves_open_text_uninterrupted() -> None:
    (block,) = texts(fold(loop_start(), text("x"), loop_end()))
    assert (block.is_open, block.interrupted) == (False, False)


@pytest.mark.parametrize("status", [LoopStatus.CANCELLED, LoopStatus.ERROR])
def test_cut_run_marks_open_text_as_interrupted(status: LoopStatus) -> None:
    (block,) = texts(fold(loop_start(), text("x"), loop_end(status)))
    assert (block.is_open, block.interrupted) == (False, True)


def test_turn_end_and_turn_start_close_text_in_logs_without_call_events() -> None:
    view = fold(text("a"), TurnEnd(S, 0, {}), text("b"), TurnStart(S, 1), text("c"))
    assert [(block.text, block.is_open) for block in texts(view)] == [
        ("a", False),
        ("b", False),
        ("c", True),
    ]


def test_first_token_is_counted_once_a_call() -> None:
    view = fold(call_start(), thought("a"), text("b"))
    assert (view.call_started_at_ms, view.first_token_at_ms) == (1_000, 1_010)
    view = fold(call_start(), text("a"), call_end(), call_start(2))
    assert (view.call, view.first_token_at_ms) == (2, None)


def test_no_call_is_open_after_its_end() -> None:
    view = fold(call_start(), text("a"), call_end())
    assert (view.call_started_at_ms, view.attempt_start, view.open_text) == (None, None, None)


def test_retry_waits_until_its_delay_has_passed_or_text_arrives() -> None:
    assert fold(call_start(), retry(delay_ms=4_000)).retry_until_ms == 5_010
    assert fold(call_start(), retry(delay_ms=4_000), text("a")).retry_until_ms is None


def test_each_retry_voids_only_its_own_attempt_and_keeps_what_people_said() -> None:
    view = fold(
        call_start(), text("one"), prompt("by the way"), retry(1), text("two"), retry(2), text("3")
    )
    assert [(block.text, block.discarded) for block in texts(view)] == [
        ("one", True),
        ("two", True),
        ("3", False),
    ]
    assert notices(view) == ["Retry 1 in 4.0 s: boom", "Retry 2 in 4.0 s: boom"]


def test_retry_in_a_log_without_its_call_voids_nothing() -> None:
    assert [block.discarded for block in texts(fold(text("old"), retry()))] == [False]


def test_voided_thought_has_an_end() -> None:
    (block,) = texts(fold(call_start(), thought("hm"), retry()))
    assert isinstance(block, ThoughtBlock)
    assert (block.discarded, block.is_open, block.ended_at_ms) == (True, False, 1_020)


def test_retry_after_an_announced_call_was_closed_voids_its_row() -> None:
    view = fold(call_start(), tool(), update(FAILED, error="cut"), retry())
    row = view.blocks[0]
    assert isinstance(row, ToolBlock)
    assert row.discarded


def test_failed_call_marks_its_text_as_interrupted() -> None:
    (block,) = texts(fold(call_start(), text("half"), call_end(stop_reason="error")))
    assert block.interrupted


def test_interrupted_message_marks_the_text_above_the_calls_that_followed_it() -> None:
    view = fold(
        call_start(),
        text("half"),
        tool(),
        recorded(role="assistant", content="half", interrupted=True),
        call_end(partial=True),
    )
    assert texts(view)[0].interrupted


def test_recorded_message_draws_nothing() -> None:
    view = fold(call_start(), text("a"))
    changes = apply(view, Record(2, 9, None, recorded(role="assistant", content="a")))
    assert (len(view.blocks), changes.blocks) == (1, set())
    assert texts(view)[0].is_open


def test_context_is_an_estimate_until_the_first_reply_and_reported_ever_after() -> None:
    assert fold(call_start(1, estimate=700)).last_input_tokens == 700
    view = fold(
        call_start(1, estimate=700),
        call_end(usage={"input_tokens": 900, "output_tokens": 50}),
        call_start(2, estimate=10),
    )
    assert view.last_input_tokens == 950


def test_call_that_failed_without_a_bill_leaves_the_cost_known() -> None:
    view = fold(
        call_start(),
        call_end(stop_reason="error"),
        call_end(partial=True),
        call_end(usage={"input_tokens": 1}, cost_usd=0.5),
    )
    assert view.totals.cost_usd == 0.5


def test_cost_stays_unknown_after_a_call_without_a_price() -> None:
    view = fold(call_end(), call_end(cost_usd=0.5))
    assert view.totals.cost_usd is None


@pytest.mark.parametrize("value", ["12", None, -5, 1.5, True, [1]])
def test_token_counts_that_are_none_count_nothing(value: object) -> None:
    view = fold(call_end(usage={"input_tokens": value}))
    assert (view.totals.input_tokens, view.totals.calls) == (0, 1)


def test_status_is_flagged_when_a_tool_begins_and_ends() -> None:
    view = fold(tool())
    assert apply(view, Record(1, 1, None, update(RUNNING))).status
    assert apply(view, Record(2, 2, None, update(FAILED))).status


def test_text_in_full_flow_flags_its_block_and_nothing_else() -> None:
    view = fold(call_start(), text("a"))
    changes = apply(view, Record(2, 2, None, text("b")))
    assert (changes.blocks, changes.status, changes.queue, changes.plan) == (
        {0},
        False,
        False,
        False,
    )
