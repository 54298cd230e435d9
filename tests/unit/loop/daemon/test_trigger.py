import json
from itertools import count

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from harn_tui.loop.daemon.trigger import (
    DEFAULT_CAPACITY,
    TriggerEvent,
    TriggerQueue,
    TriggerQueueFullError,
)


def new_queue(capacity: int = DEFAULT_CAPACITY) -> TriggerQueue:
    times = count()
    return TriggerQueue(capacity, now=lambda: f"2026-01-01T00:00:0{next(times)}Z")


def test_events_are_handed_out_one_at_a_time_in_order() -> None:
    queue = new_queue()
    first, second = queue.push({"n": 1}), queue.push("two")
    assert first == TriggerEvent(0, "2026-01-01T00:00:00Z", {"n": 1})
    assert queue.take() == first
    assert queue.take() is None
    assert queue.settle(first.seq)
    assert queue.take() == second


def test_an_event_is_settled_once_and_only_while_it_is_out() -> None:
    queue = new_queue()
    event = queue.push(1)
    assert not queue.settle(event.seq)
    queue.take()
    assert not queue.settle(event.seq + 1)
    assert queue.settle(event.seq)
    assert not queue.settle(event.seq)
    assert not queue.requeue()


def test_an_event_that_was_not_settled_is_handed_out_again_first() -> None:
    queue = new_queue()
    first = queue.push(1)
    queue.push(2)
    assert queue.take() == first
    assert queue.requeue()
    assert len(queue) == 2
    assert queue.take() == first


def test_a_full_queue_says_how_many_wait() -> None:
    queue = new_queue(1)
    queue.push(1)
    with pytest.raises(TriggerQueueFullError, match="1 events wait"):
        queue.push(2)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"event_queue_capacity": 1, "next_event_seq": 0, "pending_events": []},
        {
            "event_queue_capacity": 1,
            "next_event_seq": 0,
            "pending_events": [{"seq": 1}],
            "inflight_event": None,
        },
        {
            "event_queue_capacity": 1,
            "next_event_seq": 0,
            "pending_events": [],
            "inflight_event": "x",
        },
    ],
)
def test_what_is_no_queue_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must have"):
        TriggerQueue.from_json(value)  # type: ignore[arg-type]


class TriggerMachine(RuleBasedStateMachine):
    """Drives a queue, through restarts too, beside a list of what must still be handled."""

    @initialize(capacity=st.integers(1, 4))
    def start(self, capacity: int) -> None:
        self.capacity = capacity
        self.queue = TriggerQueue(capacity)
        self.open: list[int] = []
        self.out: int | None = None
        self.pushed = 0

    @rule()
    def push(self) -> None:
        try:
            event = self.queue.push(self.pushed)
        except TriggerQueueFullError:
            assert len(self.open) == self.capacity
        else:
            assert len(self.open) < self.capacity
            assert event.payload == event.seq == self.pushed
            self.open.append(event.seq)
            self.pushed += 1

    @rule()
    def take(self) -> None:
        event = self.queue.take()
        expected = self.open[0] if self.open and self.out is None else None
        assert (event.seq if event else None) == expected
        self.out = self.out if expected is None else expected

    @rule()
    def settle(self) -> None:
        if self.out is not None:
            assert self.queue.settle(self.out)
            self.open.remove(self.out)
            self.out = None

    @rule()
    def requeue(self) -> None:
        assert self.queue.requeue() is (self.out is not None)
        self.out = None

    @rule()
    def restart(self) -> None:
        self.queue = TriggerQueue.from_json(json.loads(json.dumps(self.queue.as_json())))

    @invariant()
    def nothing_is_lost(self) -> None:
        assert len(self.queue) == len(self.open) - (self.out is not None)


TestTriggerQueue = TriggerMachine.TestCase
