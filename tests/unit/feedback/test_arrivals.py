import logging
import threading
from collections.abc import Callable

import pytest

from harn_tui.feedback.arrivals import Arrivals
from harn_tui.feedback.host_messages import HostMessageQueue
from harn_tui.feedback.item import USER_KIND, FeedbackItem
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import Boundary, HostMessageMode


class Bell:
    """Counts its rings and notes what the place held at each."""

    def __init__(self, look: Callable[[], object] = lambda: None) -> None:
        self.seen: list[object] = []
        self._look = look

    def __call__(self) -> None:
        self.seen.append(self._look())


def test_every_listener_hears_of_an_arrival_until_it_stops() -> None:
    arrivals, first, second = Arrivals(), Bell(), Bell()
    stop_first = arrivals.subscribe(first)
    arrivals.subscribe(second)
    arrivals.announce()
    stop_first()
    stop_first()
    arrivals.announce()
    assert (len(first.seen), len(second.seen)) == (1, 2)


def test_a_listener_that_subscribed_twice_stops_once_for_each() -> None:
    arrivals, bell = Arrivals(), Bell()
    stop = arrivals.subscribe(bell)
    arrivals.subscribe(bell)
    stop()
    arrivals.announce()
    assert len(bell.seen) == 1


def test_a_listener_may_stop_itself_while_it_is_called() -> None:
    arrivals, bell = Arrivals(), Bell()
    stops: list[Callable[[], None]] = []

    def stop() -> None:
        stops.pop()()

    stops.append(arrivals.subscribe(stop))
    arrivals.subscribe(bell)
    arrivals.announce()
    arrivals.announce()
    assert len(bell.seen) == 2


def test_a_listener_that_fails_is_logged_and_keeps_none_from_hearing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> None:
        raise RuntimeError("deaf")

    arrivals, bell = Arrivals(), Bell()
    arrivals.subscribe(fail)
    arrivals.subscribe(bell)
    with caplog.at_level(logging.ERROR):
        arrivals.announce()
    assert len(bell.seen) == 1
    assert "listener for arrivals failed" in caplog.text


@pytest.mark.parametrize("mode", HostMessageMode)
def test_loop_10_32_a_host_message_of_any_mode_is_announced_when_it_is_in_its_place(
    mode: HostMessageMode,
) -> None:
    queue = HostMessageQueue()
    bell = Bell(lambda: len(queue))
    queue.arrivals.subscribe(bell)
    queue.push("hello", mode)
    assert not queue.push("", mode)
    assert bell.seen == [1]


@pytest.mark.parametrize("boundary", Boundary)
def test_loop_10_32_a_queued_line_is_announced_when_it_is_in_its_place(boundary: Boundary) -> None:
    queue = FeedbackQueue()
    bell = Bell(lambda: len(queue.pending("s")))
    queue.arrivals.subscribe(bell)
    queue.push("s", USER_KIND, "a", boundary)
    queue.push_threadsafe("s", "tool_result", "b", boundary)
    assert bell.seen == [1, 2]


def test_a_line_that_comes_back_to_the_queue_is_announced_and_one_that_leaves_is_not() -> None:
    queue = FeedbackQueue()
    feedback_id = queue.push("s", USER_KIND, "a").feedback_id
    bell = Bell()
    queue.arrivals.subscribe(bell)
    queue.hold(feedback_id)
    assert len(bell.seen) == 0
    queue.release(feedback_id)
    assert len(bell.seen) == 1
    queue.claim_one(feedback_id)
    assert len(bell.seen) == 1
    queue.return_to_queue((feedback_id,))
    assert len(bell.seen) == 2
    queue.withdraw(feedback_id)
    assert len(bell.seen) == 2


def test_lines_that_an_earlier_process_left_are_announced() -> None:
    item = FeedbackQueue().push("s", USER_KIND, "a")
    queue, bell = FeedbackQueue(), Bell()
    queue.arrivals.subscribe(bell)
    queue.restore([item])
    assert len(bell.seen) == 1


def test_a_journal_that_fails_keeps_no_line_from_being_announced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(item: FeedbackItem) -> None:
        raise RuntimeError("disk full")

    queue, bell = FeedbackQueue(on_change=fail), Bell()
    queue.arrivals.subscribe(bell)
    with caplog.at_level(logging.CRITICAL):
        queue.push("s", USER_KIND, "a")
    assert len(bell.seen) == 1


def test_a_line_is_announced_after_it_was_journalled() -> None:
    journal: list[FeedbackItem] = []
    queue = FeedbackQueue(on_change=journal.append)
    bell = Bell(lambda: len(journal))
    queue.arrivals.subscribe(bell)
    queue.push("s", USER_KIND, "a")
    assert bell.seen == [1]


def test_arrivals_from_many_threads_are_all_announced() -> None:
    queue = HostMessageQueue()
    lock, rings = threading.Lock(), [0]

    def ring() -> None:
        with lock:
            rings[0] += 1

    queue.arrivals.subscribe(ring)

    def push() -> None:
        for _ in range(50):
            queue.push("m", HostMessageMode.FINISH_STEP)

    threads = [threading.Thread(target=push) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rings == [200]
