"""Which events tell of nested loops, and whose sinks hear which (docs/events.md, nested loops)."""

import asyncio
from typing import Any

import pytest

from harn_tui.events.codec import decode_record, encode_record
from harn_tui.events.record import Event, Record
from harn_tui.json_types import JsonObject
from harn_tui.kinds import OutputStream, ToolCallStatus, WorkerEvent
from harn_tui.loop.sub_agents.embedded_children import EmbeddedChildren
from harn_tui.sinks.registry import current_registry
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.agent_driver import PARENT_ID, ROOT, Family, start
from tests.conformance.loop_driver import Reply, make_tool, until

METADATA_KEYS = {
    "artifact_count",
    "audit",
    "awaiting_started_at",
    "child_run_id",
    "child_run_path",
    "created_at",
    "error",
    "execution",
    "finished_at",
    "has_transcript",
    "mode",
    "parent_stage_id",
    "parent_worker_id",
    "provenance",
    "request",
    "snapshot_path",
    "started_at",
    "task",
}


def one_agent(**changes: Any) -> Family:
    return Family(
        {
            ROOT: [Reply(calls=(start("count", name="counter", tools=["read"]),)), Reply("end")],
            "count": [Reply("let me see", (("read", {"n": "1"}),)), Reply("three")],
        },
        tools=(make_tool("read"),),
        **changes,
    )


async def test_events_1_8_a_worker_is_spawned_first_and_completed_last() -> None:
    family = one_agent()
    await family.run()
    updates = family.updates("count")
    assert (updates[0].event, updates[0].status) == ("WorkerSpawned", "running")
    assert (updates[-1].event, updates[-1].status) == ("WorkerCompleted", "completed")
    assert {update.event for update in updates[1:-1]} <= {"WorkerProgressed"}
    (started,) = (
        update
        for update in family.of("tool_call_update")
        if update.status is ToolCallStatus.IN_PROGRESS
    )
    assert family.sink.events.index(started) < family.sink.events.index(updates[0])
    (ended,) = family.ended_calls()
    assert family.sink.events.index(updates[-1]) < family.sink.events.index(ended)


async def test_events_1_8_metadata_has_just_the_keys_of_the_wire() -> None:
    family = one_agent()
    result = await family.run()
    first, *_, last = family.updates("count")
    for update in (first, last):
        assert set(update.metadata) == METADATA_KEYS
        assert (update.session_id, update.worker_name) == (PARENT_ID, "counter")
        assert (update.worker_mode, update.metadata["mode"]) == ("sub_agent", "sub_agent")
        assert update.metadata["request"] == {
            "task": "count",
            "name": "counter",
            "tools": ["read"],
            "max_iterations": None,
        }
    assert (first.metadata["finished_at"], first.metadata["has_transcript"]) == (None, False)
    assert last.metadata["started_at"] <= last.metadata["finished_at"]
    (loop_start,) = family.child_of("count", "loop_start")
    assert last.metadata["child_run_id"] == loop_start.loop_id
    assert last.metadata["provenance"] == {
        "worker_id": last.worker_id,
        "session_id": family.child_id("count"),
        "parent_session_id": result.session_id,
        "tool_call_id": family.ended_calls()[0].tool_call_id,
    }
    execution = last.metadata["execution"]
    assert (execution["turns"], execution["tool_calls"]) == (2, 1)
    assert (execution["input_tokens"], execution["output_tokens"]) == (20, 10)
    assert (execution["last_line"], execution["current_call"]) == ("three", "")


async def test_events_1_8_updates_come_back_from_the_wire_as_they_were() -> None:
    family = one_agent()
    await family.run()
    for update in family.updates("count"):
        record = Record(0, 0, None, update)
        assert decode_record(encode_record(record).encode()) == record


@pytest.mark.parametrize("event", WorkerEvent)
def test_events_1_2_worker_events_have_their_status(event: WorkerEvent) -> None:
    words = {
        "WorkerSpawned": ("running", False),
        "WorkerProgressed": ("progressed", False),
        "WorkerWaitingForInput": ("awaiting_input", False),
        "WorkerCompleted": ("completed", True),
        "WorkerFailed": ("failed", True),
        "WorkerCancelled": ("cancelled", True),
    }
    assert (event.status, event.is_terminal) == words[event.value]


async def test_events_1_8_a_nested_worker_names_the_one_that_started_it() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("outer"),)), Reply("end")],
            "outer": [Reply(calls=(start("inner"),)), Reply("2")],
            "inner": [Reply("1")],
        }
    )
    await family.run()
    assert {update.worker_task for update in family.of("worker_update")} == {"outer"}
    outer = family.updates("outer")[0]
    inner = family.child_of("outer", "worker_update")[0]
    assert outer.metadata["parent_worker_id"] is None
    assert inner.metadata["parent_worker_id"] == outer.worker_id


async def test_events_2_2_events_of_parallel_nested_loops_never_mix() -> None:
    """Both take every step together, so that each is in the middle of it when the other is."""
    met = [asyncio.Barrier(2) for _ in range(3)]

    async def meet(arguments: JsonObject, context: ToolContext) -> ToolResult:
        context.on_output(f"{context.session_id}\n", OutputStream.STDOUT)
        await met[int(str(arguments["n"]))].wait()
        return ToolResult(context.session_id)

    async def together() -> None:
        await met[0].wait()

    def replies(name: str) -> list[Reply]:
        return [
            Reply(f"{name} one", (("meet", {"n": "1"}),), midway=together),
            Reply(f"{name} two", (("meet", {"n": "2"}),)),
            Reply(f"{name} three", midway=together),
        ]

    family = Family(
        {
            ROOT: [Reply("both", (start("a"), start("b"))), Reply("end")],
            "a": replies("a"),
            "b": replies("b"),
        },
        tools=(make_tool("meet", run=meet),),
    )
    await family.run()
    for task in ("a", "b"):
        events = family.child_events(task)
        assert {event.session_id for event in events} == {family.child_id(task)}
        text = "".join(e.content for e in family.child_of(task, "agent_message_chunk"))
        assert text == f"{task} one{task} two{task} three"
        outputs = {event.chunk.strip() for event in family.child_of(task, "tool_output")}
        assert outputs == {family.child_id(task)}
        assert [event.type for event in events].count("loop_end") == 1
    assert {event.session_id for event in family.sink.events} == {PARENT_ID}
    assert "".join(e.content for e in family.of("agent_message_chunk")) == "bothend"
    assert family.result_texts() == ["a three", "b three"]


async def test_events_2_2_a_nested_loop_that_nobody_hears_does_not_speak_to_its_parents_sink() -> (
    None
):
    family = one_agent(extra={"child_host": EmbeddedChildren()})
    await family.run()
    assert {event.session_id for event in family.sink.events} == {PARENT_ID}


async def test_events_2_4_what_the_parent_is_told_never_reaches_the_nested_loops_sink() -> None:
    family = one_agent()
    heard: list[Event] = []

    class Mine:
        def handle_event(self, event: Event) -> None:
            heard.append(event)

    current_registry().register_sink(PARENT_ID, Mine())
    await family.run()
    assert {event.session_id for event in family.child_events("count")} == {
        family.child_id("count")
    }
    assert [event.type for event in heard] == [event.type for event in family.sink.events]


async def test_live_output_of_the_call_has_a_line_for_each_step() -> None:
    family = one_agent()
    await family.run()
    assert [event.chunk for event in family.of("tool_output")] == ["read: read {'n': '1'}\n"]
    (ended,) = family.ended_calls()
    assert {event.tool_call_id for event in family.of("tool_output")} == {ended.tool_call_id}


async def test_line_that_an_agent_ended_without_is_told_to_the_person() -> None:
    async def steer_late() -> None:
        family.agents.steer(family.agent("counter"), "one more thing")
        family.agents.cancel(family.agent("counter"))
        await until(lambda: False)

    family = Family(
        {
            ROOT: [Reply(calls=(start("count", name="counter"),)), Reply("end")],
            "count": [Reply("let me see", midway=steer_late)],
        }
    )
    await family.run()
    assert [event.text for event in family.of("notice")] == [
        "The agent counter ended before it read: one more thing"
    ]
