"""Progress is told at most four times a second, and nothing after the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.events.agent import TurnStart, WorkerUpdate
from harn_tui.events.host import PermissionDecision, PermissionRequest
from harn_tui.events.record import Event
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import Decision, DecisionScope, WorkerEvent
from harn_tui.loop.sub_agents.agent_request import AgentRequest
from harn_tui.loop.sub_agents.child import ChildAgent
from harn_tui.loop.sub_agents.parent_side import ParentSide
from harn_tui.loop.sub_agents.worker_events import LEAST_PAUSE_MS, WorkerReporter
from harn_tui.sinks.base import CollectingSink
from harn_tui.sinks.registry import current_registry
from harn_tui.tools.base import ToolContext


@dataclass
class Alarm:
    """A call that is due at a time of the test's clock."""

    due_ms: float
    callback: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class World:
    """One nested loop, its reporter, and a clock that moves when a test says so."""

    now_ms: int = 1_700_000_000_000
    alarms: list[Alarm] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.updates: list[WorkerUpdate] = []
        self.told_at_ms: list[int] = []
        current_registry().clear_session_sinks("parent")
        current_registry().register_sink("parent", self)
        self.child = ChildAgent(
            "w1",
            AgentRequest("do it", "doer"),
            session_id="child",
            parent_session_id="parent",
            parent=None,
            sink=CollectingSink(),
            feedback=FeedbackQueue(),
            call_words=lambda name, _: name,
            clock_ms=lambda: self.now_ms,
        )
        tool = ToolContext("parent", Path(), (), lambda _, __: None, "call-1")
        self.reporter = WorkerReporter(self.child, ParentSide(tool), call_later=self._call_later)

    def handle_event(self, event: Event) -> None:
        assert isinstance(event, WorkerUpdate)
        self.updates.append(event)
        self.told_at_ms.append(self.now_ms)

    def _call_later(self, delay_s: float, callback: Callable[[], None]) -> Alarm:
        alarm = Alarm(self.now_ms + delay_s * 1000, callback)
        self.alarms.append(alarm)
        return alarm

    def advance(self, milliseconds: int) -> None:
        end_ms = self.now_ms + milliseconds
        while due := [a for a in self.alarms if not a.is_cancelled and a.due_ms <= end_ms]:
            alarm = min(due, key=lambda one: one.due_ms)
            self.alarms.remove(alarm)
            self.now_ms = max(self.now_ms, round(alarm.due_ms))
            alarm.callback()
        self.now_ms = end_ms

    def turn(self) -> None:
        self.child.progress.take(TurnStart("child", 0))
        self.reporter.moved()

    def ask(self, request_id: str) -> None:
        self.child.progress.take(
            PermissionRequest("child", request_id, "c", "write", "no rule", "write a")
        )
        self.reporter.moved()

    def answer(self, request_id: str) -> None:
        self.child.progress.take(
            PermissionDecision("child", request_id, Decision.ALLOW, DecisionScope.ONCE)
        )
        self.reporter.moved()

    @property
    def told(self) -> list[str]:
        """The events so far, without their common prefix."""
        return [update.event.removeprefix("Worker") for update in self.updates]

    def turns_told(self) -> list[int]:
        found = []
        for update in self.updates:
            assert isinstance(update.metadata, dict)
            execution = update.metadata["execution"]
            assert isinstance(execution, dict)
            found.append(int(str(execution["turns"])))
        return found


@pytest.fixture
def world() -> World:
    return World()


def test_progress_right_after_an_event_waits_and_is_told_in_its_newest_state(world: World) -> None:
    world.reporter.spawned()
    world.turn()
    world.advance(100)
    world.turn()
    assert world.told == ["Spawned"]
    world.advance(LEAST_PAUSE_MS - 100)
    assert (world.told, world.turns_told()) == (["Spawned", "Progressed"], [0, 2])


def test_progress_after_a_pause_is_told_at_once(world: World) -> None:
    world.reporter.spawned()
    world.advance(LEAST_PAUSE_MS)
    world.turn()
    assert world.told == ["Spawned", "Progressed"]


def test_question_is_told_at_once_and_its_answer_as_progress(world: World) -> None:
    world.reporter.spawned()
    world.ask("q1")
    world.answer("q1")
    world.advance(LEAST_PAUSE_MS)
    assert world.told == ["Spawned", "WaitingForInput", "Progressed"]


def test_worker_that_waits_and_moves_still_waits(world: World) -> None:
    """A nested loop of its own may go on while it waits."""
    world.reporter.spawned()
    world.ask("q1")
    world.advance(LEAST_PAUSE_MS)
    world.turn()
    assert world.told[-1] == "WaitingForInput"


def test_nothing_is_told_after_the_end(world: World) -> None:
    world.reporter.spawned()
    world.turn()
    world.reporter.ended(WorkerEvent.COMPLETED)
    world.turn()
    world.advance(10 * LEAST_PAUSE_MS)
    assert world.told == ["Spawned", "Completed"]


@given(st.lists(st.integers(0, 400), max_size=60))
def test_progress_is_never_told_more_than_four_times_a_second(pauses: list[int]) -> None:
    world = World()
    world.reporter.spawned()
    for pause in pauses:
        world.turn()
        world.advance(pause)
    world.advance(LEAST_PAUSE_MS)
    spans = [later - earlier for earlier, later in pairwise(world.told_at_ms)]
    assert all(span >= LEAST_PAUSE_MS for span in spans)
    assert world.turns_told()[-1] == len(pauses)
