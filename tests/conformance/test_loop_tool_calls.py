"""Statements of docs/loop.md on one tool call, from its announcement to its end."""

from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import LoopConfigError, ToolError
from harn_tui.kinds import (
    Decision,
    DecisionScope,
    OutputStream,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.loop.config import PermissionQuestion
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.rules import PermissionRules
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Run, make_tool, run_loop


async def _one_call(*, name: str = "read", arguments: Any = None, **setup: Any) -> Run:
    reply = Reply("", calls=((name, arguments or {}),))
    return await run_loop(reply, Reply("ok"), **setup)


def _last_update(run: Run) -> Any:
    return run.of("tool_call_update")[-1]


async def test_tools_2_5_row_1_success_goes_pending_in_progress_completed() -> None:
    run = await _one_call(tools=(make_tool("read"),))
    statuses = [u.status for u in run.of("tool_call_update") if u.raw_input is None]
    assert statuses == [ToolCallStatus.IN_PROGRESS, ToolCallStatus.COMPLETED]
    update = _last_update(run)
    assert update.raw_output == {"text": "read []", "tool_use_id": "call_1"}
    assert update.executor == {"kind": "harn_builtin"}


async def test_loop_9_9_durations_only_on_the_terminal_update() -> None:
    run = await _one_call(tools=(make_tool("read"),))
    *others, last = run.of("tool_call_update")
    assert all(u.duration_ms is None and u.execution_duration_ms is None for u in others)
    assert last.duration_ms + 1 >= last.execution_duration_ms


async def test_loop_9_8_unknown_tool_is_permission_denied_and_names_the_tools() -> None:
    run = await _one_call(name="nope", tools=(make_tool("read"),))
    assert _last_update(run).error_category is ToolErrorCategory.PERMISSION_DENIED
    assert "read" in str(run.result.messages[2]["content"])


async def test_advice_of_a_failed_call_reaches_the_model_and_the_events() -> None:
    async def fail(arguments: Any, context: ToolContext) -> ToolResult:
        raise ToolError("There is no file a.txt.", hint="List the folder first.")

    run = await _one_call(tools=(make_tool("read", run=fail),))
    said = "There is no file a.txt. List the folder first."
    assert run.result.messages[2]["content"] == said
    assert _last_update(run).error == said
    assert _last_update(run).raw_output["text"] == said


async def test_loop_9_8_missing_argument_is_schema_validation() -> None:
    run = await _one_call(tools=(make_tool("read", required=("path",)),))
    assert _last_update(run).error_category is ToolErrorCategory.SCHEMA_VALIDATION
    assert "missing required parameter" in _last_update(run).error


async def test_loop_7_12_malformed_arguments_are_reported_not_emptied() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {}),), malformed='{"path": '),
        Reply("ok"),
        tools=(make_tool("read"),),
    )
    assert _last_update(run).error_category is ToolErrorCategory.SCHEMA_VALIDATION
    assert '{"path": ' in [update.raw_input_partial for update in run.of("tool_call_update")]
    assert run.result.messages[1]["tool_calls"][0]["raw_arguments"] == '{"path": '  # type: ignore[index,call-overload]


async def test_raising_tool_fails_its_call_and_the_run_goes_on() -> None:
    async def explode(arguments: Any, context: ToolContext) -> ToolResult:
        raise RuntimeError("kaboom")

    run = await _one_call(tools=(make_tool("read", run=explode),))
    assert _last_update(run).error_category is ToolErrorCategory.TOOL_ERROR
    assert "kaboom" in str(run.result.messages[2]["content"])
    assert run.result.status == "done"


async def test_tool_error_keeps_its_category() -> None:
    async def slow(arguments: Any, context: ToolContext) -> ToolResult:
        raise ToolError("too slow", category=ToolErrorCategory.TIMEOUT)

    run = await _one_call(tools=(make_tool("read", run=slow),))
    assert _last_update(run).error_category is ToolErrorCategory.TIMEOUT


async def test_tool_retries_repeat_transient_failures_only() -> None:
    attempts: list[int] = []

    async def flaky(arguments: Any, context: ToolContext) -> ToolResult:
        attempts.append(1)
        if len(attempts) < 3:
            raise ToolError("try again", category=ToolErrorCategory.NETWORK)
        return ToolResult("fine")

    run = await _one_call(
        tools=(make_tool("read", run=flaky),),
        options=LoopOptions(tool_retries=2, tool_backoff_ms=0),
    )
    assert len(attempts) == 3
    assert _last_update(run).status is ToolCallStatus.COMPLETED


async def test_live_output_is_emitted_between_in_progress_and_the_end() -> None:
    async def talk(arguments: Any, context: ToolContext) -> ToolResult:
        context.on_output("line\n", OutputStream.STDOUT)
        return ToolResult("line\n")

    run = await _one_call(tools=(make_tool("read", run=talk),))
    types = [t for t in run.types() if t in {"tool_call_update", "tool_output"}]
    assert types[-3:] == ["tool_call_update", "tool_output", "tool_call_update"]
    assert run.of("tool_output")[0].tool_call_id == "tool-call_1"


async def test_plan_event_follows_the_terminal_update() -> None:
    async def plan(arguments: Any, context: ToolContext) -> ToolResult:
        return ToolResult("ok", details={"plan": {"title": "Plan"}})

    run = await _one_call(tools=(make_tool("read", run=plan),))
    types = run.types()
    assert types[types.index("plan") - 1] == "tool_call_update"
    assert run.of("plan")[0].plan == {"title": "Plan"}


def _asker(answer: Answer, seen: list[PermissionQuestion]) -> Any:
    async def ask(question: PermissionQuestion) -> Answer:
        seen.append(question)
        return answer

    return ask


WRITE = make_tool("write", kind=ToolKind.EDIT)


async def test_writing_asks_first_and_runs_when_allowed() -> None:
    seen: list[PermissionQuestion] = []
    run = await _one_call(
        name="write",
        tools=(WRITE,),
        extra={"ask_permission": _asker(Answer(Decision.ALLOW), seen)},
    )
    assert len(seen) == 1
    assert _last_update(run).status is ToolCallStatus.COMPLETED
    types = run.types()
    assert types.index("permission_request") < types.index("permission_decision")


async def test_refusal_with_a_note_reaches_the_model_and_the_call_never_runs() -> None:
    ran: list[int] = []

    async def write(arguments: Any, context: ToolContext) -> ToolResult:
        ran.append(1)
        return ToolResult("written")

    run = await _one_call(
        name="write",
        tools=(make_tool("write", kind=ToolKind.EDIT, run=write),),
        extra={"ask_permission": _asker(Answer(Decision.DENY, note="use docs/"), [])},
    )
    assert ran == []
    assert "use docs/" in str(run.result.messages[2]["content"])
    assert _last_update(run).error_category is ToolErrorCategory.PERMISSION_DENIED


async def test_nobody_to_ask_means_denied() -> None:
    run = await _one_call(name="write", tools=(WRITE,))
    assert _last_update(run).error_category is ToolErrorCategory.PERMISSION_DENIED


async def test_session_scope_is_not_asked_twice() -> None:
    seen: list[PermissionQuestion] = []
    run = await run_loop(
        Reply("", calls=(("write", {"path": "a"}),)),
        Reply("", calls=(("write", {"path": "a"}),)),
        Reply("ok"),
        tools=(WRITE,),
        extra={"ask_permission": _asker(Answer(Decision.ALLOW, DecisionScope.SESSION), seen)},
    )
    assert len(seen) == 1
    assert run.result.tool_calls == ("write", "write")


async def test_loop_10_17_denied_read_never_runs() -> None:
    ran: list[int] = []

    async def read(arguments: Any, context: ToolContext) -> ToolResult:
        ran.append(1)
        return ToolResult("secret")

    await _one_call(
        arguments={"path": "my-secret.txt"},
        tools=(make_tool("read", run=read),),
        permissions=PermissionRules.parse({"deny": {"read": ["*secret*"]}}),
    )
    assert ran == []


async def test_loop_10_16_denied_call_is_recorded_in_turn_info() -> None:
    run = await _one_call(name="write", tools=(WRITE,))
    info = run.of("turn_end")[0].turn_info
    assert info["failed"] is True
    assert info["tool_results"] == [{"tool_name": "write", "status": "rejected", "rejected": True}]


async def _repeat(times: int, **options: Any) -> Run:
    return await run_loop(
        *(Reply("", calls=(("read", {"path": "a"}),)) for _ in range(times)),
        Reply("ok"),
        tools=(make_tool("read"),),
        options=LoopOptions(**options),
    )


async def test_loop_1_7_loop_detector_warns_blocks_and_skips() -> None:
    run = await _repeat(4)
    texts = [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]
    assert texts[0] == "read [('path', 'a')]"
    assert "[LOOP DETECTED]" in texts[1]
    assert texts[2].startswith("BLOCKED:")
    assert "NOT executed" in texts[3]
    assert _last_update(run).error_category is ToolErrorCategory.REJECTED_LOOP
    assert _last_update(run).raw_output == {"loop_skipped": True, "repeat_count": 4}


async def test_loop_1_7_repeated_failures_count_as_repeats() -> None:
    async def fail(arguments: Any, context: ToolContext) -> ToolResult:
        raise ToolError("no such file")

    run = await run_loop(
        *(Reply("", calls=(("read", {"path": "a"}),)) for _ in range(4)),
        Reply("ok"),
        tools=(make_tool("read", run=fail),),
    )
    texts = [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]
    assert "[LOOP DETECTED]" in texts[1]
    assert "NOT executed" in texts[3]


async def test_nobody_is_asked_about_a_call_that_will_not_run() -> None:
    seen: list[PermissionQuestion] = []
    await run_loop(
        *(Reply("", calls=(("write", {"path": "a"}),)) for _ in range(5)),
        Reply("ok"),
        tools=(WRITE,),
        extra={"ask_permission": _asker(Answer(Decision.ALLOW), seen)},
    )
    assert len(seen) == 3


@pytest.mark.parametrize("name", ["loop_detect_block", "loop_detect_skip"])
def test_detector_tier_of_one_is_refused_and_zero_turns_it_off(name: str) -> None:
    with pytest.raises(LoopConfigError, match=name):
        LoopOptions(**dict[str, Any]({name: 1}))
    LoopOptions(**dict[str, Any]({name: 0}))


async def test_loop_1_7_loop_detector_is_off_when_warn_is_zero() -> None:
    run = await _repeat(6, loop_detect_warn=0)
    assert all(u.error is None for u in run.of("tool_call_update"))


async def test_tools_odd_14_a_change_in_between_resets_the_count() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {}),)),
        Reply("", calls=(("change", {}),)),
        Reply("", calls=(("read", {}),)),
        Reply("ok"),
        tools=(make_tool("read"), make_tool("change", kind=ToolKind.EDIT)),
        permissions=PermissionRules.parse({"allow": ["change"]}),
    )
    texts = [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]
    assert "[LOOP DETECTED]" not in texts[2]


@pytest.mark.parametrize("ok", [True, False])
async def test_ok_false_marks_the_call_failed_and_still_tells_the_model(ok: bool) -> None:
    async def exit_code(arguments: Any, context: ToolContext) -> ToolResult:
        return ToolResult("exit_code=1", ok=ok, details={"exit_code": 1})

    run = await _one_call(tools=(make_tool("read", run=exit_code),))
    assert (_last_update(run).status is ToolCallStatus.COMPLETED) is ok
    assert run.result.messages[2]["content"] == "exit_code=1"
