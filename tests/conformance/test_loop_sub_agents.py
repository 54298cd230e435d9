"""Nested loops: a session, an allowance and an end of their own (docs/loop.md, nested loops)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions, TurnPolicy
from harn_tui.errors import ProviderError
from harn_tui.feedback.wrapping import wrap_feedback
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    LifecycleEvent,
    LoopStatus,
    ProviderErrorCategory,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.loop.ambient import current_session_id
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.permissions.policy_set import PolicySet
from harn_tui.permissions.rules import PermissionRules
from harn_tui.sinks.base import CollectingSink
from harn_tui.sinks.registry import current_registry
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.transcripts.session_store import SessionStore
from tests.conformance.agent_driver import PARENT_ID, ROOT, Family, forever, start
from tests.conformance.loop_driver import Reply, make_tool, until


async def test_result_of_a_nested_loop_is_its_last_text() -> None:
    family = Family(
        {
            ROOT: [Reply("on it", (start("count"),)), Reply("there are three")],
            "count": [Reply("looking", (("read", {}),)), Reply("three files")],
        },
        tools=(make_tool("read"),),
    )
    result = await family.run()
    assert (result.status, result.visible_text) == (LoopStatus.DONE, "there are three")
    assert family.result_texts() == ["three files"]
    (ended,) = family.ended_calls()
    details = ended.raw_output["details"]
    (loop_end,) = family.child_of("count", "loop_end")
    assert details == {
        "worker_id": family.updates("count")[0].worker_id,
        "session_id": family.child_id("count"),
        "status": "done",
        "iterations": 2,
        "usage": loop_end.usage,
        "cost_usd": None,
    }


async def test_loop_10_26_nested_loop_sees_its_task_and_nothing_of_the_parent() -> None:
    store = SessionStore()
    family = Family(
        {ROOT: [Reply("secret", (start("count"),)), Reply("end")], "count": [Reply("three")]},
        extra={"sessions": store},
    )
    await family.run()
    (request,) = family.provider.requests_of("count")
    assert [m["content"] for m in request.messages] == ["count"]
    contents = [m["content"] for m in store.prompt_state(PARENT_ID).messages]
    assert contents == [ROOT, "secret", "three", "end"]


async def test_loop_10_26_nested_loop_of_a_stored_session_is_its_child() -> None:
    store = SessionStore()
    family = Family(
        {ROOT: [Reply(calls=(start("count"),)), Reply("end")], "count": [Reply("three")]},
        extra={"sessions": store},
    )
    await family.run()
    child_id = family.child_id("count")
    assert child_id != PARENT_ID
    ancestry = store.ancestry(child_id)
    assert ancestry is not None
    assert ancestry.parent_id == PARENT_ID
    assert [m["content"] for m in store.prompt_state(child_id).messages] == ["count", "three"]


@pytest.mark.parametrize("session_id", ["", PARENT_ID])
async def test_loop_10_26_without_a_store_nested_loops_are_anonymous(session_id: str) -> None:
    family = Family(
        {ROOT: [Reply(calls=(start("count"),)), Reply("end")], "count": [Reply("three")]},
        session_id=session_id,
    )
    result = await family.run()
    child_id = family.child_id("count")
    assert child_id.startswith("agent_session_")
    assert child_id != result.session_id


async def test_loop_10_26_current_session_inside_is_the_nested_one() -> None:
    seen: list[str | None] = []

    async def look(arguments: JsonObject, context: ToolContext) -> ToolResult:
        seen.append(current_session_id())
        return ToolResult("seen")

    family = Family(
        {
            ROOT: [Reply(calls=(start("count"),)), Reply(calls=(("look", {}),)), Reply("end")],
            "count": [Reply(calls=(("look", {}),)), Reply("three")],
        },
        tools=(make_tool("look", run=look),),
    )
    await family.run()
    assert seen == [family.child_id("count"), PARENT_ID]


async def test_loop_10_27_sinks_of_the_parent_outlive_a_nested_loop() -> None:
    mine = CollectingSink()
    current_registry().register_sink(PARENT_ID, mine)
    family = Family(
        {ROOT: [Reply(calls=(start("count"),)), Reply("end")], "count": [Reply("three")]}
    )
    await family.run()
    assert [event.type for event in mine.events] == [event.type for event in family.sink.events]
    assert current_registry().session_external_sink_count(PARENT_ID) == 1
    assert current_registry().owner_sink(family.child_id("count")) is None


async def test_loop_10_8_usage_and_token_budget_count_the_loop_alone() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("count"),)), Reply("end")],
            "count": [Reply(calls=(("read", {}),)), Reply("three")],
        },
        tools=(make_tool("read"),),
        options=LoopOptions(token_budget=40),
    )
    result = await family.run()
    assert result.status is LoopStatus.DONE
    assert (result.usage.input_tokens, result.usage.output_tokens) == (20, 10)
    assert result.calls == 2
    (ended,) = family.ended_calls()
    assert ended.raw_output["details"]["usage"]["input_tokens"] == 20


async def test_nested_loop_is_a_plain_one_whatever_its_parent_is() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("count"),)), Reply("##DONE##")],
            "count": [Reply("three")],
        },
        options=LoopOptions(
            persistent=True,
            turn_policy=TurnPolicy(require_action_or_yield=True),
            prefill="Well",
        ),
    )
    await family.run()
    (request,) = family.provider.requests_of("count")
    assert request.prefill is None
    assert request.tool_choice is None
    assert "##DONE##" not in str(request.system)
    assert family.result_texts()[0] == "three"


@pytest.mark.parametrize(("asked", "turns"), [(1, 1), (9, 2)])
async def test_nested_loop_takes_no_more_turns_than_its_parent(asked: int, turns: int) -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("count", max_iterations=asked),)), Reply("end")],
            "count": [Reply(f"step {n}", (("read", {"n": str(n)}),)) for n in range(3)],
        },
        tools=(make_tool("read"),),
        options=LoopOptions(max_iterations=2),
    )
    await family.run()
    assert len(family.provider.requests_of("count")) == turns
    (text,) = family.result_texts()
    assert text.startswith("The agent count ended as budget_exhausted (")
    assert text.endswith(f"\n\nstep {turns - 1}")
    assert family.ended_calls()[0].error_category is ToolErrorCategory.TOOL_ERROR


async def test_nested_loop_that_fails_is_a_failed_call_and_the_parent_goes_on() -> None:
    broken = ProviderError("no such model", category=ProviderErrorCategory.NOT_FOUND)
    family = Family(
        {
            ROOT: [Reply(calls=(start("count"),)), Reply("end")],
            "count": [Reply(error=broken, accepts=False)],
        }
    )
    result = await family.run()
    assert result.status is LoopStatus.DONE
    assert family.updates("count")[-1].event == "WorkerFailed"
    assert "ended as error (no such model)" in family.result_texts()[0]
    assert [event.status for event in family.child_of("count", "loop_end")] == [LoopStatus.ERROR]


async def test_hooks_hear_the_turns_of_nested_loops_too() -> None:
    heard: list[Any] = []
    hooks = LifecycleHooks()
    hooks.add(LifecycleEvent.PRE_AGENT_TURN, "*", heard.append)
    family = Family(
        {ROOT: [Reply(calls=(start("count"),)), Reply("end")], "count": [Reply("three")]},
        extra={"hooks": hooks},
    )
    await family.run()
    sessions = [payload["session"]["id"] for payload in heard]
    assert sessions == [PARENT_ID, family.child_id("count"), PARENT_ID]


async def test_tools_4_15_nested_loop_has_the_tools_that_were_asked_for() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("count", tools=["read"]),)), Reply("end")],
            "count": [Reply("three")],
        },
        tools=(make_tool("read"), make_tool("write", kind=ToolKind.EDIT)),
    )
    await family.run()
    (request,) = family.provider.requests_of("count")
    assert [tool.name for tool in request.tools] == ["read"]


async def test_tools_10_10_an_empty_list_of_tools_leaves_none() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("count", tools=[]),)), Reply("end")],
            "count": [Reply("three")],
        },
        tools=(make_tool("read"),),
    )
    await family.run()
    (request,) = family.provider.requests_of("count")
    assert request.tools == ()


async def test_tools_4_15_tools_beyond_the_parents_are_refused() -> None:
    family = Family(
        {ROOT: [Reply(calls=(start("count", tools=["shell"]),)), Reply("end")]},
        tools=(make_tool("read"),),
    )
    await family.run()
    (ended,) = family.ended_calls()
    assert ended.error_category is ToolErrorCategory.SCHEMA_VALIDATION
    assert "read" in ended.error
    assert family.of("worker_update") == []


async def test_tools_4_15_a_refused_call_inside_makes_the_result_a_refusal() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("count"),)), Reply("end")],
            "count": [Reply(calls=(("write", {}),)), Reply("could not write")],
        },
        tools=(make_tool("write", kind=ToolKind.EDIT),),
        extra={"permissions": PermissionRules.parse({"deny": ["write"]})},
    )
    result = await family.run()
    (ended,) = family.ended_calls()
    assert ended.error_category is ToolErrorCategory.PERMISSION_DENIED
    assert family.result_texts() == [
        "The agent count was refused calls of write.\n\ncould not write"
    ]
    assert ended.raw_output["details"]["status"] == "done"
    assert result.status is LoopStatus.DONE
    assert family.updates("count")[-1].event == "WorkerCompleted"


@pytest.mark.parametrize("limit", [0, 1, 2, 8])
async def test_tools_4_4_recursion_limit_of_the_policy_holds_loops_back(
    limit: int, tmp_path: Path
) -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("one"),)), Reply("end")],
            "one": [Reply(calls=(start("two"),)), Reply("1")],
            "two": [Reply(calls=(start("three"),)), Reply("2")],
            "three": [Reply("3")],
        },
        tools=(make_tool("read"),),
        extra={"policies": PolicySet.parse(policy={"recursion_limit": limit}, cwd=tmp_path)},
    )
    await family.run()
    ran = [name for name in ("one", "two", "three") if family.provider.requests_of(name)]
    assert ran == ["one", "two", "three"][: min(limit, 3)]
    (first,) = family.result_texts()
    assert ("recursion_limit" in first) == (limit == 0)


async def test_loops_are_nested_three_deep_at_most() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("one"),)), Reply("end")],
            "one": [Reply(calls=(start("two"),)), Reply("1")],
            "two": [Reply(calls=(start("three"),)), Reply("2")],
            "three": [Reply(calls=(start("four"),)), Reply("3")],
        },
        tools=(make_tool("read"),),
    )
    await family.run()
    (first, _) = family.provider.requests_of("three")
    assert [tool.name for tool in first.tools] == ["read"]
    assert "no tool called 'run_agent'" in family.result_texts("three")[0]
    assert family.result_texts("two")[0].endswith("\n\n3")


async def test_no_more_agents_work_at_one_time_than_calls_may_run() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("outer"),)), Reply("end")],
            "outer": [Reply(calls=(start("inner"),)), Reply("alone")],
        },
        options=LoopOptions(max_parallel_tools=1),
    )
    await family.run()
    assert "1 agents are at work already" in family.result_texts("outer")[0]
    assert family.result_texts() == ["alone"]


async def test_loop_ids_say_which_loop_a_nested_one_belongs_to() -> None:
    family = Family(
        {ROOT: [Reply(calls=(start("count"),)), Reply("end")], "count": [Reply("three")]}
    )
    result = await family.run()
    (started,) = family.child_of("count", "loop_start")
    assert started.parent_loop_id == result.loop_id


async def test_steering_reaches_only_the_agent_that_it_is_for() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("a", name="ann"), start("b", name="bob"))), Reply("end")],
            "a": [Reply("first a", midway=lambda: steer("ann")), Reply("second a")],
            "b": [Reply("first b", midway=lambda: until(lambda: bool(sent)))],
        }
    )
    sent: list[bool] = []

    async def steer(name: str) -> None:
        await until(lambda: family.is_at_work("ann", "bob"))
        sent.append(family.agents.steer(family.agent(name), "look <again>"))

    await family.run()
    assert sent == [True]
    requests = family.provider.requests_of("a")
    assert requests[1].messages[-1]["content"] == wrap_feedback("user", "look <again>")
    assert len(family.provider.requests_of("b")) == 1
    states = [event.state.value for event in family.child_of("a", "feedback_state")]
    assert states == ["queued", "claimed", "delivered"]
    assert family.child_of("b", "feedback_state") == []
    assert family.of("feedback_state") == []
    live = "".join(event.chunk for event in family.of("tool_output"))
    assert live == "> look <again>\n> delivered before call 2\n"


async def test_line_for_an_agent_that_has_ended_is_not_taken() -> None:
    family = Family(
        {ROOT: [Reply(calls=(start("count"),)), Reply("end")], "count": [Reply("three")]}
    )
    await family.run()
    worker_id = family.updates("count")[0].worker_id
    assert not family.agents.steer(worker_id, "too late")
    assert not family.agents.cancel(worker_id)


async def test_cancelling_one_agent_ends_only_that_one() -> None:
    family = Family(
        {
            ROOT: [Reply(calls=(start("a", name="ann"), start("b", name="bob"))), Reply("end")],
            "a": [Reply("half an answer", midway=forever)],
            "b": [Reply("b is done", midway=lambda: cancel("ann"))],
        }
    )

    async def cancel(name: str) -> None:
        await until(lambda: family.is_at_work("ann", "bob"))
        assert family.agents.cancel(family.agent(name))
        await until(lambda: family.is_at_work("bob"))

    result = await family.run()
    assert result.status is LoopStatus.DONE
    assert [update.event for update in family.updates("a")][-1] == "WorkerCancelled"
    assert [update.event for update in family.updates("b")][-1] == "WorkerCompleted"
    first, second = family.ended_calls()
    by_category = {first.error_category, second.error_category}
    assert by_category == {ToolErrorCategory.CANCELLED, None}
    assert family.result_texts() == [
        "The agent ann ended as cancelled (cancelled by the person).\n\nhalf an answer",
        "b is done",
    ]


async def test_cancelling_a_lone_agent_leaves_its_parent_running() -> None:
    """The call then runs in the parent's own task, which must not be taken for cancelled."""
    family = Family(
        {
            ROOT: [Reply(calls=(start("a"),)), Reply("went on", (("read", {}),)), Reply("end")],
            "a": [Reply("half", midway=lambda: cancel("a"))],
        },
        tools=(make_tool("read"),),
        control=RunControl(),
    )

    async def cancel(name: str) -> None:
        family.agents.cancel(family.agent(name))
        await forever()

    result = await family.run()
    assert result.status is LoopStatus.DONE
    assert result.tool_calls == ("run_agent", "read")


async def test_cancelling_the_parent_ends_its_agents_first() -> None:
    control = RunControl()
    family = Family(
        {
            ROOT: [Reply(calls=(start("a"), start("b")))],
            "a": [Reply("half a", midway=forever)],
            "b": [Reply(calls=(start("c"),))],
            "c": [Reply("half c", midway=lambda: cancel("enough"))],
        },
        control=control,
    )

    async def cancel(reason: str) -> None:
        await until(lambda: len(family.agents.running) == 3)
        control.cancel(reason)
        await forever()

    result = await family.run()
    assert (result.status, result.reason) == (LoopStatus.CANCELLED, "enough")
    for task in ("a", "b", "c"):
        ends = family.child_of(task, "loop_end")
        assert [event.status for event in ends] == [LoopStatus.CANCELLED]
    assert family.agents.running == ()
    types = [event.type for event in family.sink.events]
    assert "worker_update" not in types[types.index("loop_end") :]
    for task in ("a", "b"):
        assert family.updates(task)[-1].event == "WorkerCancelled"
    assert {call.error_category for call in family.ended_calls()} == {ToolErrorCategory.CANCELLED}


async def test_task_that_is_cancelled_from_outside_ends_its_agents_too() -> None:
    family = Family(
        {ROOT: [Reply(calls=(start("a"),))], "a": [Reply("half", midway=forever)]},
    )
    task = asyncio.create_task(family.run())
    await until(lambda: bool(family.agents.running) and len(family.child_sinks) == 1)
    await until(lambda: bool(family.child_of("a", "agent_message_chunk")))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [event.status for event in family.child_of("a", "loop_end")] == [LoopStatus.CANCELLED]
    assert family.updates("a")[-1].event == "WorkerCancelled"


async def test_bug_in_a_nested_loop_is_a_failed_call() -> None:
    def explode() -> Any:
        raise RuntimeError("a bug")

    family = Family(
        {ROOT: [Reply(calls=(start("a"),)), Reply("end")], "a": [Reply("x", midway=explode)]}
    )
    result = await family.run()
    assert result.status is LoopStatus.DONE
    assert family.updates("a")[-1].event == "WorkerFailed"
    assert "a bug" in family.result_texts()[0]
