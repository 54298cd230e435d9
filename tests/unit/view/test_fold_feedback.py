import pytest

from harn_tui.events.host import FeedbackStateChanged
from harn_tui.events.record import Event, Record
from harn_tui.kinds import Boundary, FeedbackState
from harn_tui.view.fold import apply
from harn_tui.view.model import FeedbackBlock, SessionView, UserBlock
from tests.unit.view.build import (
    S,
    call_end,
    call_start,
    injected,
    line,
    prompt,
    recorded,
    session_start,
    text,
)
from tests.unit.view.recording import fold

QUEUED, HELD, CLAIMED = FeedbackState.QUEUED, FeedbackState.HELD, FeedbackState.CLAIMED
DELIVERED, WITHDRAWN = FeedbackState.DELIVERED, FeedbackState.WITHDRAWN


def people(view: SessionView) -> list[UserBlock]:
    return [block for block in view.blocks if isinstance(block, UserBlock)]


def test_claimed_line_stays_in_the_queue_until_it_is_delivered() -> None:
    events: list[Event] = [line(QUEUED, "x"), line(CLAIMED), injected("x")]
    assert [q.state for q in fold(*events).queue] == [CLAIMED]
    assert fold(*events, line(DELIVERED, call=2)).queue == []


def test_lines_of_one_batch_get_their_own_ids_and_receipts() -> None:
    view = fold(
        line(QUEUED, "a", line_id="f1"),
        line(QUEUED, "b", line_id="f2"),
        line(CLAIMED, line_id="f1"),
        injected("a"),
        line(CLAIMED, line_id="f2"),
        injected("b"),
        line(DELIVERED, call=3, line_id="f1"),
        line(DELIVERED, call=3, line_id="f2"),
    )
    assert [(b.text, b.feedback_id, b.delivered_before_call) for b in people(view)] == [
        ("a", "f1", 3),
        ("b", "f2", 3),
    ]


def test_feedback_without_a_claim_is_the_persons_line_without_an_id() -> None:
    (block,) = people(fold(injected("typed elsewhere")))
    assert (block.text, block.feedback_id) == ("typed elsewhere", None)


def test_runtime_feedback_uses_its_claim_up() -> None:
    view = fold(
        line(CLAIMED, line_id="f1"),
        injected("{}", "tool_result"),
        line(DELIVERED, call=2),
        injected("mine"),
    )
    assert [type(block) for block in view.blocks] == [FeedbackBlock, UserBlock]
    assert people(view)[0].feedback_id is None


def test_prefill_uses_its_claim_up() -> None:
    view = fold(line(CLAIMED, line_id="f1"), injected("Sure", "prefill_assistant"), injected("b"))
    assert [block.feedback_id for block in people(view)] == [None]


def test_runtime_feedback_of_a_failed_call_is_voided_and_no_line_of_the_queue() -> None:
    view = fold(line(CLAIMED), injected("{}", "tool_result"), line(QUEUED))
    (block,) = view.blocks
    assert isinstance(block, FeedbackBlock)
    assert block.discarded
    assert view.queue == []


def test_line_of_a_failed_call_that_was_never_seen_queued_gets_its_words_back() -> None:
    view = fold(line(CLAIMED), injected("words"), line(QUEUED))
    assert [(q.text, q.state) for q in view.queue] == [("words", QUEUED)]


def test_line_that_went_back_is_delivered_by_a_later_call_at_a_later_place() -> None:
    view = fold(
        line(QUEUED, "x"),
        line(CLAIMED),
        injected("x"),
        line(QUEUED),
        text("between"),
        line(CLAIMED),
        injected("x"),
        line(DELIVERED, call=5),
    )
    first, second = people(view)
    assert (first.discarded, first.delivered_before_call) == (True, None)
    assert (second.discarded, second.delivered_before_call) == (False, 5)


def test_claim_that_was_undone_before_it_entered_marks_nobody_elses_line() -> None:
    view = fold(line(QUEUED, "x"), line(CLAIMED), line(QUEUED), prompt("other"))
    assert [block.feedback_id for block in people(view)] == [None]


@pytest.mark.parametrize("state", [WITHDRAWN, FeedbackState.UNDELIVERED])
def test_line_that_ends_after_its_claim_is_gone_from_the_text_too(state: FeedbackState) -> None:
    view = fold(line(QUEUED, "x"), line(CLAIMED), injected("x"), line(state))
    assert (people(view)[0].discarded, view.queue) == (True, [])


def test_held_line_keeps_its_words_and_place() -> None:
    view = fold(line(QUEUED, "a", line_id="f1"), line(QUEUED, "b", line_id="f2"), line(HELD))
    assert [(q.text, q.state) for q in view.queue] == [("a", HELD), ("b", QUEUED)]


def test_retargeted_line_says_where_it_goes_now() -> None:
    view = fold(line(QUEUED, "a"), line(QUEUED, "a", boundary=Boundary.NOW))
    assert [(q.boundary, q.queued_at_ms) for q in view.queue] == [(Boundary.NOW, 1_000)]


def test_state_of_a_line_without_words_makes_no_row() -> None:
    assert fold(line(HELD)).queue == []


def test_recorded_message_is_the_receipt_when_a_crash_kept_the_other_from_being_written() -> None:
    view = fold(
        session_start(),
        line(QUEUED, "x"),
        line(CLAIMED),
        injected("x"),
        call_start(7),
        recorded(role="user", content="x", feedback_id="f1"),
        session_start(),
    )
    (block,) = people(view)
    assert (block.discarded, block.delivered_before_call) == (False, 7)


def test_line_that_a_crash_left_claimed_is_voided_and_queued_again_on_resume() -> None:
    view = fold(
        session_start(),
        line(QUEUED, "x"),
        line(CLAIMED),
        injected("x"),
        call_start(7),
        session_start(),
        line(QUEUED, "x"),
    )
    assert people(view)[0].discarded
    assert [q.text for q in view.queue] == ["x"]


def test_resumed_session_shows_only_the_lines_that_it_announces_again() -> None:
    view = fold(session_start(), line(QUEUED, "gone"), session_start())
    assert view.queue == []


def test_delivery_of_a_line_that_starts_a_run_only_clears_the_queue() -> None:
    view = fold(
        line(QUEUED, "go"),
        line(CLAIMED),
        prompt("go"),
        recorded(role="user", content="go", feedback_id="f1"),
        line(DELIVERED, call=1),
        call_start(1),
        call_end(1),
    )
    (block,) = people(view)
    assert (block.starts_run, block.delivered_before_call, block.discarded) == (True, None, False)
    assert (view.queue, view.claimed_blocks) == ([], {})


def test_changes_of_a_receipt_name_the_block_and_the_queue() -> None:
    view = fold(line(QUEUED, "x"), line(CLAIMED), injected("x"))
    event: FeedbackStateChanged = line(DELIVERED, call=2)
    changes = apply(view, Record(3, 9, None, event))
    assert (changes.blocks, changes.queue) == ({0}, True)
    assert view.session_id == S
