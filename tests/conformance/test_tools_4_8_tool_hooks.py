"""Statements of docs/loop.md on the hooks around tool calls (docs/tools.md, 2.5, 4 and 4.8)."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import LoopConfigError, ToolError
from harn_tui.events.agent import ToolCallUpdate
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    Decision,
    DecisionScope,
    LifecycleEvent,
    LoopStatus,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.loop.command_hook import CommandHook
from harn_tui.loop.config import PermissionQuestion
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.loop.tool_hooks import add_tool_hook
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.policy_set import PolicySet
from harn_tui.permissions.rules import PermissionRules
from harn_tui.sinks.base import CollectingSink
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Run, make_tool, run_loop

PRE, POST = LifecycleEvent.PRE_TOOL_USE, LifecycleEvent.POST_TOOL_USE
DENIED = ToolErrorCategory.PERMISSION_DENIED


def hooks(*registered: tuple[LifecycleEvent, str, Callable[[JsonObject], Any]]) -> LifecycleHooks:
    made = LifecycleHooks()
    for event, pattern, hook in registered:
        made.add(event, pattern, hook)
    return made


def replying(reply: object) -> Callable[[JsonObject], object]:
    return lambda _payload: reply


class Ran:
    """A tool that keeps the arguments with which it ran, and returns or raises what it is told."""

    def __init__(self, outcome: ToolResult | Exception | None = None) -> None:
        self.arguments: list[JsonObject] = []
        self._outcome = outcome

    async def __call__(self, arguments: JsonObject, context: ToolContext) -> ToolResult:
        self.arguments.append(arguments)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome or ToolResult("ran")


async def call(
    registered: LifecycleHooks,
    *,
    tool: Tool,
    arguments: JsonObject | None = None,
    extra: dict[str, Any] | None = None,
    **setup: Any,
) -> Run:
    return await run_loop(
        Reply(calls=((tool.name, arguments or {}),)),
        Reply("end"),
        tools=(tool,),
        extra={"hooks": registered, **(extra or {})},
        **setup,
    )


def updates(run: Run) -> list[Any]:
    """Return the updates of the only call after it was announced."""
    return [u for u in run.of("tool_call_update") if u.raw_input != {}]


def last(run: Run) -> Any:
    return run.of("tool_call_update")[-1]


def answer(run: Run) -> str:
    return str(next(m for m in run.result.messages if m["role"] == "tool")["content"])


# Before a call: what a hook may reply


async def test_tools_2_5_row_8_a_hooks_denial_fails_the_call_before_it_begins() -> None:
    ran = Ran()
    run = await call(
        hooks((PRE, "read", replying({"deny": "not on Fridays"}))), tool=make_tool("read", run=ran)
    )
    assert ran.arguments == []
    assert [u.status for u in updates(run)] == [ToolCallStatus.FAILED]
    ended = last(run)
    assert (ended.error, ended.error_category) == ("not on Fridays", DENIED)
    assert ended.raw_output is None
    assert ended.executor is None
    assert ended.duration_ms is None
    assert ended.execution_duration_ms is None
    assert json.loads(answer(run)) == {
        "error": "permission_denied",
        "tool": "read",
        "reason": "not on Fridays",
    }
    assert run.result.tools_rejected == ("read",)
    assert run.result.status is LoopStatus.DONE


@pytest.mark.parametrize("reply", [None, {}, {"deny": None}, {"args": None}, {"args": {"n": "1"}}])
async def test_tools_4_8_nothing_and_the_same_arguments_let_the_call_run(reply: object) -> None:
    ran = Ran()
    run = await call(
        hooks((PRE, "*", replying(reply))),
        tool=make_tool("read", run=ran),
        arguments={"n": "1"},
    )
    assert ran.arguments == [{"n": "1"}]
    assert last(run).raw_output == {"text": "ran", "tool_use_id": "call_1"}


@pytest.mark.parametrize("deny", [None, False, "", 0])
async def test_tools_odd_39_a_deny_that_is_not_true_denies_nothing(deny: object) -> None:
    ran = Ran()
    run = await call(
        hooks((PRE, "*", replying({"deny": deny, "args": {"n": "2"}}))),
        tool=make_tool("read", run=ran),
    )
    assert ran.arguments == [{"n": "2"}]
    assert last(run).status is ToolCallStatus.COMPLETED


@pytest.mark.parametrize("deny", [True, 1, "  ", ["x"]])
async def test_tools_odd_39_a_deny_without_words_denies_with_some(deny: object) -> None:
    run = await call(hooks((PRE, "*", replying({"deny": deny}))), tool=make_tool("read"))
    assert last(run).error_category is DENIED
    assert "hook" in last(run).error


async def _raise(payload: JsonObject) -> None:
    raise RuntimeError("kaboom")


async def _stray_cancel(payload: JsonObject) -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    "hook",
    [
        _raise,
        _stray_cancel,
        replying("fine"),
        replying(True),
        replying([]),
        replying({"denied": "x"}),
        replying({"args": ["x"]}),
        replying({"args": {"n": float("nan")}}),
        replying({"args": {"n": Path("x")}}),
    ],
)
async def test_tools_odd_39_a_hook_that_fails_refuses_its_call_and_no_more(hook: Any) -> None:
    ran = Ran()
    run = await run_loop(
        Reply(calls=(("read", {}), ("look", {}))),
        Reply("end"),
        tools=(make_tool("read", run=ran), make_tool("look")),
        extra={"hooks": hooks((PRE, "read", hook))},
    )
    ended = {u.tool_name: u for u in run.of("tool_call_update") if u.status.is_terminal}
    assert ran.arguments == []
    assert ended["read"].error_category is DENIED
    assert ended["look"].status is ToolCallStatus.COMPLETED
    assert [notice.level for notice in run.of("notice")] == ["warning"]
    assert "PreToolUse" in run.of("notice")[0].text
    assert run.result.status is LoopStatus.DONE


async def test_tools_4_8_hooks_run_in_order_each_with_the_arguments_of_the_one_before() -> None:
    seen: list[object] = []

    def appending(letter: str) -> Callable[[JsonObject], JsonObject]:
        def hook(payload: Any) -> JsonObject:
            seen.append((letter, payload["tool"]["args"]["n"]))
            return {"args": {"n": payload["tool"]["args"]["n"] + letter}}

        return hook

    ran = Ran()
    run = await call(
        hooks(
            (PRE, "*", appending("a")), (PRE, "other", appending("x")), (PRE, "*", appending("b"))
        ),
        tool=make_tool("read", run=ran),
        arguments={"n": ""},
    )
    assert seen == [("a", ""), ("b", "a")]
    assert ran.arguments == [{"n": "ab"}]
    changed = last(run).raw_output["changed_by_hooks"]["arguments"]
    assert len(changed) == 2
    assert all("appending" in name for name in changed)


async def test_tools_4_8_the_first_denial_ends_the_chain() -> None:
    later: list[JsonObject] = []
    run = await call(
        hooks((PRE, "*", replying({"deny": "first"})), (PRE, "*", later.append)),
        tool=make_tool("read"),
    )
    assert later == []
    assert last(run).error == "first"


async def test_tools_4_8_the_payload_before_a_call_has_its_name_and_checked_arguments() -> None:
    seen: list[JsonObject] = []
    await call(
        hooks((PRE, "tool.args.path =~ ^src/", seen.append)),
        tool=make_tool("read"),
        arguments={"path": "src/a.py"},
    )
    assert seen == [
        {
            "event": "PreToolUse",
            "session": {"id": "test_session"},
            "tool": {"name": "read", "args": {"path": "src/a.py"}},
        }
    ]


async def test_tools_4_8_a_hook_has_no_hand_on_the_arguments_that_run() -> None:
    given: JsonObject = {"n": "1"}

    def later(payload: Any) -> None:
        given["n"] = "changed behind the gate"
        payload["tool"]["args"]["n"] = "changed in place"

    ran = Ran()
    await call(
        hooks((PRE, "*", replying({"args": given})), (PRE, "*", later)),
        tool=make_tool("read", run=ran),
    )
    assert ran.arguments == [{"n": "1"}]


async def test_tools_4_8_true_is_not_taken_for_one() -> None:
    ran = Ran()
    tool = make_tool("read", run=ran)
    properties = tool.parameters["properties"]
    assert isinstance(properties, dict)
    properties["flag"] = {}
    await call(
        hooks((PRE, "*", replying({"args": {"flag": True}}))), tool=tool, arguments={"flag": 1}
    )
    assert ran.arguments[0]["flag"] is True


# What a hook rewrote is decided on anew


async def test_tools_2_5_what_really_ran_stands_in_the_events() -> None:
    run = await call(
        hooks((PRE, "*", replying({"args": {"n": "new"}}))),
        tool=make_tool("read"),
        arguments={"n": "old"},
    )
    rewritten, begun, ended = [u for u in updates(run) if u.raw_input != {"n": "old"}]
    assert (rewritten.status, rewritten.raw_input) == (ToolCallStatus.PENDING, {"n": "new"})
    assert begun.status is ToolCallStatus.IN_PROGRESS
    assert ended.raw_output["text"] == "read [('n', 'new')]"


async def test_tools_odd_5_rewritten_arguments_meet_the_deny_rules() -> None:
    ran = Ran()
    run = await call(
        hooks((PRE, "*", replying({"args": {"path": "secret/key"}}))),
        tool=make_tool("read", run=ran),
        arguments={"path": "docs/a"},
        permissions=PermissionRules.parse({"deny": {"read": ["secret/*"]}}),
    )
    assert ran.arguments == []
    assert last(run).error_category is DENIED


async def test_tools_odd_5_rewritten_arguments_meet_the_constraints_of_the_policy() -> None:
    ran = Ran()
    constraint: JsonObject = {"tool": "read", "arg_patterns": ["docs/*"], "arg_key": "path"}
    policies = PolicySet.parse(policy={"tool_arg_constraints": [constraint]}, cwd=Path.cwd())
    run = await call(
        hooks((PRE, "*", replying({"args": {"path": "secret/key"}}))),
        tool=make_tool("read", run=ran),
        arguments={"path": "docs/a"},
        extra={"policies": policies},
    )
    assert ran.arguments == []
    assert last(run).error_category is DENIED
    assert "secret/key" in last(run).error


async def test_tools_odd_5_rewritten_arguments_are_checked_against_the_schema() -> None:
    ran = Ran()
    run = await call(
        hooks((PRE, "*", replying({"args": {"n": "1"}}))),
        tool=make_tool("read", run=ran, required=("path",)),
        arguments={"path": "a"},
    )
    assert ran.arguments == []
    assert last(run).error_category is ToolErrorCategory.SCHEMA_VALIDATION


@pytest.mark.parametrize("scope", [DecisionScope.ONCE, DecisionScope.SESSION])
@pytest.mark.parametrize("second", [Decision.ALLOW, Decision.DENY])
async def test_tools_odd_5_whoever_approved_the_old_arguments_is_asked_about_the_new(
    scope: DecisionScope, second: Decision
) -> None:
    ran = Ran()
    asked: list[JsonObject] = []

    async def ask(question: PermissionQuestion) -> Answer:
        asked.append(question.arguments)
        return Answer(Decision.ALLOW if len(asked) == 1 else second, scope=scope)

    run = await call(
        hooks((PRE, "*", replying({"args": {"n": "new"}}))),
        tool=make_tool("write", kind=ToolKind.EDIT, run=ran),
        arguments={"n": "old"},
        extra={"ask_permission": ask},
    )
    assert asked == [{"n": "old"}, {"n": "new"}]
    assert ran.arguments == ([{"n": "new"}] if second is Decision.ALLOW else [])
    assert last(run).status.is_terminal


async def test_tools_4_1_no_hook_is_asked_about_a_call_that_a_gate_stopped() -> None:
    seen: list[JsonObject] = []
    await call(
        hooks((PRE, "*", seen.append)),
        tool=make_tool("read"),
        permissions=PermissionRules.parse({"deny": ["read"]}),
    )
    await call(hooks((PRE, "*", seen.append)), tool=make_tool("read", required=("path",)))
    assert seen == []


async def test_tools_4_1_repeats_are_counted_by_the_arguments_that_ran() -> None:
    ran = Ran()
    one = Reply(calls=(("read", {"n": "1"}),))
    run = await run_loop(
        *(one, Reply(calls=(("read", {"n": "2"}),)), one, one, Reply("end")),
        tools=(make_tool("read", run=ran),),
        options=LoopOptions(loop_detect_warn=2, loop_detect_block=3, loop_detect_skip=4),
        extra={"hooks": hooks((PRE, "*", replying({"args": {"n": "same"}})))},
    )
    assert ran.arguments == [{"n": "same"}] * 3
    ended = [u for u in run.of("tool_call_update") if u.status.is_terminal]
    assert ended[-1].error_category is ToolErrorCategory.REJECTED_LOOP


# After a call


async def test_tools_4_8_the_payload_after_a_call_has_its_result() -> None:
    seen: list[JsonObject] = []
    await call(hooks((POST, "read", seen.append)), tool=make_tool("read"), arguments={"n": "1"})
    assert seen == [
        {
            "event": "PostToolUse",
            "session": {"id": "test_session"},
            "tool": {"name": "read", "args": {"n": "1"}},
            "result": {"text": "read [('n', '1')]", "ok": True},
        }
    ]


@pytest.mark.parametrize("reply", ["new", {"result": "new"}, {"result": "new", "ok": True}])
async def test_tools_4_8_a_new_result_is_what_model_and_events_have(reply: object) -> None:
    run = await call(hooks((POST, "*", replying(reply))), tool=make_tool("read"))
    assert answer(run) == "new"
    assert last(run).raw_output["text"] == "new"
    assert last(run).raw_output["changed_by_hooks"]["result"]


async def test_tools_4_8_results_are_chained() -> None:
    def adding(letter: str) -> Callable[[Any], str]:
        return lambda payload: payload["result"]["text"] + letter

    run = await call(
        hooks((POST, "*", adding("a")), (POST, "*", replying(None)), (POST, "*", adding("b"))),
        tool=make_tool("read", run=Ran()),
    )
    assert answer(run) == "ranab"


@pytest.mark.parametrize(
    "hook", [_raise, _stray_cancel, replying(5), replying({"result": 5}), replying({"text": "x"})]
)
async def test_tools_odd_39_a_hook_that_fails_after_the_call_leaves_the_result(hook: Any) -> None:
    run = await call(
        hooks((POST, "*", hook), (POST, "*", replying({"ok": True}))),
        tool=make_tool("read", run=Ran()),
    )
    assert answer(run) == "ran"
    assert last(run).status is ToolCallStatus.COMPLETED
    assert [notice.level for notice in run.of("notice")] == ["warning"]
    assert run.result.status is LoopStatus.DONE


@pytest.mark.parametrize("reply", ["Error: not what it seems", {"ok": False}])
async def test_tools_2_5_a_hook_may_turn_a_success_into_a_failure(reply: object) -> None:
    run = await call(hooks((POST, "*", replying(reply))), tool=make_tool("read"))
    assert last(run).status is ToolCallStatus.FAILED
    assert last(run).error_category is ToolErrorCategory.TOOL_ERROR
    assert run.of("turn_end")[0].turn_info["tool_results"][0]["status"] == "error"


@pytest.mark.parametrize(
    ("outcome", "reply"),
    [
        (RuntimeError("kaboom"), "never mind"),
        (ToolError("There is no such file."), {"result": "it is empty", "ok": True}),
        (ToolResult("exit 1", ok=False), {"ok": True}),
    ],
)
async def test_tools_2_5_a_hook_may_turn_a_failure_into_a_success(
    outcome: ToolResult | Exception, reply: object
) -> None:
    run = await call(hooks((POST, "*", replying(reply))), tool=make_tool("read", run=Ran(outcome)))
    assert last(run).status is ToolCallStatus.COMPLETED
    assert last(run).error is None
    assert last(run).error_category is None
    assert run.result.tools_successful == ("read",)


async def test_tools_2_5_a_failure_keeps_its_category_when_a_hook_only_adds_words() -> None:
    tool = make_tool("read", run=Ran(ToolError("slow", category=ToolErrorCategory.TIMEOUT)))
    run = await call(
        hooks((POST, "*", lambda payload: f"{payload['result']['text']} Wait.")),  # type: ignore[index,call-overload]
        tool=tool,
    )
    assert (last(run).error, last(run).error_category) == ("slow Wait.", ToolErrorCategory.TIMEOUT)


async def test_tools_2_5_no_hook_makes_a_success_of_a_refusal() -> None:
    tool = make_tool("read", run=Ran(ToolError("no backend", category=DENIED)))
    run = await call(hooks((POST, "*", replying({"ok": True}))), tool=tool)
    assert last(run).status is ToolCallStatus.FAILED
    assert last(run).error_category is DENIED


async def test_tools_4_8_hooks_get_the_shortened_text_and_theirs_is_not_shortened_again() -> None:
    long = "x" * 5000
    seen: list[Any] = []

    def hook(payload: Any) -> str:
        seen.append(payload["result"]["text"])
        return "y" * 5000

    run = await call(
        hooks((POST, "*", hook)),
        tool=make_tool("read", run=Ran(ToolResult(long))),
        options=LoopOptions(compaction=True, tool_output_max_chars=400),
    )
    assert len(seen[0]) <= 400
    assert answer(run) == "y" * 5000


async def test_a_result_that_a_hook_hid_stands_in_no_event() -> None:
    run = await call(
        hooks((POST, "*", replying("[hidden]"))),
        tool=make_tool("read", run=Ran(ToolResult("the password is hunter2"))),
    )
    assert not any("hunter2" in repr(event) for event in run.events)
    assert "hunter2" not in repr(run.result)


async def test_a_call_that_never_ran_has_no_hook_after_it() -> None:
    seen: list[JsonObject] = []
    await call(
        hooks((PRE, "*", replying({"deny": "no"})), (POST, "*", seen.append)),
        tool=make_tool("read"),
    )
    assert seen == []


async def test_tools_2_6_a_call_cancelled_in_its_hook_is_ended_all_the_same() -> None:
    began = asyncio.Event()

    async def wait(payload: JsonObject) -> None:
        began.set()
        await asyncio.Event().wait()

    for event in (PRE, POST):
        began.clear()
        sink = CollectingSink()
        task = asyncio.create_task(
            call(hooks((event, "*", wait)), tool=make_tool("read"), sink=sink)
        )
        await began.wait()
        task.cancel()
        await asyncio.wait({task})
        ended = [e for e in sink.events if isinstance(e, ToolCallUpdate) and e.status.is_terminal]
        assert [e.error_category for e in ended] == [ToolErrorCategory.CANCELLED]


# Programs, and hooks in one line


def program(code: str, folder: Path) -> CommandHook:
    script = folder / "hook.py"
    script.write_text(f"import json, sys\npayload = json.load(sys.stdin)\n{code}\n")
    return CommandHook([sys.executable, str(script)], cwd=folder)


async def test_tools_4_8_a_program_denies_what_it_prints_a_denial_for(tmp_path: Path) -> None:
    hook = program('print(json.dumps({"deny": "no " + payload["tool"]["name"]}))', tmp_path)
    run = await call(hooks((PRE, "*", hook)), tool=make_tool("read"))
    assert last(run).error == "no read"


async def test_tools_4_8_a_program_that_says_nothing_lets_the_call_run(tmp_path: Path) -> None:
    run = await call(hooks((PRE, "*", program("", tmp_path))), tool=make_tool("read"))
    assert last(run).status is ToolCallStatus.COMPLETED


@pytest.mark.parametrize("code", ["sys.exit(1)", 'print("fine")'])
async def test_tools_odd_39_a_program_that_fails_or_chats_refuses_the_call(
    code: str, tmp_path: Path
) -> None:
    run = await call(hooks((PRE, "*", program(code, tmp_path))), tool=make_tool("read"))
    assert last(run).error_category is DENIED


async def test_tools_4_8_what_a_program_prints_after_a_call_is_its_result(tmp_path: Path) -> None:
    hook = program('print(payload["result"]["text"].upper())', tmp_path)
    run = await call(hooks((POST, "*", hook)), tool=make_tool("read", run=Ran()))
    assert answer(run) == "RAN"


async def test_tools_9_17_pre_tool_hook_deny_blocks_execution() -> None:
    registered, ran = LifecycleHooks(), Ran()
    add_tool_hook(registered, "re*", deny="not here")
    run = await call(registered, tool=make_tool("read", run=ran))
    assert (ran.arguments, last(run).error) == ([], "not here")


async def test_tools_9_17_unmatched_hook_pattern_does_not_fire() -> None:
    registered, ran = LifecycleHooks(), Ran()
    add_tool_hook(registered, "write*", deny="not here", max_output=1)
    run = await call(registered, tool=make_tool("read", run=ran))
    assert len(ran.arguments) == 1
    assert answer(run) == "ran"


async def test_tools_odd_32_a_hook_shortens_to_any_limit() -> None:
    registered = LifecycleHooks()
    add_tool_hook(registered, max_output=50)
    run = await call(registered, tool=make_tool("read", run=Ran(ToolResult("z" * 3000))))
    assert len(answer(run)) <= 50


def test_tools_4_8_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(LoopConfigError):
        add_tool_hook(LifecycleHooks(), "path ==", deny="x")


# Whatever hooks do

REPLIES: tuple[object, ...] = (
    None,
    {"deny": "no"},
    {"args": {"n": "new"}},
    {"args": {"path": 5}},
    {"result": "Error: no", "ok": True},
    {"ok": False},
    "text",
    7,
    RuntimeError("kaboom"),
)


def _playing(reply: object) -> Callable[[JsonObject], object]:
    def hook(_payload: JsonObject) -> object:
        if isinstance(reply, Exception):
            raise reply
        return reply

    return hook


@given(
    registered=st.lists(
        st.tuples(st.sampled_from((PRE, POST)), st.sampled_from(REPLIES)), max_size=5
    ),
    names=st.lists(st.sampled_from(("read", "fail", "write", "nope")), min_size=1, max_size=5),
)
def test_invariant_7_every_call_has_one_end_and_one_answer_whatever_hooks_do(
    registered: list[tuple[LifecycleEvent, object]], names: list[str]
) -> None:
    made = hooks(*((event, "*", _playing(reply)) for event, reply in registered))
    run = asyncio.run(
        run_loop(
            Reply(calls=tuple((name, {"n": "old"}) for name in names)),
            Reply("end"),
            tools=(
                make_tool("read"),
                make_tool("fail", run=Ran(ToolError("none"))),
                make_tool("write", kind=ToolKind.EDIT),
            ),
            extra={"hooks": made},
        )
    )
    ended = [u for u in run.of("tool_call_update") if u.status.is_terminal]
    assert [u.tool_name for u in ended] == names
    assert len({u.tool_call_id for u in ended}) == len(names)
    assert len([m for m in run.result.messages if m["role"] == "tool"]) == len(names)
    assert run.result.status is LoopStatus.DONE
    denying = [reply for event, reply in registered if event == PRE and reply == {"deny": "no"}]
    if denying:
        assert all(u.error_category is DENIED for u in ended)
