"""Laws of loops and their nested loops that hold wherever one of them is cancelled or steered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from harn_tui.events.record import Event
from harn_tui.kinds import Decision, FeedbackState, LoopStatus, ToolKind
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.config import PermissionQuestion
from harn_tui.loop.result import LoopResult
from harn_tui.permissions.broker import Answer
from harn_tui.sinks.base import CollectingSink
from tests.conformance.agent_driver import ROOT, Family, start
from tests.conformance.loop_driver import Reply, make_tool
from tests.conformance.observed import hold_answers, hold_frames

Act = Callable[[Family], object]


def cancel_parent(family: Family) -> None:
    assert family.control is not None
    family.control.cancel("enough")


def cancel_agent(name: str) -> Act:
    def cancel(family: Family) -> None:
        for agent in family.agents.running:
            if agent.name == name:
                family.agents.cancel(agent.worker_id)

    return cancel


def steer_agent(name: str) -> Act:
    def steer(family: Family) -> None:
        for agent in family.agents.running:
            if agent.name == name:
                family.agents.steer(agent.worker_id, f"for {name}")

    return steer


class Moments:
    """Counts the events of all loops and acts at the one with the chosen number."""

    def __init__(self, act: Act | None, number: int) -> None:
        self.family: Family | None = None
        self.count = 0
        self._act = act
        self._number = number

    def sink(self) -> CollectingSink:
        moments = self

        class Counting(CollectingSink):
            def handle_event(self, event: Event) -> None:
                super().handle_event(event)
                moments.note()

        return Counting()

    def note(self) -> None:
        self.count += 1
        if self.count == self._number and self._act is not None and self.family is not None:
            self._act(self.family)


def allow(question: PermissionQuestion) -> Awaitable[Answer]:
    async def reply() -> Answer:
        await asyncio.sleep(0)
        return Answer(Decision.ALLOW)

    return reply()


def rich_family(moments: Moments) -> Family:
    """Two agents at the same time, one of which asks and starts a third; spare replies at ends."""

    async def rest() -> None:
        await asyncio.sleep(0)

    family = Family(
        {
            ROOT: [
                Reply("both", (start("a"), start("b"), ("read", {}))),
                *(Reply("end") for _ in range(9)),
            ],
            "a": [
                Reply("one", (("read", {"n": "1"}), ("write", {})), midway=rest),
                Reply("two", (start("c"),)),
                *(Reply("a end", midway=rest) for _ in range(9)),
            ],
            "b": [Reply("one", (("read", {}),)), *(Reply("b end", midway=rest) for _ in range(9))],
            "c": [Reply("one", (("write", {}),)), *(Reply("c end") for _ in range(9))],
        },
        tools=(make_tool("read"), make_tool("write", kind=ToolKind.EDIT)),
        extra={"ask_permission": allow},
        control=RunControl(),
        new_sink=moments.sink,
    )
    moments.family = family
    return family


async def play(act: Act | None, number: int) -> tuple[Family, LoopResult, int]:
    moments = Moments(act, number)
    family = rich_family(moments)
    result = await family.run()
    return family, result, moments.count


def hold(family: Family, result: LoopResult) -> None:
    sinks = [family.sink, *family.child_sinks.values()]
    for sink in sinks:
        hold_frames(without_late_lines(sink.events))
        assert len({event.session_id for event in sink.events}) == 1
        hold_workers(sink.events)
        hold_questions(sink.events)
    hold_answers(result.messages)
    assert family.agents.running == ()
    with family.agents.place(1):
        pass
    for session_id, sink in family.child_sinks.items():
        hold_told(family, session_id, sink.events)


def without_late_lines(events: list[Event]) -> list[Event]:
    """Return the events but for a line that came while the last of them was being told."""
    is_late = len(events) > 1 and [event.type for event in events[-2:]] == [
        "loop_end",
        "feedback_state",
    ]
    return events[:-1] if is_late else events


def hold_workers(events: list[Event]) -> None:
    """Each nested loop begins once and ends once, and nothing is told of it after that."""
    updates: list[Any] = [event for event in events if event.type == "worker_update"]
    for worker_id in {update.worker_id for update in updates}:
        told = [update.event for update in updates if update.worker_id == worker_id]
        ends = [event in {"WorkerCompleted", "WorkerFailed", "WorkerCancelled"} for event in told]
        assert told[0] == "WorkerSpawned"
        assert told.count("WorkerSpawned") == 1
        assert ends == [False] * (len(told) - 1) + [True]


def hold_questions(events: list[Event]) -> None:
    """No question of a nested loop stays open in the sessions above it."""
    asked = {
        event.request_id  # type: ignore[union-attr]
        for event in events
        if event.type == "permission_request" and event.source is not None  # type: ignore[union-attr]
    }
    decided = [e.request_id for e in events if e.type == "permission_decision"]  # type: ignore[union-attr]
    assert asked <= set(decided)
    assert len(decided) == len(set(decided))


def hold_told(family: Family, session_id: str, events: list[Event]) -> None:
    """The nested session ends as the session above it was told."""
    ends: list[Any] = [event for event in events if event.type == "loop_end"]
    above: list[Any] = [
        event
        for sink in (family.sink, *family.child_sinks.values())
        for event in sink.events
        if event.type == "worker_update"
        and event.metadata["provenance"]["session_id"] == session_id  # type: ignore[union-attr,index,call-overload]
    ]
    by_status = {LoopStatus.DONE: "WorkerCompleted", LoopStatus.CANCELLED: "WorkerCancelled"}
    assert [by_status[end.status] for end in ends] == [above[-1].event]
    for event in events:
        line: Any = event
        if event.type == "feedback_state" and line.content is not None:
            assert line.content == f"for {above[-1].worker_name}"


@pytest.mark.parametrize(
    "act",
    [None, cancel_parent, *(cancel_agent(n) for n in "abc"), *(steer_agent(n) for n in "abc")],
    ids=["nothing", "parent", *(f"cancel-{n}" for n in "abc"), *(f"steer-{n}" for n in "abc")],
)
async def test_whatever_happens_at_any_event_loops_and_agents_keep_their_laws(
    act: Act | None,
) -> None:
    family, result, events = await play(None, 0)
    hold(family, result)
    assert events > 120
    for number in range(1, events + 1 if act else 0):
        family, result, _ = await play(act, number)
        hold(family, result)
        if act is not cancel_parent:
            assert result.status is LoopStatus.DONE


@pytest.mark.parametrize("end", [None, cancel_parent, cancel_agent("b")])
async def test_a_line_for_an_agent_is_delivered_or_told_of_wherever_it_comes(
    end: Act | None,
) -> None:
    def act(family: Family) -> None:
        steer_agent("b")(family)
        if end is not None:
            end(family)

    _, _, events = await play(None, 0)
    for number in range(1, events + 1):
        family, _, _ = await play(act, number)
        if "b" not in {update.worker_task for update in family.of("worker_update")}:
            continue
        states = [event.state for event in family.child_of("b", "feedback_state")]
        told = [event.text for event in family.of("notice")]
        if told:
            assert told == ["The agent b ended before it read: for b"]
            assert states[-1] is FeedbackState.QUEUED
        elif states:
            assert states == [FeedbackState.QUEUED, FeedbackState.CLAIMED, FeedbackState.DELIVERED]
