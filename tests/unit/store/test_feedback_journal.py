import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.errors import StoreError
from harn_tui.feedback.item import FeedbackItem
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import Boundary, FeedbackState
from harn_tui.store.feedback_journal import FeedbackJournal, load_pending_feedback

PREFLIGHT = Boundary.NEXT_PREFLIGHT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedback.jsonl"


def pending_contents(path: Path, delivered: frozenset[str] = frozenset()) -> list[str]:
    return [item.content for item in load_pending_feedback(path, delivered).items]


def journalled_queue(path: Path) -> tuple[FeedbackQueue, FeedbackJournal]:
    journal = FeedbackJournal(path)
    return FeedbackQueue(on_change=journal.append, on_reorder=journal.append_order), journal


def test_a_line_is_in_the_journal_when_the_push_returns(path: Path) -> None:
    queue, journal = journalled_queue(path)
    item = queue.push("s", "user", "first\nsecond é", Boundary.AFTER_RUN)
    assert load_pending_feedback(path).items == (item,)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    journal.close()


def test_what_ended_is_not_pending_and_the_rest_keeps_its_order(path: Path) -> None:
    queue, journal = journalled_queue(path)
    ids = [queue.push("s", "user", content).feedback_id for content in "abcdef"]
    queue.claim("s", PREFLIGHT, limit=2)
    queue.mark_delivered(ids[:1])
    queue.withdraw(ids[2])
    queue.hold(ids[3])
    queue.release(ids[3], "d, edited")
    queue.hold(ids[4])
    journal.close()
    assert pending_contents(path) == ["b", "d, edited", "e", "f"]
    states = [item.state for item in load_pending_feedback(path).items]
    queued = FeedbackState.QUEUED
    assert states == [queued, queued, FeedbackState.HELD, queued]


def test_a_claimed_line_that_the_log_shows_as_delivered_is_not_sent_again(path: Path) -> None:
    queue, journal = journalled_queue(path)
    first = queue.push("s", "user", "in the history").feedback_id
    queue.push("s", "user", "not in the history")
    queue.claim("s", PREFLIGHT)
    journal.close()
    assert pending_contents(path, frozenset({first})) == ["not in the history"]


def test_moved_lines_are_restored_at_their_new_places(path: Path) -> None:
    queue, journal = journalled_queue(path)
    ids = [queue.push("s", "user", content).feedback_id for content in "abc"]
    queue.move(ids[2], -2)
    queue.push("s", "user", "d")
    journal.close()
    assert pending_contents(path) == ["c", "a", "b", "d"]


def test_a_journal_goes_on_after_a_restart(path: Path) -> None:
    queue, journal = journalled_queue(path)
    queue.push("s", "user", "before")
    journal.close()
    queue, journal = journalled_queue(path)
    queue.restore(load_pending_feedback(path).items)
    (restored,) = queue.claim("s", PREFLIGHT)
    queue.mark_delivered([restored.feedback_id])
    queue.push("s", "user", "after")
    journal.close()
    assert pending_contents(path) == ["after"]


def test_no_journal_is_nothing_pending(path: Path) -> None:
    assert load_pending_feedback(path).items == ()


def test_a_journal_that_cannot_be_read_says_so(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match="cannot be read"):
        load_pending_feedback(path)


def test_lines_that_make_no_sense_are_counted_and_passed_over(path: Path) -> None:
    queue, journal = journalled_queue(path)
    item = queue.push("s", "user", "a")
    journal.close()
    good = path.read_bytes()
    nonsense = [
        b"{}",
        b"3",
        b"[]",
        b'"order"',
        b"\xff\x00",
        b'{"order":3}',
        b'{"order":[[]]}',
        good.replace(b'"queued"', b'"lost"').strip(),
        good.replace(b'"content":"a"', b'"content":3').strip(),
        b"[" * 50_000,
    ]
    path.write_bytes(b"\n".join(nonsense) + b"\n\n" + good)
    pending = load_pending_feedback(path)
    assert pending.items == (item,)
    assert pending.unreadable_lines == len(nonsense)


def test_a_torn_tail_is_ignored_and_a_whole_one_counts(path: Path) -> None:
    queue, journal = journalled_queue(path)
    queue.push("s", "user", "a")
    queue.push("s", "user", "b")
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert pending_contents(path) == ["a", "b"]
    path.write_bytes(whole[:-2])
    assert pending_contents(path) == ["a"]
    assert load_pending_feedback(path).unreadable_lines == 0


actions = st.lists(
    st.sampled_from(["push", "claim", "deliver", "return", "hold", "release", "withdraw"]),
    max_size=12,
)


@given(actions=actions)
@settings(max_examples=15, deadline=None)
def test_after_a_crash_at_any_byte_nothing_is_lost_and_nothing_sent_twice(
    tmp_path_factory: pytest.TempPathFactory, actions: list[str]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "feedback.jsonl"
    journal = FeedbackJournal(path)
    history: list[FeedbackItem] = []

    def journalled(item: FeedbackItem) -> None:
        journal.append(item)
        history.append(item)

    queue = FeedbackQueue(on_change=journalled)
    ids: list[str] = []
    for action in actions:
        if action == "push":
            ids.append(queue.push("s", "user", f"line {len(ids)}").feedback_id)
        elif action == "claim":
            queue.claim("s", PREFLIGHT, limit=1)
        elif action == "release":
            any(queue.release(i, f"edit of {i}") for i in ids)
        else:
            change = {
                "deliver": lambda i: queue.mark_delivered([i]),
                "return": lambda i: queue.return_to_queue([i]),
                "hold": queue.hold,
                "withdraw": queue.withdraw,
            }[action]
            any(change(i) for i in ids)
    journal.close()
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        lines = whole[:length].count(b"\n")
        is_last_whole = length == len(whole) or whole[length : length + 1] == b"\n"
        survived = history[: lines + (length > 0 and is_last_whole)]
        assert load_pending_feedback(path).items == tuple(expected_pending(survived))


def expected_pending(history: list[FeedbackItem]) -> list[FeedbackItem]:
    latest = {item.feedback_id: item for item in history}
    pending = []
    for item in latest.values():
        if item.state is FeedbackState.CLAIMED:
            item = replace(item, state=FeedbackState.QUEUED)
        if item.state in {FeedbackState.QUEUED, FeedbackState.HELD}:
            pending.append(item)
    return pending
