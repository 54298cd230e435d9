"""Oddities of the reference's tools that are mended here, each by its number.

Those that other files test are not repeated.
"""

import asyncio
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions, loop_options
from harn_tui.errors import ProviderError, ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    Decision,
    ProviderErrorCategory,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.config import PermissionQuestion
from harn_tui.loop.sub_agents.agent_request import AgentRequest
from harn_tui.loop.sub_agents.child_config import inherited_config
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.rules import PermissionRules
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool, run_loop
from tests.conformance.text_replies import tagged

END = Reply("end")
DONE = Reply("<done>##DONE##</done>")
TEXT = LoopOptions(tool_format="text", max_iterations=3)


def _results(run: Run) -> list[str]:
    return [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]


def _ended(run: Run) -> list[Any]:
    return [event for event in run.of("tool_call_update") if event.status.is_terminal]


# 1: nothing runs before it was judged, and then not more at once than is allowed


async def test_tools_odd_1_what_is_denied_never_runs_and_the_rest_runs_side_by_side() -> None:
    ran: list[object] = []
    together, most, at_work = asyncio.Event(), 0, 0

    async def read(arguments: JsonObject, context: ToolContext) -> ToolResult:
        nonlocal most, at_work
        ran.append(arguments["path"])
        at_work += 1
        most = max(most, at_work)
        if at_work == 2:
            together.set()
        await together.wait()
        at_work -= 1
        return ToolResult("read")

    paths: list[JsonObject] = [{"path": path} for path in ("secret", "a", "b", "c")]
    calls = tuple(("read", path) for path in paths)
    run = await run_loop(
        Reply(calls=calls),
        END,
        tools=(make_tool("read", run=read),),
        permissions=PermissionRules.parse({"deny": {"read": ["secret"]}}),
        options=LoopOptions(max_parallel_tools=2),
    )
    assert sorted(map(str, ran)) == ["a", "b", "c"]
    assert most == 2
    assert [text == "read" for text in _results(run)] == [False, True, True, True]


# 4: calls that are written as text have ids of their own


async def test_tools_odd_4_written_calls_of_any_turn_have_different_ids_and_one_end_each() -> None:
    two = "\n".join(tagged(f'read({{ path: "{path}" }})') for path in "ab")
    run = await run_loop(
        Reply(two), Reply(two.replace('"a"', '"c"')), DONE, tools=(make_tool("read"),), options=TEXT
    )
    ended = [event.tool_call_id for event in _ended(run)]
    assert len(ended) == 4
    assert len(set(ended)) == 4


# 14: repeats are the same call whatever the order of its keys, and are told in neutral words


async def test_tools_odd_14_the_order_of_the_keys_makes_no_other_call() -> None:
    one: JsonObject = {"path": "a", "n": "1"}
    other: JsonObject = {"n": "1", "path": "a"}
    run = await run_loop(
        Reply(calls=(("read", one),)),
        Reply(calls=(("read", other),)),
        END,
        tools=(make_tool("read"),),
    )
    assert "[LOOP DETECTED]" in _results(run)[1]


async def test_tools_odd_14_a_repeated_success_is_not_called_a_failure() -> None:
    again = Reply(calls=(("read", {}),))
    run = await run_loop(*[again] * 4, END, tools=(make_tool("read"),))
    assert not any("fail" in text.lower() for text in _results(run))


# 15: every call counts in what is told of a turn


async def test_tools_odd_15_refused_malformed_and_skipped_calls_are_results_of_their_turn() -> None:
    again = Reply(calls=(("read", {}),))
    run = await run_loop(
        *[again] * 3,
        Reply(calls=(("read", {}), ("write", {}), ("nope", {}))),
        Reply(calls=(("read", {}),), malformed="{"),
        END,
        tools=(make_tool("read"), make_tool("write", kind=ToolKind.EDIT)),
    )
    infos = [event.turn_info for event in run.of("turn_end")]
    assert [(r["tool_name"], r["status"]) for r in infos[3]["tool_results"]] == [
        ("read", "rejected"),
        ("write", "rejected"),
        ("nope", "rejected"),
    ]
    assert [r["status"] for r in infos[4]["tool_results"]] == ["rejected"]
    assert [info["failed"] for info in infos] == [False, False, False, True, True, False]


# 19: what was wrong with a reply is told once, and after it


@pytest.mark.parametrize("also", ["", tagged('read({ path: "a" })')])
async def test_tools_odd_19_a_broken_call_is_told_once_and_behind_the_reply(also: str) -> None:
    broken = f"{tagged('read(x)')}\n{also}"
    run = await run_loop(Reply(broken), DONE, tools=(make_tool("read"),), options=TEXT)
    messages = run.provider.requests[1].messages
    about = [n for n, m in enumerate(messages) if "object literal" in str(m["content"])]
    replies = [n for n, m in enumerate(messages) if m["role"] == "assistant"]
    assert len(about) == 1
    assert about[0] > replies[0]


# 20: whether a call failed is said, not guessed; only what passes by itself is tried again


async def test_tools_odd_20_a_result_that_begins_with_error_is_a_success() -> None:
    async def find(arguments: JsonObject, context: ToolContext) -> ToolResult:
        return ToolResult("Error: is a word that stands in 3 files")

    run = await run_loop(Reply(calls=(("read", {}),)), END, tools=(make_tool("read", run=find),))
    (ended,) = _ended(run)
    assert (ended.status, ended.error) == (ToolCallStatus.COMPLETED, None)


@pytest.mark.parametrize("category", ToolErrorCategory)
async def test_tools_odd_20_only_passing_failures_are_tried_again(
    category: ToolErrorCategory,
) -> None:
    tries = 0

    async def fail(arguments: JsonObject, context: ToolContext) -> ToolResult:
        nonlocal tries
        tries += 1
        raise ToolError("it went wrong", category=category)

    run = await run_loop(
        Reply(calls=(("read", {}),)),
        END,
        tools=(make_tool("read", run=fail),),
        options=LoopOptions(tool_retries=2, tool_backoff_ms=0),
    )
    passes = category in {ToolErrorCategory.TIMEOUT, ToolErrorCategory.NETWORK}
    assert tries == (3 if passes else 1)
    assert _ended(run)[0].error_category is category


async def test_tools_odd_20_an_exception_of_a_handler_is_an_error_and_is_not_tried_again() -> None:
    tries = 0

    async def explode(arguments: JsonObject, context: ToolContext) -> ToolResult:
        nonlocal tries
        tries += 1
        raise RuntimeError("kaboom")

    run = await run_loop(
        Reply(calls=(("read", {}),)),
        END,
        tools=(make_tool("read", run=explode),),
        options=LoopOptions(tool_retries=2, tool_backoff_ms=0),
    )
    assert tries == 1
    assert _ended(run)[0].error_category is ToolErrorCategory.TOOL_ERROR


# 21: the time of execution is the backend's


async def test_tools_odd_21_the_time_of_execution_is_the_tools_own() -> None:
    tries = 0

    async def flaky(arguments: JsonObject, context: ToolContext) -> ToolResult:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ToolError("try again", category=ToolErrorCategory.NETWORK)
        return ToolResult("x" * 500)

    async def compress(request: JsonObject) -> str:
        await asyncio.sleep(0.1)
        return "short"

    run = await run_loop(
        Reply(calls=(("read", {}),)),
        END,
        tools=(make_tool("read", run=flaky),),
        options=LoopOptions(
            tool_retries=1, tool_backoff_ms=100, auto_compact=True, tool_output_max_chars=100
        ),
        extra={"callbacks": LoopCallbacks(compress=compress)},
    )
    (ended,) = _ended(run)
    assert ended.status is ToolCallStatus.COMPLETED
    assert _results(run) == ["short"]
    assert ended.duration_ms >= 200
    assert ended.execution_duration_ms < 100


# 23: half a reply is no reply


async def test_tools_odd_23_a_broken_stream_is_sent_again_and_runs_nothing() -> None:
    cut = ProviderError("the stream broke off", category=ProviderErrorCategory.TRANSIENT_NETWORK)
    run = await run_loop(
        Reply("half", calls=(("read", {"path": "a"}),), error=cut),
        Reply("whole"),
        tools=(make_tool("read"),),
        options=LoopOptions(llm_retries=1, llm_backoff_ms=0),
    )
    assert len(run.of("llm_retry")) == 1
    assert run.result.tool_calls == ()
    assert run.result.text == "whole"


async def test_tools_odd_23_arguments_that_broke_off_are_not_taken_for_none() -> None:
    ran: list[object] = []

    async def read(arguments: JsonObject, context: ToolContext) -> ToolResult:
        ran.append(arguments)
        return ToolResult("read")

    run = await run_loop(
        Reply(calls=(("read", {}),), malformed='{"path": "a'),
        END,
        tools=(make_tool("read", run=read),),
    )
    assert ran == []
    assert _ended(run)[0].error_category is ToolErrorCategory.SCHEMA_VALIDATION


# 27: the answer decides, and the question names the call as the events do


@pytest.mark.parametrize(
    ("answer", "runs"),
    [
        (Answer(Decision.ALLOW), True),
        (Answer(Decision.DENY), False),
        ("selected", False),
        ({"outcome": "selected"}, False),
        (True, False),
        (None, False),
    ],
)
async def test_tools_odd_27_only_an_answer_that_allows_lets_a_call_run(
    answer: Any, runs: bool
) -> None:
    asked: list[PermissionQuestion] = []

    async def ask(question: PermissionQuestion) -> Any:
        asked.append(question)
        return answer

    run = await run_loop(
        Reply(calls=(("write", {}),)),
        END,
        tools=(make_tool("write", kind=ToolKind.EDIT),),
        extra={"ask_permission": ask},
    )
    (call,), (request,) = run.of("tool_call"), run.of("permission_request")
    assert asked[0].tool_call_id == request.tool_call_id == call.tool_call_id
    assert (_ended(run)[0].status is ToolCallStatus.COMPLETED) is runs


# 36: one table of defaults


def test_tools_odd_36_every_way_into_the_loop_has_the_same_defaults() -> None:
    assert loop_options({}) == LoopOptions() == Setup([]).config().options
    assert inherited_config(Setup([]).config(), AgentRequest("task", "name")).options == (
        LoopOptions()
    )


# 40: exit codes are numbers


@pytest.mark.parametrize(
    ("result", "is_verified"),
    [
        (ToolResult("Command failed, exit_code=1", details={"exit_code": 0}), True),
        (ToolResult("Command succeeded, exit_code=0", ok=False, details={"exit_code": 1}), False),
    ],
)
async def test_tools_odd_40_a_verification_counts_by_its_exit_code(
    result: ToolResult, is_verified: bool
) -> None:
    async def execute(arguments: JsonObject, context: ToolContext) -> ToolResult:
        return result

    run = await run_loop(
        Reply(calls=(("run_command", {}),)),
        Reply("##DONE##"),
        tools=(make_tool("run_command", kind=ToolKind.READ, run=execute),),
        options=LoopOptions(persistent=True, exit_when_verified=True, max_iterations=2),
    )
    assert (run.result.status.value == "done") is is_verified
