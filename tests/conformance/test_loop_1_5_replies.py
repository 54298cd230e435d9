"""Statements of docs/loop.md on what a reply leaves behind, and on the calls that it makes."""

import asyncio
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, ToolKind
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import Usage
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool, run_loop

READ = make_tool("read")
TEXT = LoopOptions(tool_format="text")
WRITTEN_CALL = '<tool_call>\nread({"path": "a"})\n</tool_call>'


def _transcript_events(run: Run, *kinds: str) -> list[Any]:
    events: Any = run.result.transcript["events"]
    return [event for event in events if event["kind"] in kinds]


async def test_loop_1_5_the_servers_figures_then_its_reasoning_stand_in_the_transcript() -> None:
    run = await run_loop(
        Reply("x", calls=(("read", {"path": "a"}),), thinking="hm", usage=Usage(7, 3)),
        Reply("ok"),
        tools=(READ,),
    )
    payload, reasoning, *_ = _transcript_events(run, "provider_payload", "private_reasoning")
    assert payload["kind"] == "provider_payload"
    assert payload["metadata"] == {
        "model": "test-model",
        "input_tokens": 7,
        "output_tokens": 3,
        "tool_calls": [{"id": "call_1", "name": "read", "arguments": {"path": "a"}}],
        "tool_calling_mode": "native",
    }
    assert (reasoning["kind"], reasoning["visibility"]) == ("private_reasoning", "private")
    assert reasoning["text"] == "hm"


async def test_loop_1_5_without_reasoning_none_is_noted() -> None:
    run = await run_loop(Reply("ok"))
    assert _transcript_events(run, "private_reasoning") == []


async def test_loop_1_5_calls_of_the_server_win_over_calls_in_the_text() -> None:
    reply = Reply(WRITTEN_CALL, calls=(("read", {"path": "b"}),))
    run = await run_loop(reply, Reply("ok"), tools=(READ,))
    assert run.result.tool_calls == ("read",)
    assert "'b'" in run.contents(1)[-1]
    assert run.result.trace["native_text_tool_fallbacks"] == 0


@pytest.mark.parametrize("options", [LoopOptions(), TEXT])
async def test_loop_1_5_without_tools_a_written_call_is_text(options: LoopOptions) -> None:
    run = await run_loop(Reply(WRITTEN_CALL), options=options)
    assert run.result.status is LoopStatus.DONE
    assert run.result.tool_calls == ()
    assert run.of("tool_call") == []


@pytest.mark.parametrize(
    ("tools", "options", "is_told"),
    [((READ,), TEXT, True), ((READ,), LoopOptions(), False), ((), TEXT, False)],
)
async def test_loop_1_5_breaches_of_the_grammar_are_told_where_there_is_one(
    tools: tuple[Any, ...], options: LoopOptions, is_told: bool
) -> None:
    run = await run_loop(Reply("stray words"), tools=tools, options=options)
    told = [m for m in run.result.messages if m.get("kind") == "protocol_violation"]
    assert bool(told) is is_told


async def test_loop_1_5_the_last_reply_is_what_is_visible_without_its_markers() -> None:
    run = await run_loop(
        Reply(WRITTEN_CALL),
        Reply("<assistant_prose>All done.</assistant_prose>\n<done>##DONE##</done>"),
        tools=(READ,),
        options=LoopOptions(tool_format="text", persistent=True),
    )
    assert run.result.visible_text == "All done."


async def test_loop_10_41_a_limit_on_prose_cuts_what_is_shown_and_not_the_history() -> None:
    policy: Any = {"max_prose_chars": 10}
    run = await run_loop(Reply("word " * 20), options=LoopOptions(turn_policy=policy))
    assert "word " * 3 not in run.result.visible_text
    assert run.result.visible_text.startswith("word word ")
    assert run.result.messages[-1]["content"] == "word " * 20


async def test_loop_2_3_prose_of_exactly_the_limit_is_not_cut() -> None:
    policy: Any = {"max_prose_chars": 10}
    run = await run_loop(Reply("  123456789\u00e9  "), options=LoopOptions(turn_policy=policy))
    assert run.result.visible_text == "123456789\u00e9"


async def test_loop_1_6_a_refused_fallback_makes_a_turn_of_text_alone() -> None:
    run = await run_loop(
        Reply(WRITTEN_CALL),
        Reply("ok", calls=(("read", {}),)),
        Reply("##DONE##"),
        tools=(READ,),
        options=LoopOptions(persistent=True, native_tool_fallback="reject"),
    )
    assert run.of("turn_end")[0].turn_info["tool_count"] == 0
    kinds = [message.get("kind") for message in run.provider.requests[1].messages]
    assert kinds[-2:] == ["native_tool_contract", "nudge"]


async def test_loop_1_7_the_assistants_turn_stands_before_its_results() -> None:
    run = await run_loop(
        Reply("look", calls=(("read", {}), ("read", {"n": "1"}))), Reply("ok"), tools=(READ,)
    )
    roles = [message["role"] for message in run.provider.requests[1].messages]
    assert roles == ["user", "assistant", "tool", "tool"]


class Gauge:
    """A tool's function that counts how many of its calls run at the same time."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0
        self.order: list[str] = []

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolResult:
        self.running += 1
        self.most = max(self.most, self.running)
        for _ in range(5):
            await asyncio.sleep(0)
        self.running -= 1
        self.order.append(str(arguments.get("n")))
        return ToolResult(f"result {arguments.get('n')}")


def _calls(*named: tuple[str, int]) -> Reply:
    return Reply("", calls=tuple((name, {"n": str(n)}) for name, n in named))


@pytest.mark.parametrize(("limit", "most"), [(8, 3), (2, 2), (1, 1)])
async def test_loop_1_7_neighbours_that_only_look_run_at_the_same_time_within_the_limit(
    limit: int, most: int
) -> None:
    gauge = Gauge()
    run = await run_loop(
        _calls(("read", 0), ("read", 1), ("read", 2)),
        Reply("ok"),
        tools=(make_tool("read", run=gauge.run),),
        options=LoopOptions(max_parallel_tools=limit),
    )
    assert gauge.most == most
    assert run.contents(1)[-3:] == ["result 0", "result 1", "result 2"]


async def test_loop_1_7_a_call_that_writes_runs_alone_and_in_its_place() -> None:
    gauge = Gauge()
    await run_loop(
        _calls(("read", 0), ("write", 1), ("read", 2), ("write", 3), ("write", 4)),
        Reply("ok"),
        tools=(
            make_tool("read", run=gauge.run),
            make_tool("write", kind=ToolKind.EDIT, run=gauge.run),
        ),
        permissions=PermissionRules.parse({"allow": ["write"]}),
    )
    assert gauge.most == 1
    assert gauge.order == ["0", "1", "2", "3", "4"]


async def test_loop_10_15_a_withheld_result_keeps_the_status_that_the_call_had() -> None:
    async def fail(arguments: JsonObject, context: ToolContext) -> ToolResult:
        return ToolResult("no such file", ok=False)

    options = LoopOptions(
        loop_detect_block=2, loop_detect_skip=0, stop_after_successful_tools=("read",)
    )
    run = await run_loop(
        *(Reply("", calls=(("read", {}),)) for _ in range(3)),
        Reply("ok"),
        tools=(make_tool("read", run=fail),),
        options=options,
    )
    assert "BLOCKED" in run.contents(3)[-1]
    assert [e.turn_info["tool_results"][0]["status"] for e in run.of("turn_end")[:3]] == [
        "error"
    ] * 3
    assert run.result.tools_successful == ()


async def test_loop_1_7_a_refused_call_is_never_counted_as_a_repeat() -> None:
    run = await run_loop(
        *(Reply("", calls=(("read", {}),)) for _ in range(5)),
        Reply("ok"),
        tools=(READ,),
        permissions=PermissionRules.parse({"deny": ["read"]}),
    )
    categories = {e.error_category for e in run.of("tool_call_update") if e.status == "failed"}
    assert categories == {"permission_denied"}
    assert run.result.trace["interventions"] == 0


async def test_loop_10_42_every_intervention_is_counted() -> None:
    run = await run_loop(
        *(Reply("", calls=(("read", {}),)) for _ in range(4)), Reply("ok"), tools=(READ,)
    )
    assert run.result.trace["interventions"] == 3
    skipped = [e for e in run.of("tool_call_update") if e.error_category == "rejected_loop"]
    assert len(skipped) == 1
    assert run.result.tools_rejected == ("read",)


async def test_loop_1_7_an_observation_has_the_name_at_both_ends() -> None:
    async def answer(arguments: JsonObject, context: ToolContext) -> ToolResult:
        return ToolResult("alpha")

    setup = Setup(
        [Reply(WRITTEN_CALL), Reply("ok")], tools=(make_tool("read", run=answer),), options=TEXT
    )
    run = await setup.run()
    assert "[result of read]\nalpha\n[end of read result]" in run.contents(1)[-1]
