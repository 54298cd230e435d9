"""Appendix C.1 in a running loop: the ledger as a tool, as a gate, as the last message."""

from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LEDGER_TOOL_NAME, LoopStatus, ToolCallStatus
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.cancellation import RunControl
from harn_tui.permissions.rules import PermissionRules
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool, run_loop
from tests.conformance.observed import (
    HookLog,
    hold_answers,
    hold_frames,
    shape,
    text_call,
    told,
)

READ = make_tool("read")
FORMATS = ["native", "text"]
DONE = {"native": "##DONE##", "text": "<done>##DONE##</done>"}
RESOLVED: JsonObject = {"action": "mark", "id": "deliverable-1", "status": "done"}


def ledger_call(tool_format: str, *calls: JsonObject, text: str = "") -> Reply:
    """Return a reply that makes these ledger calls in the loop's own format."""
    if tool_format == "native":
        return Reply(text, calls=tuple((LEDGER_TOOL_NAME, call) for call in calls))
    blocks = [text_call(LEDGER_TOOL_NAME, **{k: str(v) for k, v in c.items()}) for c in calls]
    return Reply("\n".join([*blocks, text] if text else blocks))


def options(tool_format: str, **rest: Any) -> LoopOptions:
    return LoopOptions(
        **{
            "persistent": True,
            "tool_format": tool_format,
            "deliverables": ("write the report",),
            "root_task": "report",
            "max_iterations": 5,
            **rest,
        }
    )


def status_of(run: Run, number: int = 0) -> object:
    ledger: Any = run.result.task_ledger
    return ledger["deliverables"][number]["status"]


# As a tool


@pytest.mark.parametrize("tool_format", FORMATS)
async def test_loop_c_1_the_ledger_is_kept_and_opens_the_gate(tool_format: str) -> None:
    run = await run_loop(
        Reply(DONE[tool_format]),
        ledger_call(tool_format, RESOLVED),
        Reply(DONE[tool_format]),
        options=options(tool_format),
    )
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 3)
    assert status_of(run) == "done"
    assert run.result.ledger_done_rejections == 1
    hold_frames(run.events)
    hold_answers(run.result.messages)


@pytest.mark.parametrize("tool_format", FORMATS)
async def test_loop_c_1_each_call_is_answered_where_its_format_answers_calls(
    tool_format: str,
) -> None:
    run = await run_loop(
        ledger_call(tool_format, RESOLVED, {"action": "mark", "id": "nowhere", "status": "done"}),
        Reply(DONE[tool_format]),
        options=options(tool_format),
    )
    answers = run.provider.requests[1].messages[2:-1]
    text = "\n".join(str(message["content"]) for message in answers)
    assert shape(answers) == (["tool", "tool"] if tool_format == "native" else ["tool_results"])
    assert text.index("ledger: deliverable-1 is done") < text.index("ledger error:")


async def test_loop_c_1_a_native_request_offers_the_ledger_while_there_is_one() -> None:
    run = await run_loop(Reply("ok"), tools=(READ,), options=LoopOptions(deliverables=("a",)))
    assert [tool.name for tool in run.provider.requests[0].tools] == ["read", LEDGER_TOOL_NAME]
    run = await run_loop(Reply("ok"), tools=(READ,), options=LoopOptions(root_task="a"))
    assert [tool.name for tool in run.provider.requests[0].tools] == ["read"]


@pytest.mark.parametrize("tool_format", FORMATS)
async def test_loop_c_1_a_run_without_a_ledger_rejects_the_call(tool_format: str) -> None:
    run = await run_loop(
        ledger_call(tool_format, RESOLVED),
        Reply("<assistant_prose>ok</assistant_prose>" if tool_format == "text" else "ok"),
        tools=(READ,),
        options=LoopOptions(tool_format=tool_format),
    )
    assert run.result.tools_rejected == (LEDGER_TOOL_NAME,)
    assert "ledger" in str(run.provider.requests[1].messages[-1]["content"])
    assert run.result.tool_calls == ()
    hold_frames(run.events)


async def test_loop_c_1_what_succeeded_is_counted_each_time_and_what_failed_never() -> None:
    note: JsonObject = {"action": "note", "text": "seen"}
    run = await run_loop(
        ledger_call("native", note, {"action": "note"}, note),
        ledger_call("native", RESOLVED),
        Reply("##DONE##"),
        options=options("native"),
    )
    assert run.result.tool_calls == ("ledger",) * 3
    assert run.result.tools_successful == ("ledger",) * 3
    assert run.result.tools_rejected == ()
    assert run.result.trace["tools_used"] == ["ledger"]


async def test_loop_c_1_no_policy_hook_or_callback_has_a_say_but_a_person_sees_the_call() -> None:
    asked: list[JsonObject] = []
    setup = Setup(
        [
            Reply("", calls=((LEDGER_TOOL_NAME, RESOLVED), ("read", {}))),
            Reply("##DONE##"),
        ],
        tools=(READ,),
        options=options("native"),
        permissions=PermissionRules.parse({"deny": ["ledger"]}),
        extra={"callbacks": LoopCallbacks(post_turn=asked.append)},
    )
    log = HookLog(setup)
    run = await setup.run()
    assert status_of(run) == "done"
    assert asked[0]["tool_names"] == ["read"]
    assert log.after_turns()[0]["tool_names"] == ["read"]
    ended = [u for u in run.of("tool_call_update") if u.status.is_terminal]
    assert [(u.tool_name, u.status) for u in ended] == [
        (LEDGER_TOOL_NAME, ToolCallStatus.COMPLETED),
        ("read", ToolCallStatus.COMPLETED),
    ]
    assert run.of("permission_request") == []


async def test_loop_c_1_a_mistaken_call_ends_as_failed_and_changes_nothing() -> None:
    run = await run_loop(
        ledger_call("native", {"action": "mark", "id": "deliverable-1", "status": "blocked"}),
        Reply("##DONE##"),
        options=options("native", max_iterations=2),
    )
    (update,) = [u for u in run.of("tool_call_update") if u.status.is_terminal]
    assert (update.status, update.error_category) == (ToolCallStatus.FAILED, "schema_validation")
    assert status_of(run) == "open"


async def test_loop_c_1_a_program_may_have_a_tool_of_that_name() -> None:
    run = await run_loop(
        Reply("", calls=((LEDGER_TOOL_NAME, {}),)),
        Reply("ok"),
        tools=(make_tool(LEDGER_TOOL_NAME),),
    )
    assert run.provider.requests[1].messages[-1]["content"] == "ledger []"


# As a gate


@pytest.mark.parametrize("status", ["open", "blocked"])
@pytest.mark.parametrize("tool_format", FORMATS)
async def test_loop_4_4_what_is_open_or_blocked_refuses_the_completion(
    tool_format: str, status: str
) -> None:
    item = {"id": "a", "text": "write", "status": status, "note": "why"}
    ledger = {"root_task": "t", "deliverables": [item], "rationale": "", "observations": []}
    run = await run_loop(
        Reply(DONE[tool_format]),
        ledger_call(
            tool_format, {"action": "mark", "id": "a", "status": "dropped", "note": "not needed"}
        ),
        Reply(DONE[tool_format]),
        options=options(tool_format, task_ledger=ledger, deliverables=()),
    )
    (refusal,) = told(run.provider.requests[1].messages, "ledger_not_satisfied")
    assert "[a]" in refusal
    assert run.result.status is LoopStatus.DONE
    assert run.result.ledger_done_rejections == 1


async def test_loop_4_4_a_ledger_resolved_in_the_turn_of_the_completion_is_resolved() -> None:
    run = await run_loop(
        ledger_call("native", RESOLVED, text="##DONE##"), options=options("native")
    )
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 1)


async def test_loop_4_4_an_accepted_ledger_call_is_the_action_that_a_completion_needs() -> None:
    run = await run_loop(
        ledger_call("native", RESOLVED), Reply("##DONE##"), tools=(READ,), options=options("native")
    )
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_48_a_rejected_ledger_call_is_no_action() -> None:
    run = await run_loop(
        ledger_call("native", RESOLVED),
        Reply("##DONE##"),
        tools=(READ,),
        options=LoopOptions(persistent=True, max_iterations=2),
    )
    assert "sentinel_without_action" in shape(run.result.messages)


async def test_loop_4_4_a_loop_that_is_not_persistent_has_no_gate() -> None:
    run = await run_loop(Reply("an answer"), options=LoopOptions(deliverables=("a",)))
    assert (run.result.status, run.result.ledger_done_rejections) == (LoopStatus.DONE, 0)


# As the last message


async def test_loop_1_4_the_ledger_is_last_in_every_request_and_never_recorded() -> None:
    setup = Setup(
        [
            ledger_call("native", {"action": "note", "text": "seen it"}),
            Reply("hm"),
            ledger_call("native", RESOLVED),
            Reply("##DONE##"),
        ],
        options=options("native"),
    )
    setup.push("a line")
    run = await setup.run()
    for request in run.provider.requests:
        assert shape(request.messages)[-1] == "task_ledger"
        assert shape(request.messages).count("task_ledger") == 1
    assert "seen it" not in str(run.provider.requests[0].messages[-1]["content"])
    assert "seen it" in str(run.provider.requests[1].messages[-1]["content"])
    assert "(done)" in str(run.provider.requests[3].messages[-1]["content"])
    assert "task_ledger" not in shape(run.result.messages)
    recorded = [event.message for event in run.of("message_recorded")]
    assert "task_ledger" not in shape(recorded)


async def test_loop_1_4_a_retried_request_has_the_ledger_last_too() -> None:
    run = await run_loop(
        Reply("no json"),
        Reply("{}"),
        options=LoopOptions(
            deliverables=("a",), schema_retries=1, output_schema={"type": "object"}
        ),
    )
    assert shape(run.provider.requests[1].messages) == [
        "user",
        "assistant",
        "schema_retry",
        "task_ledger",
    ]


# In the result


async def test_loop_8_2_the_result_has_the_ledger_as_it_ended() -> None:
    run = await run_loop(
        ledger_call(
            "native",
            {"action": "add", "text": "tests"},
            {"action": "rationale", "text": "because"},
            {"action": "note", "text": "seen"},
        ),
        Reply("ok"),
        options=options("native", persistent=False),
    )
    assert run.result.as_json()["task_ledger"] == {
        "root_task": "report",
        "deliverables": [
            {
                "id": "deliverable-1",
                "text": "write the report",
                "status": "open",
                "note": None,
            },
            {"id": "deliverable-2", "text": "tests", "status": "open", "note": None},
        ],
        "rationale": "because",
        "observations": ["seen"],
    }
    assert run.result.as_json()["ledger_done_rejections"] == 0


async def test_a_cancelled_turn_answers_its_ledger_calls_as_well() -> None:
    control = RunControl()
    setup = Setup([], options=options("native"), control=control)
    calls = tuple((LEDGER_TOOL_NAME, dict(RESOLVED)) for _ in range(3))
    setup.provider._replies = [Reply("", calls=calls, before=lambda: control.cancel("enough"))]
    run = await setup.run()
    assert run.result.status is LoopStatus.CANCELLED
    hold_frames(run.events)
    hold_answers(run.result.messages)
