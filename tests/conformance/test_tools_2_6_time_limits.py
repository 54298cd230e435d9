"""Statements of docs/tools.md on time limits: a call that takes too long always ends (2.6)."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import LoopConfigError, ToolDefinitionError, ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, OutputStream, ToolCallStatus, ToolErrorCategory
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from harn_tui.loop.time_limit import run_within, time_limit_of
from harn_tui.tools.ask_user import ask_user_tool
from harn_tui.tools.authoring import tool
from harn_tui.tools.base import TimeKeeping, Tool, ToolContext, ToolResult
from harn_tui.tools.builtin import builtin_tools
from harn_tui.tools.tool_entry import define_tool
from harn_tui.tools.user_question import UserAnswer, UserQuestion
from tests.conformance.loop_driver import Reply, Run, make_tool, run_loop

SHORT_S = 0.02
TIMEOUT = ToolErrorCategory.TIMEOUT
CALL = Reply(calls=(("slow", {}),))


class Slow:
    """A tool that never returns by itself, and keeps how its calls ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def __call__(self, arguments: JsonObject, context: ToolContext) -> ToolResult:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        raise AssertionError("an event that nobody sets was set")


def slow_tool(slow: Slow | None = None, **changes: Any) -> Tool:
    return replace(make_tool("slow", run=slow or Slow()), **changes)


def ended(run: Run) -> list[Any]:
    return [u for u in run.of("tool_call_update") if u.status.is_terminal]


@pytest.mark.parametrize(
    ("of_the_tool", "options"),
    [
        ({"timeout_s": SHORT_S}, LoopOptions()),
        ({}, LoopOptions(tool_timeout_s=SHORT_S)),
        ({}, LoopOptions(tool_timeouts={"slow": SHORT_S})),
        ({"timeout_s": 900.0}, LoopOptions(tool_timeouts={"sl*": SHORT_S})),
    ],
)
async def test_tools_2_6_a_call_that_takes_too_long_ends_with_a_timeout(
    of_the_tool: dict[str, Any], options: LoopOptions
) -> None:
    slow = Slow()
    run = await run_loop(
        CALL, Reply("end"), tools=(slow_tool(slow, **of_the_tool),), options=options
    )
    (end,) = ended(run)
    assert (end.status, end.error_category) == (ToolCallStatus.FAILED, TIMEOUT)
    assert "longer than 0.02 s" in end.error
    assert end.duration_ms is not None
    assert end.execution_duration_ms is not None
    assert end.executor == {"kind": "harn_builtin"}
    assert slow.ended == ["cancelled"]
    assert run.result.status is LoopStatus.DONE
    assert "longer than 0.02 s" in str(run.result.messages[2]["content"])


async def test_tools_4_10_a_timeout_is_tried_again_as_often_as_the_option_says() -> None:
    slow = Slow()
    run = await run_loop(
        CALL,
        Reply("end"),
        tools=(slow_tool(slow, timeout_s=SHORT_S),),
        options=LoopOptions(tool_retries=2, tool_backoff_ms=0),
    )
    assert slow.ended == ["cancelled"] * 3
    assert [u.error_category for u in ended(run)] == [TIMEOUT]


async def test_tools_2_6_the_other_calls_of_the_turn_run_to_their_end() -> None:
    run = await run_loop(
        Reply(calls=(("slow", {}), ("quick", {}))),
        Reply("end"),
        tools=(slow_tool(timeout_s=SHORT_S), make_tool("quick")),
    )
    assert {u.tool_name: u.status for u in ended(run)} == {
        "slow": ToolCallStatus.FAILED,
        "quick": ToolCallStatus.COMPLETED,
    }


@pytest.fixture
def released() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


async def test_tools_2_6_a_function_that_blocks_its_thread_holds_up_nothing(
    released: threading.Event,
) -> None:
    @tool(name="slow", kind="read", timeout_s=SHORT_S)
    def slow(context: ToolContext) -> str:
        """Wait for what never comes."""
        released.wait()
        context.on_output("too late", OutputStream.STDOUT)
        return "late"

    run = await run_loop(CALL, Reply("end"), tools=(slow,))
    assert [u.error_category for u in ended(run)] == [TIMEOUT]
    assert run.result.status is LoopStatus.DONE


async def test_tools_2_6_live_output_after_the_end_of_a_call_is_dropped() -> None:
    kept: list[ToolContext] = []

    async def slow(arguments: JsonObject, context: ToolContext) -> ToolResult:
        kept.append(context)
        await asyncio.Event().wait()
        raise AssertionError

    async def later(arguments: JsonObject, context: ToolContext) -> ToolResult:
        kept[0].on_output("late", OutputStream.STDOUT)
        return ToolResult("done")

    run = await run_loop(
        CALL,
        Reply(calls=(("later", {}),)),
        Reply("end"),
        tools=(
            replace(make_tool("slow", run=slow), timeout_s=SHORT_S),
            make_tool("later", run=later),
        ),
    )
    assert [u.error_category for u in ended(run)] == [TIMEOUT, None]
    assert run.of("tool_output") == []


async def test_a_call_that_ignores_its_cancellation_is_answered_and_left_to_end() -> None:
    release, has_ended = asyncio.Event(), asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        has_ended.set()

    with pytest.raises(ToolError, match="goes on by itself") as caught:
        await run_within(stubborn(), SHORT_S, tool_name="slow", clean_up_s=SHORT_S)
    assert caught.value.category is TIMEOUT
    release.set()
    await has_ended.wait()


async def test_a_cancellation_goes_through_to_a_call_with_a_limit() -> None:
    began = asyncio.Event()
    cleaned: list[str] = []

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append("clean")

    task = asyncio.create_task(run_within(work(), 900, tool_name="slow"))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned == ["clean"]


@pytest.mark.parametrize("error", [ValueError("x"), ToolError("y"), asyncio.CancelledError()])
async def test_what_a_call_raises_in_time_is_raised(error: BaseException) -> None:
    async def fail() -> None:
        raise error

    with pytest.raises(type(error)):
        await run_within(fail(), 900, tool_name="slow")


# Which limit counts


def test_what_is_said_of_a_name_comes_before_the_tool_and_the_tool_before_the_default() -> None:
    plain = make_tool("a")
    options = LoopOptions(tool_timeout_s=1, tool_timeouts={"a*": 2, "ab": 3, "free": 0})
    assert time_limit_of(make_tool("x"), options) == 1
    assert time_limit_of(replace(make_tool("x"), timeout_s=5), options) == 5
    assert time_limit_of(replace(plain, timeout_s=5), options) == 2
    assert time_limit_of(replace(plain, name="ab"), options) == 3
    assert time_limit_of(replace(plain, name="free", timeout_s=5), options) is None
    assert time_limit_of(plain, LoopOptions()) is None


async def _nobody(_question: UserQuestion, /) -> UserAnswer | None:
    return None


def test_waiting_for_people_has_no_limit_whatever_is_set() -> None:
    options = LoopOptions(tool_timeout_s=1, tool_timeouts={"*": 1})
    for waiting in (ask_user_tool(_nobody), RUN_AGENT):
        assert time_limit_of(waiting, options) is None
        assert time_limit_of(replace(waiting, timeout_s=1), options) is None


def test_a_tool_that_keeps_time_itself_has_no_default_but_a_limit_by_name() -> None:
    (command,) = (each for each in builtin_tools() if each.name == "run_command")
    assert command.time_keeping is TimeKeeping.OWN
    assert time_limit_of(command, LoopOptions(tool_timeout_s=1)) is None
    assert time_limit_of(command, LoopOptions(tool_timeouts={"run_command": 7})) == 7


@pytest.mark.parametrize(
    ("keys", "seconds"),
    [({}, None), ({"timeout_s": 2}, 2), ({"timeout_ms": 1500}, 1.5), ({"timeout_s": 0.5}, 0.5)],
)
def test_tools_1_1_plain_data_says_its_limit(keys: dict[str, Any], seconds: float | None) -> None:
    made = define_tool("t", "A tool.", {"handler": lambda arguments: "x", **keys})
    assert made.timeout_s == seconds
    assert made.extra == {}


@pytest.mark.parametrize(
    "keys",
    [
        {"timeout_s": 0},
        {"timeout_ms": -1},
        {"timeout_s": True},
        {"timeout_s": "5"},
        {"timeout_s": float("inf")},
        {"timeout_s": 1, "timeout_ms": 1000},
    ],
)
def test_tools_1_1_a_limit_that_is_none_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ToolDefinitionError, match="t"):
        define_tool("t", "A tool.", {"handler": lambda arguments: "x", **keys})


@pytest.mark.parametrize("value", [{"a": -1}, {"a": "5"}, [5], {"a": True}])
def test_limits_that_are_none_are_refused(value: Any) -> None:
    with pytest.raises(LoopConfigError, match="tool_timeouts"):
        LoopOptions(tool_timeouts=value)


async def test_a_pattern_that_is_none_is_refused_before_the_first_event() -> None:
    with pytest.raises(LoopConfigError, match="tool_timeouts"):
        await run_loop(Reply("end"), options=LoopOptions(tool_timeouts={"**/a/" * 7: 1}))
