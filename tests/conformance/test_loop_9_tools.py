"""What the reference's own tests hold of tool calls (loop 9.7, 9.8), and 10.15 to 10.42."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    Decision,
    LoopStatus,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.loop.config import PermissionQuestion
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.rules import PermissionRules
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from harn_tui.tools.read_file import READ_FILE
from tests.conformance.loop_driver import Reply, Run, make_tool, run_loop

ALLOW_ALL = PermissionRules.parse({"allow": ["*"]})
READ = make_tool("read")
EDIT = make_tool("edit", kind=ToolKind.EDIT)


async def _no(arguments: JsonObject, context: ToolContext) -> ToolResult:
    return ToolResult("Error: no", ok=False)


FAILING_EDIT = make_tool("edit", kind=ToolKind.EDIT, run=_no)


def executions(run: Run) -> list[JsonObject]:
    """Return the metadata of the transcript's tool executions."""
    events: Any = run.result.transcript["events"]
    return [event["metadata"] for event in events if event["kind"] == "tool_execution"]


async def _ended(*calls: str, tools: tuple[Tool, ...], **options: Any) -> Run:
    """Run one turn with ``calls``, then an answer."""
    return await run_loop(
        Reply("", calls=tuple((name, {}) for name in calls)),
        Reply("done"),
        tools=tools,
        permissions=ALLOW_ALL,
        options=LoopOptions(**options),
    )


# 9.7 tool_classification


READ_ONLY = {ToolKind.READ, ToolKind.SEARCH, ToolKind.FETCH, ToolKind.THINK}


@pytest.mark.parametrize("kind", ToolKind)
async def test_loop_9_7_calls_that_only_look_run_at_the_same_time(kind: ToolKind) -> None:
    running = 0
    most = 0

    async def busy(arguments: JsonObject, context: ToolContext) -> ToolResult:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return ToolResult("busy")

    await _ended("busy", "busy", "busy", tools=(make_tool("busy", kind=kind, run=busy),))
    assert kind.is_read_only is (kind in READ_ONLY)
    assert most == (3 if kind in READ_ONLY else 1)


@pytest.mark.parametrize("kind", ToolKind)
async def test_loop_9_7_calls_that_only_look_need_no_permission(kind: ToolKind) -> None:
    run = await run_loop(
        Reply("", calls=(("it", {}),)), Reply("done"), tools=(make_tool("it", kind=kind),)
    )
    assert (run.result.tools_successful == ("it",)) is (kind in READ_ONLY)


async def test_loop_9_7_a_listed_tool_that_succeeded_stops_the_run() -> None:
    run = await _ended(
        "read", "edit", tools=(READ, EDIT), stop_after_successful_tools=("edit", "scaffold")
    )
    assert len(run.provider.requests) == 1
    assert run.result.status is LoopStatus.DONE


@pytest.mark.parametrize("calls", [("edit",), ("read",)])
async def test_loop_9_7_a_failed_or_unlisted_tool_stops_nothing(calls: tuple[str, ...]) -> None:
    run = await _ended(
        *calls, tools=(READ, FAILING_EDIT), stop_after_successful_tools=("edit", "scaffold")
    )
    assert len(run.provider.requests) == 2


async def test_loop_9_7_any_one_of_the_required_tools_is_enough() -> None:
    run = await _ended(
        "edit",
        tools=(EDIT, make_tool("scaffold")),
        require_successful_tools=("scaffold", "edit"),
    )
    assert run.result.status is LoopStatus.DONE


async def test_loop_9_7_a_required_tool_that_failed_does_not_count() -> None:
    run = await _ended("edit", tools=(FAILING_EDIT,), require_successful_tools=("edit",))
    assert run.result.status is LoopStatus.FAILED


async def test_loop_9_7_a_run_in_which_nothing_was_written_has_failed() -> None:
    run = await run_loop(
        Reply("I would write it."),
        tools=(EDIT,),
        options=LoopOptions(require_successful_tools=("edit",)),
    )
    assert run.result.status is LoopStatus.FAILED
    assert run.result.tools_successful == ()


async def test_loop_10_59_a_run_that_did_not_finish_is_not_called_failed() -> None:
    run = await run_loop(
        Reply("hm"),
        tools=(EDIT,),
        options=LoopOptions(require_successful_tools=("edit",), persistent=True, max_nudges=0),
    )
    assert run.result.status is LoopStatus.STUCK


# 9.8 tool_dispatch_categories


async def test_loop_9_8_a_missing_argument_is_schema_validation_in_the_transcript() -> None:
    run = await _ended("read", tools=(make_tool("read", required=("path",)),))
    (execution,) = executions(run)
    assert execution["error_category"] == "schema_validation"
    assert execution["rejected"] is True


async def test_loop_9_8_an_unknown_tool_is_permission_denied_in_the_transcript() -> None:
    run = await _ended("nowhere", tools=(READ,))
    assert [execution["error_category"] for execution in executions(run)] == ["permission_denied"]


async def test_loop_9_8_a_call_that_only_repeats_itself_is_rejected_loop() -> None:
    replies = [Reply("", calls=(("read", {"path": "a"}),)) for _ in range(2)]
    run = await run_loop(
        *replies,
        Reply("done"),
        tools=(READ,),
        options=LoopOptions(loop_detect_warn=1, loop_detect_block=2, loop_detect_skip=2),
    )
    assert [e.get("error_category") for e in executions(run)] == [None, "rejected_loop"]


async def test_loop_9_8_a_file_that_cannot_be_read_is_a_tool_error() -> None:
    run = await run_loop(
        Reply("", calls=((READ_FILE.name, {"path": "no-such-file.txt"}),)),
        Reply("done"),
        tools=(READ_FILE,),
    )
    (execution,) = executions(run)
    assert execution["error_category"] in {"tool_error", "permission_denied"}
    assert run.of("tool_call_update")[-1].status is ToolCallStatus.FAILED


async def test_loop_9_8_arguments_that_cannot_be_read_are_schema_validation() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {}),), malformed='{"path": '), Reply("done"), tools=(READ,)
    )
    assert [execution["error_category"] for execution in executions(run)] == ["schema_validation"]


@pytest.mark.parametrize("category", ToolErrorCategory)
async def test_loop_9_8_the_category_that_a_tool_gives_is_the_one_that_is_told(
    category: ToolErrorCategory,
) -> None:
    async def fail(arguments: JsonObject, context: ToolContext) -> ToolResult:
        raise ToolError("Error: no", category=category)

    run = await _ended("read", tools=(make_tool("read", run=fail),))
    assert run.of("tool_call_update")[-1].error_category is category
    assert [execution["error_category"] for execution in executions(run)] == [category.value]


# 9.9 tool_durations


async def test_loop_9_9_one_update_begins_and_one_ends_a_call() -> None:
    run = await _ended("read", tools=(READ,))
    updates = [u for u in run.of("tool_call_update") if u.status is not ToolCallStatus.PENDING]
    begun, ended = updates
    assert (begun.status, begun.duration_ms) == (ToolCallStatus.IN_PROGRESS, None)
    assert ended.status is ToolCallStatus.COMPLETED
    assert ended.duration_ms + 1 >= ended.execution_duration_ms >= 0


# 10D


async def _repeated(tool: Tool, times: int, **options: Any) -> Run:
    replies = [Reply("", calls=((tool.name, {"path": "a"}),)) for _ in range(times)]
    return await run_loop(
        *replies,
        Reply("done"),
        tools=(tool,),
        permissions=ALLOW_ALL,
        options=LoopOptions(**options),
    )


async def test_loop_10_15_a_failure_stays_one_when_its_result_is_withheld() -> None:
    run = await _repeated(FAILING_EDIT, 3, require_successful_tools=("edit",))
    texts = [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]
    assert texts[2].startswith("BLOCKED")
    assert [end.turn_info["tool_results"][0]["status"] for end in run.of("turn_end")[:3]] == [
        "error"
    ] * 3
    assert run.result.status is LoopStatus.FAILED


async def test_loop_10_15_a_withheld_failure_satisfies_no_list() -> None:
    run = await _repeated(FAILING_EDIT, 3, stop_after_successful_tools=("edit",))
    assert len(run.provider.requests) == 4
    assert run.result.tools_successful == ()


async def test_loop_10_15_a_success_stays_one_too() -> None:
    run = await _repeated(READ, 3)
    assert run.of("turn_end")[2].turn_info["tool_results"][0]["status"] == "ok"


async def test_loop_10_42_every_intervention_is_counted_the_skip_included() -> None:
    run = await _repeated(READ, 5)
    assert run.result.trace["interventions"] == 4  # warned, blocked, skipped twice
    assert run.result.trace["tool_executions"] == 3


async def test_loop_10_42_another_call_that_only_looks_does_not_end_a_row_of_repeats() -> None:
    same, other = ("read", {"path": "a"}), ("read", {"path": "b"})
    run = await run_loop(
        Reply("", calls=(same,)),  # type: ignore[arg-type]
        Reply("", calls=(other,)),  # type: ignore[arg-type]
        Reply("", calls=(same,)),  # type: ignore[arg-type]
        Reply("done"),
        tools=(READ,),
    )
    texts = [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]
    assert ["[LOOP DETECTED]" in text for text in texts] == [False, False, True]


async def test_loop_10_42_another_result_begins_a_new_row() -> None:
    results = iter("aab")

    async def changing(arguments: JsonObject, context: ToolContext) -> ToolResult:
        return ToolResult(next(results))

    run = await _repeated(make_tool("read", run=changing), 3)
    texts = [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]
    assert ["[LOOP DETECTED]" in text for text in texts] == [False, True, False]


async def test_loop_10_16_every_refusal_is_on_record_and_makes_the_turn_a_failed_one() -> None:
    calls: Any = (("nowhere", {}), ("denied", {}), ("strict", {}), ("asked", {}), ("read", {}))
    run = await run_loop(
        Reply("", calls=calls),
        Reply("done"),
        tools=(
            READ,
            make_tool("denied"),
            make_tool("strict", required=("path",)),
            make_tool("asked", kind=ToolKind.EDIT),
        ),
        permissions=PermissionRules.parse({"deny": ["denied"]}),
    )
    info = run.of("turn_end")[0].turn_info
    assert [record["status"] for record in info["tool_results"]] == ["rejected"] * 4 + ["ok"]
    assert info["failed"] is True
    assert info["tool_count"] == 5
    assert info["successful_tool_names"] == ["read"]
    assert run.result.tools_rejected == ("nowhere", "denied", "strict", "asked")
    assert [execution["rejected"] for execution in executions(run)] == [True] * 4 + [False]


async def test_loop_10_17_no_call_of_a_batch_runs_before_all_have_passed_their_gates() -> None:
    steps: list[str] = []

    async def look(arguments: JsonObject, context: ToolContext) -> ToolResult:
        steps.append(f"ran {arguments['n']}")
        return ToolResult("seen")

    async def ask(question: PermissionQuestion) -> Answer:
        steps.append(f"asked {question.arguments['n']}")
        await asyncio.sleep(0)
        return Answer(Decision.DENY if question.arguments["n"] == "2" else Decision.ALLOW)

    calls: Any = tuple(("look", {"n": str(n)}) for n in (1, 2, 3))
    run = await run_loop(
        Reply("", calls=calls),
        Reply("done"),
        tools=(make_tool("look", run=look),),
        permissions=PermissionRules.parse({"ask": ["look"]}),
        extra={"ask_permission": ask},
    )
    assert steps == ["asked 1", "asked 2", "asked 3", "ran 1", "ran 3"]
    texts = [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]
    assert [text == "seen" for text in texts] == [True, False, True]
    assert json.loads(texts[1])["error"] == "permission_denied"


async def test_loop_10_17_calls_run_with_the_arguments_that_were_judged() -> None:
    seen: list[JsonObject] = []

    async def look(arguments: JsonObject, context: ToolContext) -> ToolResult:
        seen.append(arguments)
        return ToolResult("seen")

    asked: list[JsonObject] = []

    async def ask(question: PermissionQuestion) -> Answer:
        asked.append(question.arguments)
        return Answer(Decision.ALLOW)

    number: JsonObject = {"type": "object", "properties": {"n": {"type": "integer"}}}
    await run_loop(
        Reply("", calls=(("look", {"n": "7"}),)),
        Reply("done"),
        tools=(replace(make_tool("look", run=look), parameters=number),),
        permissions=PermissionRules.parse({"ask": ["look"]}),
        extra={"ask_permission": ask},
    )
    assert seen == asked == [{"n": 7}]


async def test_loop_10_48_only_a_call_that_ran_is_an_action() -> None:
    run = await run_loop(
        Reply("##DONE##", calls=(("edit", {}),)),
        Reply("##DONE##"),
        tools=(EDIT,),
        options=LoopOptions(persistent=True, max_nudges=0),
    )
    assert run.result.status is LoopStatus.STUCK
    kinds = [message.get("kind") for message in run.result.messages]
    assert kinds.count("sentinel_without_action") == 2


@pytest.mark.parametrize("most", [1, 2, 8])
async def test_no_more_calls_run_at_the_same_time_than_the_option_allows(most: int) -> None:
    running: list[int] = [0]
    seen: list[int] = []

    async def busy(arguments: JsonObject, context: ToolContext) -> ToolResult:
        running[0] += 1
        seen.append(running[0])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        running[0] -= 1
        return ToolResult(str(arguments["n"]))

    calls: Any = tuple(("busy", {"n": str(n)}) for n in range(6))
    run = await run_loop(
        Reply("", calls=calls),
        Reply("done"),
        tools=(make_tool("busy", run=busy),),
        options=LoopOptions(max_parallel_tools=most),
    )
    assert max(seen) == min(most, 6)
    texts = [m["content"] for m in run.result.messages if m["role"] == "tool"]
    assert texts == [str(n) for n in range(6)]
