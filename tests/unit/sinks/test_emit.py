import asyncio
import logging

import pytest

from harn_tui.events.agent import AgentMessageChunk
from harn_tui.events.record import Event
from harn_tui.sinks.base import CollectingSink, MultiSink
from harn_tui.sinks.emit import aemit, emit
from harn_tui.sinks.registry import SinkRegistry
from harn_tui.sinks.scope import loop_sink, top_loop_sink


def chunk(text: str, session_id: str = "s") -> AgentMessageChunk:
    return AgentMessageChunk(session_id, text)


class CallRecorder:
    """A sink and a subscriber that note their name on a common list."""

    def __init__(self, name: str, calls: list[str]) -> None:
        self.name = name
        self.calls = calls

    def handle_event(self, event: Event) -> None:
        self.calls.append(self.name)

    async def hear(self, event: Event) -> None:
        self.calls.append(f"{self.name} begins")
        await asyncio.sleep(0)
        self.calls.append(f"{self.name} ends")


class BrokenSink:
    def handle_event(self, event: Event) -> None:
        raise RuntimeError("broken sink")


async def test_events_2_4_order_is_registered_sinks_then_the_loops_then_subscribers(
    registry: SinkRegistry,
) -> None:
    calls: list[str] = []
    registry.subscribe("s", CallRecorder("subscriber 1", calls).hear)
    registry.subscribe("s", CallRecorder("subscriber 2", calls).hear)
    registry.register_sink("s", CallRecorder("registered 1", calls))
    registry.register_sink("s", CallRecorder("registered 2", calls))
    with loop_sink("s", CallRecorder("loop", calls)):
        await aemit(chunk("x"))
    assert calls == [
        "registered 1",
        "registered 2",
        "loop",
        "subscriber 1 begins",
        "subscriber 1 ends",
        "subscriber 2 begins",
        "subscriber 2 ends",
    ]


async def test_events_2_3_subscribers_do_not_hear_the_synchronous_form(
    registry: SinkRegistry,
) -> None:
    calls: list[str] = []
    registry.subscribe("s", CallRecorder("subscriber", calls).hear)
    emit(chunk("x"))
    await asyncio.sleep(0)
    assert calls == []


async def test_events_2_3_a_failing_subscriber_is_logged_and_stops_nobody(
    registry: SinkRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(event: Event) -> None:
        raise RuntimeError("broken subscriber")

    calls: list[str] = []
    registry.subscribe("s", broken)
    registry.subscribe("s", CallRecorder("next", calls).hear)
    with caplog.at_level(logging.ERROR, "agent.subscriber"):
        await aemit(chunk("x"))
    assert calls == ["next begins", "next ends"]
    (entry,) = caplog.records
    assert entry.name == "agent.subscriber"
    assert "session_id=s" in entry.message
    assert "agent_message_chunk" in entry.message


async def test_events_2_3_cancellation_passes_through_a_subscriber(
    registry: SinkRegistry,
) -> None:
    entered = asyncio.Event()

    async def waiting(event: Event) -> None:
        entered.set()
        await asyncio.Event().wait()

    registry.subscribe("s", waiting)
    task = asyncio.create_task(aemit(chunk("x")))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_events_2_3_a_subscriber_may_subscribe_and_emit(registry: SinkRegistry) -> None:
    heard: list[str] = []

    async def late(event: Event) -> None:
        assert isinstance(event, AgentMessageChunk)
        heard.append(f"late {event.content}")

    async def early(event: Event) -> None:
        assert isinstance(event, AgentMessageChunk)
        heard.append(f"early {event.content}")
        if event.content == "outer":
            registry.subscribe("s", late)
            await aemit(chunk("inner"))

    registry.subscribe("s", early)
    await aemit(chunk("outer"))
    assert heard == ["early outer", "early inner", "late inner"]


def test_events_2_1_a_failing_sink_is_logged_and_stops_nobody(
    registry: SinkRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    after, on_stack = CollectingSink(), CollectingSink()
    registry.register_sink("s", BrokenSink())
    registry.register_sink("s", after)
    with caplog.at_level(logging.ERROR, "agent.sink"), loop_sink("s", on_stack):
        emit(chunk("x"))
    assert [event.type for event in after.events] == ["agent_message_chunk", "notice"]
    assert after.events == on_stack.events
    entry = caplog.records[0]
    assert entry.name == "agent.sink"
    assert "BrokenSink" in entry.message


def test_events_2_2_only_the_innermost_loops_sink_hears() -> None:
    outer, inner = CollectingSink(), CollectingSink()
    with loop_sink("parent", outer):
        emit(chunk("before", "parent"))
        with loop_sink("child", inner):
            emit(chunk("inside", "child"))
        emit(chunk("after", "parent"))
    assert outer.events == [chunk("before", "parent"), chunk("after", "parent")]
    assert inner.events == [chunk("inside", "child")]


def test_events_2_2_a_nested_loop_without_a_sink_reaches_its_parents() -> None:
    outer = CollectingSink()
    with loop_sink("parent", outer), loop_sink("child", None):
        emit(chunk("inside", "child"))
    assert outer.events == [chunk("inside", "child")]


def test_events_2_2_a_sink_that_is_registered_and_on_the_stack_hears_once_in_each_place(
    registry: SinkRegistry,
) -> None:
    sink = CollectingSink()
    registry.register_sink("s", sink)
    with loop_sink("s", sink):
        emit(chunk("x"))
    assert sink.events == [chunk("x"), chunk("x")]


def test_outside_every_loop_the_sink_that_owns_the_session_hears(registry: SinkRegistry) -> None:
    owner, other = CollectingSink(), CollectingSink()
    registry.own_session("s", owner)
    registry.own_session("t", other)
    emit(chunk("x"))
    assert owner.events == [chunk("x")]
    assert other.events == []


def test_an_owner_that_is_an_empty_multi_sink_still_owns(registry: SinkRegistry) -> None:
    owner, empty = CollectingSink(), MultiSink()
    registry.own_session("s", owner)
    with loop_sink("s", empty):
        emit(chunk("x"))
    assert owner.events == []


async def test_a_task_beside_a_running_loop_reaches_the_loops_sink_as_owner() -> None:
    sink = CollectingSink()
    inside, finish = asyncio.Event(), asyncio.Event()

    async def loop() -> None:
        with loop_sink("s", sink):
            inside.set()
            await finish.wait()

    task = asyncio.create_task(loop())
    await inside.wait()
    assert top_loop_sink() is None
    emit(chunk("typed by a person"))
    finish.set()
    await task
    emit(chunk("after the loop"))
    assert sink.events == [chunk("typed by a person")]


async def test_events_2_2_loops_that_run_side_by_side_never_hear_each_other() -> None:
    sinks = {name: CollectingSink() for name in "ab"}

    async def loop(name: str) -> None:
        with loop_sink(name, sinks[name]):
            for number in range(5):
                await aemit(chunk(str(number), name))
                await asyncio.sleep(0)

    await asyncio.gather(loop("a"), loop("b"))
    for name, sink in sinks.items():
        assert sink.events == [chunk(str(number), name) for number in range(5)]


async def test_events_2_2_a_task_that_outlives_a_nested_loop_does_not_speak_to_the_parent() -> None:
    outer, inner = CollectingSink(), CollectingSink()
    finish = asyncio.Event()

    async def straggler() -> None:
        emit(chunk("in time", "child"))
        await finish.wait()
        emit(chunk("too late", "child"))

    with loop_sink("parent", outer):
        with loop_sink("child", inner):
            task = asyncio.create_task(straggler())
            await asyncio.sleep(0)
        finish.set()
        await task
    assert inner.events == [chunk("in time", "child")]
    assert outer.events == []


async def test_a_thread_started_by_the_loop_emits_into_the_loops_sink() -> None:
    sink = CollectingSink()
    with loop_sink("s", sink):
        await asyncio.to_thread(emit, chunk("from a thread"))
    assert sink.events == [chunk("from a thread")]


def test_events_2_5_a_loop_that_fails_leaves_no_sink_behind(registry: SinkRegistry) -> None:
    sink = CollectingSink()
    with pytest.raises(ValueError, match="loop failed"), loop_sink("s", sink):
        raise ValueError("loop failed")
    assert top_loop_sink() is None
    assert registry.owner_sink("s") is None
