"""Statements of docs/loop.md on how a run begins, and what is refused before it does."""

import logging
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import LoopConfigError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus
from harn_tui.loop.ambient import current_session_id
from harn_tui.loop.config import LoopRequest
from harn_tui.sinks.base import CollectingSink
from harn_tui.sinks.registry import current_registry
from harn_tui.sinks.scope import top_loop_sink
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.transcripts.session_store import SessionStore
from tests.conformance.loop_driver import SESSION_ID, Reply, Setup, make_tool

READ = make_tool("read")
CALL = Reply("", calls=(("read", {}),))
EARLIER: tuple[JsonObject, ...] = (
    {"role": "user", "content": "hello"},
    {"role": "assistant", "content": "hi"},
)


@pytest.mark.parametrize("session_id", ["", "  "])
async def test_loop_1_1_a_blank_id_is_an_anonymous_session_that_nothing_stores(
    session_id: str,
) -> None:
    sessions = SessionStore()
    setup = Setup([Reply("ok")], session_id=session_id, extra={"sessions": sessions})
    run = await setup.run()
    assert run.result.session_id.startswith("agent_session_")
    assert {event.session_id for event in run.events} == {run.result.session_id}
    assert len(sessions) == 0


async def test_loop_1_1_anonymous_sessions_know_nothing_of_each_other() -> None:
    setup = Setup([Reply("ok"), Reply("ok")], session_id="", extra={"sessions": SessionStore()})
    first, second = await setup.run("one"), await setup.run("two")
    assert first.result.session_id != second.result.session_id
    assert second.contents(1) == ["two"]


async def test_loop_1_1_a_named_session_is_opened_and_gone_on_with() -> None:
    sessions = SessionStore()
    setup = Setup([Reply("first"), Reply("second")], extra={"sessions": sessions})
    await setup.run("one")
    assert list(sessions) == [SESSION_ID]
    run = await setup.run("two")
    assert run.contents(1) == ["one", "first", "two"]
    assert sessions.length(SESSION_ID) == 4


async def test_loop_1_1_stored_messages_come_before_those_of_the_request() -> None:
    sessions = SessionStore()
    sessions.open(SESSION_ID)
    sessions.inject(SESSION_ID, {"role": "user", "content": "stored"})
    setup = Setup([Reply("ok")], extra={"sessions": sessions})
    run = await setup.run(LoopRequest("now", history=EARLIER))
    assert run.contents(0) == ["stored", "hello", "hi", "now"]


async def test_loop_1_1_a_host_that_keeps_its_history_gives_it_with_the_request() -> None:
    setup = Setup([Reply("ok"), Reply("ok")])
    await setup.run("one")
    run = await setup.run(LoopRequest("two", history=EARLIER))
    assert run.contents(1) == ["hello", "hi", "two"]


async def test_loop_1_1_the_request_may_be_history_alone() -> None:
    run = await Setup([Reply("ok")]).run(LoopRequest(history=EARLIER[:1]))
    assert run.contents(0) == ["hello"]
    assert run.of("user_message") == []


async def test_loop_1_2_the_session_is_the_current_one_while_its_run_goes_on() -> None:
    seen: list[str | None] = []

    async def look(arguments: JsonObject, context: ToolContext) -> ToolResult:
        seen.append(current_session_id())
        return ToolResult("x")

    await Setup([CALL, Reply("ok")], tools=(make_tool("read", run=look),)).run()
    assert seen == [SESSION_ID]
    assert current_session_id() is None


async def test_loop_10_26_a_nested_run_has_a_session_of_its_own() -> None:
    seen: list[str | None] = []
    sessions = SessionStore()
    nested = Setup([Reply("nested")], session_id="", extra={"sessions": sessions})

    async def nest(arguments: JsonObject, context: ToolContext) -> ToolResult:
        run = await nested.run("inside")
        seen.extend([run.result.session_id, current_session_id()])
        return ToolResult(run.result.text)

    setup = Setup(
        [CALL, Reply("ok")], tools=(make_tool("read", run=nest),), extra={"sessions": sessions}
    )
    run = await setup.run()
    inner, outer = seen
    assert outer == SESSION_ID != inner
    assert [message["content"] for message in nested.provider.requests[0].messages] == ["inside"]
    assert list(sessions) == [SESSION_ID]
    assert {event.session_id for event in run.events} == {SESSION_ID}


async def test_loop_1_1_the_runs_sink_hears_it_and_nothing_after_it() -> None:
    setup = Setup([Reply("ok")])
    run = await setup.run()
    assert run.types()[0] == "loop_start"
    assert run.types()[-1] == "loop_end"
    assert top_loop_sink() is None
    assert current_registry().owner_sink(SESSION_ID) is None


async def test_loop_10_27_sinks_that_others_registered_hear_every_run_and_stay() -> None:
    registered = CollectingSink()
    current_registry().register_sink(SESSION_ID, registered)
    setup = Setup([Reply("ok"), Reply("ok")])
    await setup.run()
    await setup.run()
    assert [event.type for event in registered.events].count("loop_end") == 2
    assert current_registry().session_external_sink_count(SESSION_ID) == 1


@pytest.mark.parametrize(("tool_format", "offered"), [("native", ["read"]), ("text", [])])
async def test_loop_1_1_tools_travel_beside_the_messages_in_the_native_format_alone(
    tool_format: str, offered: list[str]
) -> None:
    setup = Setup([Reply("ok")], tools=(READ,), options=LoopOptions(tool_format=tool_format))
    run = await setup.run()
    assert [tool.name for tool in run.provider.requests[0].tools] == offered


@pytest.mark.parametrize(("tools", "is_told"), [((READ,), True), ((), False)])
async def test_loop_1_1_only_a_loop_with_tools_is_told_how_to_call_them(
    tools: tuple[Any, ...], is_told: bool
) -> None:
    setup = Setup([Reply("ok")], tools=tools, options=LoopOptions(tool_format="text"))
    run = await setup.run()
    assert ("read" in (run.provider.requests[0].system or "")) is is_told


async def test_loop_1_1_an_id_that_means_nothing_yet_is_that_of_a_new_session() -> None:
    sessions = SessionStore()
    setup = Setup([Reply("ok")], session_id="brand new", extra={"sessions": sessions})
    assert (await setup.run()).result.session_id == "brand new"
    assert sessions.exists("brand new")


async def test_loop_1_2_an_unknown_stopping_tool_is_a_warning_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    options = LoopOptions(stop_after_successful_tools=("reed",))
    with caplog.at_level(logging.WARNING):
        run = await Setup([Reply("ok")], tools=(READ,), options=options).run()
    assert run.result.status is LoopStatus.DONE
    assert "name=reed" in caplog.text


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ({"require_successful_tools": ("reed",)}, "reed.*read"),
        ({"output_schema": {"type": 3}}, "no JSON Schema"),
        ({"compact_strategy": "custom"}, "callback"),
        ({"task_ledger": {"deliverables": 3}}, "task_ledger"),
        ({"summarize_prompt": "/nowhere/at/all"}, "summarize_prompt"),
    ],
)
async def test_loop_1_2_what_could_not_work_is_refused_before_the_first_event(
    option: dict[str, Any], says: str
) -> None:
    sessions = SessionStore()
    setup = Setup([], tools=(READ,), options=LoopOptions(**option), extra={"sessions": sessions})
    with pytest.raises(LoopConfigError, match=f"(?s){says}"):
        await setup.run()
    assert setup.sink.events == []
    assert len(sessions) == 0


async def test_loop_1_2_a_refused_run_leaves_its_session_free_for_the_next_one() -> None:
    sessions = SessionStore()
    options = LoopOptions(task_ledger={"deliverables": 3})
    with pytest.raises(LoopConfigError):
        await Setup([], options=options, extra={"sessions": sessions}).run()
    run = await Setup([Reply("ok")], extra={"sessions": sessions}).run()
    assert run.result.status is LoopStatus.DONE
