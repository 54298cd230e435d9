"""Section 4.1 in a running loop: what ends a turn with calls, and what is told of it."""

import sys
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.json_types import JsonObject
from harn_tui.kinds import HostMessageMode, LoopStatus, NoticeLevel, ToolKind
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool, run_loop
from tests.conformance.observed import (
    HookLog,
    broken_call,
    hold_frames,
    shape,
    text_call,
    told,
)

READ = make_tool("read")
EDIT = make_tool("edit")
TURN_INFO_KEYS = [
    "tool_names",
    "tool_results",
    "successful_tool_names",
    "tool_count",
    "iteration",
    "failed",
    "consecutive_single_tool_turns",
    "session_tools_used",
    "session_successful_tools",
]


def reads(*paths: str) -> Reply:
    return Reply("", calls=tuple(("read", {"path": path}) for path in paths))


def with_callback(function: Any, **rest: Any) -> dict[str, Any]:
    return {"callbacks": LoopCallbacks(post_turn=function), **rest}


# Row 1: a tool that stops the run


async def test_loop_4_1_row_1_the_status_stays_done_and_all_calls_have_run() -> None:
    run = await run_loop(
        Reply("", calls=(("edit", {}), ("read", {}))),
        tools=(READ, EDIT),
        options=LoopOptions(stop_after_successful_tools=("edit",)),
    )
    assert run.result.status is LoopStatus.DONE
    assert run.result.tool_calls == ("edit", "read")
    assert "edit" in run.result.reason
    assert shape(run.result.messages) == ["user", "assistant", "tool", "tool"]


async def test_loop_4_1_row_1_comes_before_the_callback_the_compaction_and_parse_errors() -> None:
    asked: list[JsonObject] = []
    setup = Setup(
        [Reply(f"{text_call('edit')}\n{broken_call('read')}")],
        tools=(READ, EDIT),
        options=LoopOptions(
            tool_format="text",
            stop_after_successful_tools=("edit",),
            compaction={"type": "truncate", "keep_last": 0},
        ),
        extra=with_callback(asked.append),
    )
    run = await setup.run()
    assert asked == []
    assert run.of("transcript_compacted") == []
    assert shape(run.result.messages) == ["user", "assistant", "tool_results"]
    (end,) = run.of("turn_end")
    assert end.turn_info["failed"] is True


async def test_loop_4_1_row_1_holds_in_a_persistent_loop_without_any_completion() -> None:
    run = await run_loop(
        Reply("", calls=(("edit", {}),)),
        tools=(EDIT,),
        options=LoopOptions(persistent=True, stop_after_successful_tools=("edit",)),
    )
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 1)


async def test_loop_4_1_row_1_a_refused_call_stops_nothing() -> None:
    run = await run_loop(
        Reply("", calls=(("write", {}),)),
        Reply("I may not"),
        tools=(make_tool("write", kind=ToolKind.EDIT),),
        options=LoopOptions(stop_after_successful_tools=("write",)),
    )
    assert run.result.iterations == 2
    assert run.result.tools_rejected == ("write",)


# Row 2: the callback


async def test_loop_4_1_row_2_a_stop_injects_its_message_first_and_the_status_stays_done() -> None:
    setup = Setup(
        [reads("a", "b")],
        tools=(READ,),
        options=LoopOptions(persistent=True),
        extra=with_callback(lambda info: {"message": "that will do", "stop": True}),
    )
    run = await setup.run()
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 1)
    assert "callback" in run.result.reason
    assert shape(run.result.messages) == ["user", "assistant", "tool", "tool", "post_turn_callback"]
    assert "that will do" in told(run.result.messages, "post_turn_callback")[0]


async def test_loop_4_1_row_2_is_asked_after_the_turn_has_ended_and_before_a_compaction() -> None:
    ended: list[list[str]] = []
    setup = Setup([], tools=(READ,))
    setup.options = LoopOptions(compaction={"type": "truncate", "keep_last": 0})
    setup.extra = with_callback(lambda info: ended.append(setup_types(setup)))
    setup.provider._replies = [reads("x" * 200_000), Reply("done")]
    run = await setup.run()
    assert [types[-1] for types in ended] == ["turn_end"]
    types = run.types()
    assert types.index("transcript_compacted") > types.index("turn_end")


def setup_types(setup: Setup) -> list[str]:
    return [event.type for event in setup.sink.events]


async def test_loop_4_1_row_2_a_message_alone_is_feedback_behind_the_results() -> None:
    setup = Setup(
        [reads("a"), Reply("done")], tools=(READ,), extra=with_callback(lambda info: "look twice")
    )
    run = await setup.run()
    assert shape(run.provider.requests[1].messages) == [
        "user",
        "assistant",
        "tool",
        "post_turn_callback",
    ]
    assert run.of("feedback_injected") == []


async def test_loop_4_1_row_2_the_callback_never_runs_after_text_alone() -> None:
    asked: list[JsonObject] = []
    setup = Setup(
        [Reply("hm"), Reply("##DONE##")],
        options=LoopOptions(persistent=True),
        extra=with_callback(asked.append),
    )
    await setup.run()
    assert asked == []


async def test_loop_4_1_row_2_a_command_can_be_the_callback(tmp_path: Path) -> None:
    script = tmp_path / "judge.py"
    script.write_text(
        "import json, sys\n"
        "info = json.load(sys.stdin)\n"
        "json.dump({'message': f\"saw {info['tool_names']}\", 'stop': True}, sys.stdout)\n"
    )
    run = await run_loop(
        reads("a"),
        tools=(READ,),
        options=LoopOptions(post_turn_callback=(sys.executable, str(script))),
    )
    assert "saw ['read']" in told(run.result.messages, "post_turn_callback")[0]
    assert run.result.status is LoopStatus.DONE


async def test_loop_4_1_row_2_a_callback_that_fails_ends_the_run_as_an_error() -> None:
    def careless(info: JsonObject) -> object:
        return info["no such key"]

    run = await run_loop(reads("a"), tools=(READ,), extra=with_callback(careless))
    assert run.result.status is LoopStatus.ERROR
    assert "careless" in str(run.result.error)
    assert [notice.level for notice in run.of("notice")] == [NoticeLevel.ERROR]
    hold_frames(run.events)


# Row 3: a completion beside calls


async def test_loop_4_1_row_3_an_accepted_completion_ends_the_run_after_its_calls() -> None:
    run = await run_loop(
        Reply("##DONE##", calls=(("read", {}),)),
        tools=(READ,),
        options=LoopOptions(persistent=True),
    )
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 1)
    assert run.result.tool_calls == ("read",)


async def test_loop_4_1_row_3_parse_errors_and_a_compaction_come_before_the_end() -> None:
    done = f"{text_call('read', path='x' * 200_000)}\n{broken_call('read')}\n<done>##DONE##</done>"
    run = await run_loop(
        Reply(done),
        tools=(READ,),
        options=LoopOptions(
            persistent=True,
            tool_format="text",
            compaction={"type": "truncate", "keep_last": 0},
            tool_output_max_chars=300_000,
        ),
    )
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 1)
    assert len(run.of("transcript_compacted")) == 1
    assert shape(run.result.messages)[-1] == "parse_error"


async def test_loop_4_1_row_3_a_refused_completion_is_told_behind_the_results() -> None:
    run = await run_loop(
        Reply("##DONE##", calls=(("read", {}),)),
        Reply("", calls=(("read", {"n": "2"}),)),
        tools=(READ,),
        options=LoopOptions(persistent=True, deliverables=("a",), max_iterations=2),
    )
    assert shape(run.provider.requests[1].messages) == [
        "user",
        "assistant",
        "tool",
        "ledger_not_satisfied",
        "task_ledger",
    ]


# Row 4, and what a turn is described with


async def test_loop_4_1_row_4_a_tool_turn_goes_on_in_a_loop_that_is_not_persistent() -> None:
    run = await run_loop(reads("a"), reads("b"), Reply("done"), tools=(READ,))
    assert run.result.iterations == 3


async def test_loop_4_1_hook_event_and_callback_are_told_the_same_of_a_turn() -> None:
    asked: list[JsonObject] = []
    setup = Setup([reads("a"), Reply("done")], tools=(READ,), extra=with_callback(asked.append))
    log = HookLog(setup)
    run = await setup.run()
    info = run.of("turn_end")[0].turn_info
    assert log.after_turns()[0] == info == asked[0]
    assert list(info) == TURN_INFO_KEYS
    assert log.payloads[1]["session"] == {"id": "test_session"}


async def test_loop_4_1_the_hook_runs_before_turn_end_and_after_finish_step_messages() -> None:
    setup = Setup([], tools=(READ,))
    log = HookLog(setup)

    def interject() -> None:
        setup.host_messages.push("and tests", HostMessageMode.FINISH_STEP)

    setup.provider._replies = [
        Reply("", calls=(("read", {}),), before=interject),
        Reply("done"),
    ]
    run = await setup.run()
    before = log.events_before[1]
    assert run.types()[:before].count("turn_end") == 0
    assert run.types()[before] == "turn_end"
    last: Any = run.events[before - 1]
    assert last.message["content"] == "and tests"


async def test_loop_4_1_turn_info_counts_single_turns_and_all_that_ran() -> None:
    async def fail(arguments: Any, context: ToolContext) -> ToolResult:
        return ToolResult("no", ok=False)

    run = await run_loop(
        reads("a"),
        Reply("", calls=(("fail", {}),)),
        reads("b", "c"),
        reads("d"),
        Reply("done"),
        tools=(READ, make_tool("fail", run=fail)),
    )
    infos = [end.turn_info for end in run.of("turn_end")]
    assert [info["consecutive_single_tool_turns"] for info in infos] == [1, 2, 0, 1, 1]
    assert [info["failed"] for info in infos] == [False, True, False, False, False]
    assert [info["tool_count"] for info in infos] == [1, 1, 2, 1, 0]
    assert infos[1]["tool_results"] == [{"tool_name": "fail", "status": "error", "rejected": False}]
    assert infos[2]["successful_tool_names"] == ["read", "read"]
    assert infos[3]["session_tools_used"] == ["read", "fail"]
    assert infos[3]["session_successful_tools"] == ["read"]
    assert [info["iteration"] for info in infos] == [0, 1, 2, 3, 4]


async def test_loop_4_1_a_parse_error_beside_a_call_that_ran_makes_the_turn_failed() -> None:
    run = await run_loop(
        Reply(f"{text_call('read', path='a')}\n{broken_call('read')}"),
        Reply("<assistant_prose>done</assistant_prose>"),
        tools=(READ,),
        options=LoopOptions(tool_format="text"),
    )
    info = run.of("turn_end")[0].turn_info
    assert (info["failed"], info["tool_count"]) == (True, 1)
    assert shape(run.provider.requests[1].messages) == [
        "user",
        "assistant",
        "tool_results",
        "parse_error",
    ]


async def test_loop_4_1_ledger_calls_have_no_place_in_turn_info() -> None:
    run = await run_loop(
        Reply("", calls=(("ledger", {"action": "note", "text": "seen"}), ("read", {}))),
        Reply("done"),
        tools=(READ,),
        options=LoopOptions(deliverables=("a",)),
    )
    info = run.of("turn_end")[0].turn_info
    assert (info["tool_names"], info["tool_count"]) == (["read"], 1)
    assert info["consecutive_single_tool_turns"] == 1


@pytest.mark.parametrize("persistent", [False, True])
async def test_loop_3_2_a_tool_turn_on_the_last_iteration_exhausts_the_turns(
    persistent: bool,
) -> None:
    run: Run = await run_loop(
        reads("a"), tools=(READ,), options=LoopOptions(max_iterations=1, persistent=persistent)
    )
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    hold_frames(run.events)
