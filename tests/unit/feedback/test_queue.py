import threading

import pytest

from harn_tui.feedback.item import USER_KIND, FeedbackItem
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import Boundary, FeedbackState

PREFLIGHT = Boundary.NEXT_PREFLIGHT


class History:
    """Collects what a queue tells."""

    def __init__(self) -> None:
        self.items: list[FeedbackItem] = []
        self.orders: list[tuple[str, ...]] = []

    def changed(self, item: FeedbackItem) -> None:
        self.items.append(item)

    def reordered(self, session_id: str, feedback_ids: tuple[str, ...]) -> None:
        self.orders.append(feedback_ids)

    def states(self, content: str) -> list[FeedbackState]:
        return [item.state for item in self.items if item.content == content]


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
def queue(history: History) -> FeedbackQueue:
    return FeedbackQueue(
        on_change=history.changed, on_reorder=history.reordered, clock_ms=lambda: 7
    )


def push(queue: FeedbackQueue, content: str, boundary: Boundary = PREFLIGHT) -> str:
    return queue.push("s", USER_KIND, content, boundary).feedback_id


def contents(items: tuple[FeedbackItem, ...]) -> list[str]:
    return [item.content for item in items]


def test_events_3_5_lines_are_claimed_in_the_order_they_came(queue: FeedbackQueue) -> None:
    for content in "abc":
        push(queue, content)
    assert contents(queue.claim("s", PREFLIGHT)) == ["a", "b", "c"]
    assert queue.claim("s", PREFLIGHT) == ()


def test_events_3_5_local_lines_go_before_those_from_other_threads(queue: FeedbackQueue) -> None:
    queue.push_threadsafe("s", "tool_result", "global 1")
    push(queue, "local 1")
    queue.push_threadsafe("s", "tool_result", "global 2")
    push(queue, "local 2")
    assert contents(queue.pending("s")) == ["local 1", "local 2", "global 1", "global 2"]
    assert contents(queue.claim("s", PREFLIGHT)) == ["local 1", "local 2", "global 1", "global 2"]


def test_loop_5_2_lines_of_other_sessions_stay_in_their_order(queue: FeedbackQueue) -> None:
    for session_id, content in (("t", "1"), ("s", "2"), ("t", "3")):
        queue.push(session_id, USER_KIND, content)
    assert contents(queue.claim("s", PREFLIGHT)) == ["2"]
    assert contents(queue.pending("t")) == ["1", "3"]


def test_a_line_has_all_that_was_said_of_it(queue: FeedbackQueue) -> None:
    item = queue.push("s", "watch", "text", Boundary.AFTER_RUN)
    assert item == FeedbackItem(
        item.feedback_id, "s", "watch", "text", Boundary.AFTER_RUN, FeedbackState.QUEUED, 7
    )
    assert queue.get(item.feedback_id) == item
    assert queue.get("unknown") is None


def test_a_later_boundary_takes_what_an_earlier_one_would_have(queue: FeedbackQueue) -> None:
    push(queue, "after run", Boundary.AFTER_RUN)
    push(queue, "preflight", PREFLIGHT)
    push(queue, "now", Boundary.NOW)
    assert contents(queue.claim("s", Boundary.NOW)) == ["now"]
    assert contents(queue.claim("s", PREFLIGHT)) == ["preflight"]
    push(queue, "second preflight", PREFLIGHT)
    assert contents(queue.claim("s", Boundary.AFTER_RUN)) == ["after run", "second preflight"]


def test_a_claim_may_be_limited_to_the_first_lines(queue: FeedbackQueue) -> None:
    for content in "abc":
        push(queue, content)
    assert contents(queue.claim("s", PREFLIGHT, limit=1)) == ["a"]
    assert contents(queue.claim("s", PREFLIGHT)) == ["b", "c"]


def test_a_delivered_line_is_gone_for_good(queue: FeedbackQueue, history: History) -> None:
    feedback_id = push(queue, "a")
    queue.claim("s", PREFLIGHT)
    assert queue.mark_delivered([feedback_id])
    assert queue.get(feedback_id) is None
    assert not queue.return_to_queue([feedback_id])
    assert history.states("a") == [
        FeedbackState.QUEUED,
        FeedbackState.CLAIMED,
        FeedbackState.DELIVERED,
    ]


def test_lines_that_come_back_stand_before_later_ones_in_their_order(
    queue: FeedbackQueue,
) -> None:
    ids = [push(queue, content) for content in "abc"]
    queue.claim("s", PREFLIGHT)
    push(queue, "d")
    assert queue.return_to_queue(reversed(ids))
    assert contents(queue.claim("s", PREFLIGHT)) == ["a", "b", "c", "d"]


def test_a_partly_legal_change_changes_what_it_may(queue: FeedbackQueue) -> None:
    claimed = push(queue, "a")
    queue.claim("s", PREFLIGHT)
    waiting = push(queue, "b")
    assert not queue.mark_delivered([claimed, waiting, "unknown"])
    assert queue.get(claimed) is None
    assert contents(queue.pending("s")) == ["b"]


def test_naming_an_id_twice_delivers_it_once(queue: FeedbackQueue, history: History) -> None:
    feedback_id = push(queue, "a")
    queue.claim("s", PREFLIGHT)
    assert queue.mark_delivered([feedback_id, feedback_id])
    assert history.states("a").count(FeedbackState.DELIVERED) == 1


def test_a_held_line_is_passed_over_and_keeps_its_place(queue: FeedbackQueue) -> None:
    first = push(queue, "a")
    push(queue, "b")
    assert queue.hold(first)
    assert contents(queue.claim("s", PREFLIGHT, limit=0)) == []
    assert contents(queue.pending("s")) == ["a", "b"]
    push(queue, "c")
    assert queue.release(first, "a, edited")
    assert contents(queue.claim("s", PREFLIGHT)) == ["a, edited", "b", "c"]


def test_while_a_line_is_held_its_old_text_is_never_sent(queue: FeedbackQueue) -> None:
    feedback_id = push(queue, "old")
    queue.hold(feedback_id)
    assert queue.claim("s", Boundary.AFTER_RUN) == ()
    queue.release(feedback_id, "new")
    assert contents(queue.claim("s", PREFLIGHT)) == ["new"]


def test_releasing_without_a_text_keeps_it(queue: FeedbackQueue) -> None:
    feedback_id = push(queue, "a")
    queue.hold(feedback_id)
    assert queue.release(feedback_id)
    assert contents(queue.pending("s")) == ["a"]


@pytest.mark.parametrize("is_held", [False, True])
def test_a_waiting_line_may_be_withdrawn(
    queue: FeedbackQueue, history: History, is_held: bool
) -> None:
    feedback_id = push(queue, "a")
    if is_held:
        queue.hold(feedback_id)
    assert queue.withdraw(feedback_id)
    assert queue.claim("s", PREFLIGHT) == ()
    assert history.states("a")[-1] is FeedbackState.WITHDRAWN


def test_a_retargeted_line_enters_at_its_new_boundary(
    queue: FeedbackQueue, history: History
) -> None:
    feedback_id = push(queue, "a", Boundary.AFTER_RUN)
    assert queue.retarget(feedback_id, Boundary.NOW)
    assert history.items[-1].boundary is Boundary.NOW
    assert contents(queue.claim("s", Boundary.NOW)) == ["a"]


def test_changes_that_the_state_forbids_are_refused_and_tell_nothing(
    queue: FeedbackQueue, history: History
) -> None:
    claimed = push(queue, "claimed")
    queue.claim("s", PREFLIGHT)
    queued = push(queue, "queued")
    told = len(history.items)
    refused = [
        queue.hold(claimed),
        queue.withdraw(claimed),
        queue.retarget(claimed, Boundary.NOW),
        queue.move(claimed, 1),
        queue.release(claimed, "edited"),
        queue.release(queued, "edited"),
        queue.mark_delivered([queued]),
        queue.return_to_queue([queued]),
        queue.hold("unknown"),
        queue.withdraw("unknown"),
        queue.move("unknown", 1),
    ]
    assert not any(refused)
    assert len(history.items) == told
    assert history.orders == []


def test_a_moved_line_is_claimed_at_its_new_place(queue: FeedbackQueue, history: History) -> None:
    a, b, c = (push(queue, content) for content in "abc")
    assert queue.move(c, -2)
    assert contents(queue.pending("s")) == ["c", "a", "b"]
    assert queue.move(c, 1)
    assert queue.move(a, 99)
    assert not queue.move(a, 1)
    assert contents(queue.pending("s")) == ["c", "b", "a"]
    assert history.orders == [(c, a, b), (a, c, b), (c, b, a)]


def test_moving_leaves_claimed_lines_and_other_sessions_where_they_are(
    queue: FeedbackQueue,
) -> None:
    first = push(queue, "a")
    queue.claim("s", PREFLIGHT)
    queue.push("t", USER_KIND, "other")
    push(queue, "b")
    last = push(queue, "c")
    assert queue.move(last, -5)
    queue.return_to_queue([first])
    assert contents(queue.claim("s", PREFLIGHT)) == ["a", "c", "b"]
    assert contents(queue.pending("t")) == ["other"]


def test_loop_10_40_what_a_session_leaves_is_reported_and_never_surfaces_later(
    queue: FeedbackQueue, history: History
) -> None:
    push(queue, "claimed")
    queue.claim("s", PREFLIGHT)
    held = push(queue, "held")
    queue.hold(held)
    push(queue, "after run", Boundary.AFTER_RUN)
    queue.push_threadsafe("s", "tool_result", "global")
    queue.push("t", USER_KIND, "other session")
    left = queue.leftovers("s")
    assert contents(left) == ["claimed", "held", "after run", "global"]
    assert {item.state for item in left} == {FeedbackState.UNDELIVERED}
    assert history.items[-4:] == list(left)
    assert queue.leftovers("s") == queue.claim("s", Boundary.AFTER_RUN) == ()
    assert contents(queue.pending("t")) == ["other session"]


def test_restored_lines_are_as_they_were_and_tell_nothing(
    queue: FeedbackQueue, history: History
) -> None:
    held = FeedbackItem("f1", "s", USER_KIND, "held", PREFLIGHT, FeedbackState.HELD, 1)
    waiting = FeedbackItem("f2", "s", USER_KIND, "waiting", PREFLIGHT, FeedbackState.QUEUED, 2)
    queue.restore([held, waiting])
    assert queue.pending("s") == (held, waiting)
    assert history.items == []
    assert contents(queue.claim("s", PREFLIGHT)) == ["waiting"]


def test_a_listener_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(item: FeedbackItem) -> None:
        raise RuntimeError("broken listener")

    queue = FeedbackQueue(on_change=broken)
    push(queue, "a")
    assert contents(queue.claim("s", PREFLIGHT)) == ["a"]
    assert caplog.text.count("feedback listener failed") == 2


def test_a_listener_that_changes_the_queue_is_told_afterwards() -> None:
    told: list[tuple[str, FeedbackState]] = []

    def withdraw_secret(item: FeedbackItem) -> None:
        told.append((item.content, item.state))
        if item.content == "secret":
            watched.withdraw(item.feedback_id)

    watched = FeedbackQueue(on_change=withdraw_secret)
    push(watched, "secret")
    push(watched, "plain")
    assert contents(watched.claim("s", PREFLIGHT)) == ["plain"]
    assert told == [
        ("secret", FeedbackState.QUEUED),
        ("secret", FeedbackState.WITHDRAWN),
        ("plain", FeedbackState.QUEUED),
        ("plain", FeedbackState.CLAIMED),
    ]


def test_threads_that_push_while_a_loop_claims_lose_and_double_nothing() -> None:
    journal: list[FeedbackItem] = []
    queue = FeedbackQueue(on_change=journal.append)
    start = threading.Barrier(5)
    done = threading.Event()
    claimed: list[FeedbackItem] = []

    def push_many(name: int) -> None:
        start.wait()
        for number in range(100):
            queue.push_threadsafe("s", "tool_result", f"{name} {number}")

    def claim_all() -> None:
        start.wait()
        while True:
            was_done = done.is_set()
            claimed.extend(queue.claim("s", PREFLIGHT))
            if was_done:
                return

    pushers = [threading.Thread(target=push_many, args=(name,)) for name in range(4)]
    claimer = threading.Thread(target=claim_all)
    for thread in (*pushers, claimer):
        thread.start()
    for thread in pushers:
        thread.join()
    done.set()
    claimer.join()
    for name in range(4):
        mine = [item.content for item in claimed if item.content.startswith(f"{name} ")]
        assert mine == [f"{name} {number}" for number in range(100)]
    assert len(claimed) == 400
    for item in claimed:
        states = [entry.state for entry in journal if entry.feedback_id == item.feedback_id]
        assert states == [FeedbackState.QUEUED, FeedbackState.CLAIMED]
