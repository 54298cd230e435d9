"""Any interleaving of a person, background threads and a loop."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from harn_tui.feedback.item import FeedbackItem
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import Boundary, FeedbackState

RANK = {Boundary.NOW: 0, Boundary.NEXT_PREFLIGHT: 1, Boundary.AFTER_RUN: 2}
LEGAL = {
    (FeedbackState.QUEUED, FeedbackState.QUEUED),  # retargeted
    (FeedbackState.QUEUED, FeedbackState.HELD),
    (FeedbackState.QUEUED, FeedbackState.CLAIMED),
    (FeedbackState.QUEUED, FeedbackState.WITHDRAWN),
    (FeedbackState.QUEUED, FeedbackState.UNDELIVERED),
    (FeedbackState.HELD, FeedbackState.HELD),  # retargeted
    (FeedbackState.HELD, FeedbackState.QUEUED),
    (FeedbackState.HELD, FeedbackState.WITHDRAWN),
    (FeedbackState.HELD, FeedbackState.UNDELIVERED),
    (FeedbackState.CLAIMED, FeedbackState.DELIVERED),
    (FeedbackState.CLAIMED, FeedbackState.QUEUED),
    (FeedbackState.CLAIMED, FeedbackState.UNDELIVERED),
}
sessions = st.sampled_from(["s", "t"])
boundaries = st.sampled_from(Boundary)


class FeedbackMachine(RuleBasedStateMachine):
    """Drives a queue beside a plain list of what a person expects of it."""

    @initialize()
    def start(self) -> None:
        self.told: dict[str, list[FeedbackItem]] = {}
        self.queue = FeedbackQueue(on_change=self._told)
        self.order: list[str] = []  # every line ever pushed, in the order of claiming
        self.globals: set[str] = set()

    def _told(self, item: FeedbackItem) -> None:
        self.told.setdefault(item.feedback_id, []).append(item)

    def _now(self, feedback_id: str) -> FeedbackItem:
        return self.told[feedback_id][-1]

    def _pick(self, data: st.DataObject) -> str | None:
        return data.draw(st.sampled_from(sorted(self.told))) if self.told else None

    @rule(session_id=sessions, boundary=boundaries)
    def push(self, session_id: str, boundary: Boundary) -> None:
        item = self.queue.push(session_id, "user", f"line {len(self.order)}", boundary)
        place = sum(feedback_id not in self.globals for feedback_id in self.order)
        self.order.insert(place, item.feedback_id)

    @rule(session_id=sessions)
    def push_threadsafe(self, session_id: str) -> None:
        item = self.queue.push_threadsafe(session_id, "tool_result", f"line {len(self.order)}")
        self.order.append(item.feedback_id)
        self.globals.add(item.feedback_id)

    @rule(session_id=sessions, boundary=boundaries, limit=st.none() | st.integers(0, 2))
    def claim(self, session_id: str, boundary: Boundary, limit: int | None) -> None:
        expected = [
            item.feedback_id
            for item in map(self._now, self.order)
            if item.session_id == session_id
            and item.state is FeedbackState.QUEUED
            and RANK[item.boundary] <= RANK[boundary]
        ][:limit]
        claimed = self.queue.claim(session_id, boundary, limit=limit)
        assert [item.feedback_id for item in claimed] == expected

    @rule(data=st.data(), state=st.sampled_from(["deliver", "return"]))
    def settle(self, data: st.DataObject, state: str) -> None:
        if feedback_id := self._pick(data):
            is_legal = self._now(feedback_id).state is FeedbackState.CLAIMED
            change = self.queue.mark_delivered if state == "deliver" else self.queue.return_to_queue
            assert change([feedback_id]) is is_legal

    @rule(data=st.data())
    def hold(self, data: st.DataObject) -> None:
        if feedback_id := self._pick(data):
            is_legal = self._now(feedback_id).state is FeedbackState.QUEUED
            assert self.queue.hold(feedback_id) is is_legal

    @rule(data=st.data(), text=st.none() | st.text(max_size=3))
    def release(self, data: st.DataObject, text: str | None) -> None:
        if feedback_id := self._pick(data):
            before = self._now(feedback_id)
            is_legal = before.state is FeedbackState.HELD
            assert self.queue.release(feedback_id, text) is is_legal
            expected = before.content if text is None or not is_legal else text
            assert self._now(feedback_id).content == expected

    @rule(data=st.data(), boundary=boundaries)
    def retarget(self, data: st.DataObject, boundary: Boundary) -> None:
        if feedback_id := self._pick(data):
            state = self._now(feedback_id).state
            is_legal = state in {FeedbackState.QUEUED, FeedbackState.HELD}
            assert self.queue.retarget(feedback_id, boundary) is is_legal

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        if feedback_id := self._pick(data):
            state = self._now(feedback_id).state
            is_legal = state in {FeedbackState.QUEUED, FeedbackState.HELD}
            assert self.queue.withdraw(feedback_id) is is_legal

    @rule(session_id=sessions)
    def end_session(self, session_id: str) -> None:
        on_their_way = {FeedbackState.QUEUED, FeedbackState.HELD, FeedbackState.CLAIMED}
        expected = [
            item.feedback_id
            for item in map(self._now, self.order)
            if item.session_id == session_id and item.state in on_their_way
        ]
        assert [item.feedback_id for item in self.queue.leftovers(session_id)] == expected

    @invariant()
    def what_waits_is_what_was_told_in_order(self) -> None:
        waiting = {FeedbackState.QUEUED, FeedbackState.HELD}
        for session_id in ("s", "t"):
            expected = [
                item
                for item in map(self._now, self.order)
                if item.session_id == session_id and item.state in waiting
            ]
            assert list(self.queue.pending(session_id)) == expected

    @invariant()
    def every_line_took_legal_steps_and_was_delivered_at_most_once(self) -> None:
        for steps in self.told.values():
            states = [item.state for item in steps]
            assert states[0] is FeedbackState.QUEUED
            assert set(zip(states, states[1:], strict=False)) <= LEGAL
            assert states.count(FeedbackState.DELIVERED) <= 1


FeedbackMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestFeedbackInterleavings = FeedbackMachine.TestCase
