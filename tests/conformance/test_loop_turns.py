"""Statements of docs/loop.md on turns, statuses and post-turn decisions."""

from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import LoopConfigError, ProviderError
from harn_tui.kinds import HostMessageMode, LoopStatus, ProviderErrorCategory, ToolKind
from harn_tui.loop.config import LoopRequest
from harn_tui.providers.base import Usage
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Setup, make_tool, run_loop

READ = make_tool("read")


def _server_error() -> ProviderError:
    return ProviderError("the server failed", category=ProviderErrorCategory.SERVER_ERROR)


async def test_loop_4_2_row_5_plain_answer_ends_a_run_as_done() -> None:
    run = await run_loop(Reply("hello there"))
    assert run.result.status is LoopStatus.DONE
    assert run.result.text == "hello there"
    assert run.result.iterations == 1


async def test_loop_1_3_events_of_a_plain_turn_come_in_phase_order() -> None:
    run = await run_loop(Reply("hi"))
    assert run.types() == [
        "loop_start",
        "user_message",
        "message_recorded",
        "turn_start",
        "llm_call_start",
        "llm_call_accepted",
        "agent_message_chunk",
        "llm_call_end",
        "message_recorded",
        "turn_end",
        "loop_end",
    ]


async def test_loop_1_7_tool_turn_runs_the_call_and_feeds_the_result_back() -> None:
    run = await run_loop(
        Reply("look", calls=(("read", {"path": "a"}),)), Reply("done"), tools=(READ,)
    )
    assert run.result.status is LoopStatus.DONE
    last = run.provider.requests[1].messages[-1]
    assert last == {
        "role": "tool",
        "tool_call_id": "call_1",
        "tool_name": "read",
        "content": "read [('path', 'a')]",
    }


async def test_loop_10_1_assistant_turn_stands_before_what_comments_on_it() -> None:
    run = await run_loop(
        Reply("##DONE##"),
        Reply("ok", calls=(("read", {}),)),
        Reply("##DONE##"),
        tools=(READ,),
        options=LoopOptions(persistent=True),
    )
    roles = [m["role"] for m in run.provider.requests[1].messages]
    assert roles == ["user", "assistant", "user"]
    assert 'kind="sentinel_without_action"' in run.contents(1)[-1]
    assert run.result.status is LoopStatus.DONE


async def test_loop_3_1_stuck_after_more_text_only_turns_than_nudges() -> None:
    run = await run_loop(
        *(Reply(f"thinking {n}") for n in range(3)),
        options=LoopOptions(persistent=True, max_nudges=2),
    )
    assert run.result.status is LoopStatus.STUCK
    (stuck,) = run.of("loop_stuck")
    assert (stuck.max_nudges, stuck.last_iteration, stuck.tail_excerpt) == (2, 2, "thinking 2")


async def test_loop_3_1_stuck_excerpt_is_240_characters_and_an_ellipsis() -> None:
    run = await run_loop(Reply("x" * 300), options=LoopOptions(persistent=True, max_nudges=0))
    assert run.of("loop_stuck")[0].tail_excerpt == "x" * 240 + "…"


async def test_loop_4_2_row_9_nudge_is_wrapped_feedback_after_the_assistant() -> None:
    run = await run_loop(
        Reply("hm"), Reply("##DONE##"), options=LoopOptions(persistent=True, nudge="Go on!")
    )
    assert run.contents(1)[-1] == '<runtime_feedback kind="nudge">\nGo on!\n</runtime_feedback>'


async def test_loop_4_3_tool_turn_resets_the_nudge_counter() -> None:
    run = await run_loop(
        Reply("hm"),
        Reply("", calls=(("read", {}),)),
        Reply("hm"),
        Reply("##DONE##"),
        tools=(READ,),
        options=LoopOptions(persistent=True, max_nudges=1),
    )
    assert run.result.status is LoopStatus.DONE


async def test_loop_3_1_iterations_exhausted() -> None:
    run = await run_loop(
        *(Reply("", calls=(("read", {"n": str(n)}),)) for n in range(2)),
        tools=(READ,),
        options=LoopOptions(max_iterations=2),
    )
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert run.of("budget_exhausted")[0].max_iterations == 2


async def test_loop_3_2_break_on_the_last_iteration_wins_over_exhaustion() -> None:
    run = await run_loop(Reply("done"), options=LoopOptions(max_iterations=1))
    assert run.result.status is LoopStatus.DONE
    assert run.of("budget_exhausted") == []


async def test_loop_10_9_token_budget_never_overwrites_a_finished_run() -> None:
    run = await run_loop(Reply("done"), options=LoopOptions(token_budget=1))
    assert run.result.status is LoopStatus.DONE


async def test_loop_3_1_token_budget_ends_a_run_that_would_go_on() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {}),), usage=Usage(90, 20)),
        tools=(READ,),
        options=LoopOptions(token_budget=100),
    )
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert "110 of 100 tokens" in run.result.reason


@pytest.mark.parametrize("name", ["max_iterations", "token_budget", "max_tokens"])
def test_loop_10_36_zero_iterations_or_budget_are_refused(name: str) -> None:
    with pytest.raises(LoopConfigError, match=name):
        LoopOptions(**dict[str, Any]({name: 0}))


@pytest.mark.parametrize("name", ["max_nudges", "llm_retries", "tool_retries", "loop_detect_warn"])
def test_loop_10_35_negative_options_are_refused(name: str) -> None:
    with pytest.raises(LoopConfigError, match=f"`{name}` cannot be -1"):
        LoopOptions(**dict[str, Any]({name: -1}))


def test_loop_10_37_there_is_one_table_of_defaults() -> None:
    options = LoopOptions()
    assert (options.max_iterations, options.max_nudges, options.llm_retries) == (50, 8, 4)
    assert (options.llm_backoff_ms, options.tool_retries, options.tool_backoff_ms) == (
        2000,
        0,
        1000,
    )
    assert (options.loop_detect_warn, options.loop_detect_block, options.loop_detect_skip) == (
        2,
        3,
        4,
    )


async def test_loop_4_1_row_1_stop_after_successful_tools_runs_the_whole_turn_first() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {}), ("other", {}))),
        tools=(READ, make_tool("other")),
        options=LoopOptions(stop_after_successful_tools=("read",)),
    )
    assert run.result.status is LoopStatus.DONE
    assert run.result.tool_calls == ("read", "other")


async def test_loop_4_1_row_1_failed_tool_does_not_stop_the_run() -> None:
    async def fail(arguments: Any, context: ToolContext) -> ToolResult:
        return ToolResult("no", ok=False)

    run = await run_loop(
        Reply("", calls=(("read", {}),)),
        Reply("done"),
        tools=(make_tool("read", run=fail),),
        options=LoopOptions(stop_after_successful_tools=("read",)),
    )
    assert len(run.provider.requests) == 2


async def test_loop_3_1_failed_when_no_required_tool_succeeded() -> None:
    run = await run_loop(
        Reply("done"),
        tools=(make_tool("edit", kind=ToolKind.EDIT),),
        options=LoopOptions(require_successful_tools=("edit",)),
    )
    assert run.result.status is LoopStatus.FAILED
    assert run.of("loop_end")[0].status is LoopStatus.FAILED


async def test_loop_10_24_sentinel_inside_a_sentence_or_a_fence_does_not_complete() -> None:
    run = await run_loop(
        Reply("I will write ##DONE## when done."),
        Reply("```\n##DONE##\n```"),
        Reply("all set\n##DONE##"),
        options=LoopOptions(persistent=True),
    )
    assert run.result.iterations == 3
    assert run.result.visible_text == "all set"


async def test_loop_10_3_tagged_done_completes_in_every_mode() -> None:
    run = await run_loop(
        Reply("finished <done>##DONE##</done>"), options=LoopOptions(persistent=True)
    )
    assert run.result.iterations == 1


async def test_loop_10_18_custom_sentinel_is_used_everywhere() -> None:
    run = await run_loop(
        Reply("hm"),
        Reply("FERTIG"),
        options=LoopOptions(persistent=True, done_sentinel="FERTIG"),
    )
    assert "FERTIG" in (run.provider.requests[0].system or "")
    assert "FERTIG" in run.contents(1)[-1]
    assert "##DONE##" not in (run.provider.requests[0].system or "")
    assert run.result.visible_text == ""


async def test_loop_10_48_a_denied_call_is_not_an_action() -> None:
    setup = Setup(
        [
            Reply("", calls=(("nowhere", {}),)),
            Reply("##DONE##"),
            Reply("", calls=(("read", {}),)),
            Reply("##DONE##"),
        ],
        tools=(READ,),
        options=LoopOptions(persistent=True),
    )
    run = await setup.run()
    assert run.result.iterations == 4
    assert 'kind="sentinel_without_action"' in run.contents(2)[-1]


async def test_loop_10_38_every_turn_has_an_end_and_every_run_one_loop_end() -> None:
    run = await run_loop(Reply("", calls=(("read", {}),)), Reply("done"), tools=(READ,))
    assert [e.iteration for e in run.of("turn_start")] == [0, 1]
    assert [e.iteration for e in run.of("turn_end")] == [0, 1]
    assert len(run.of("loop_end")) == 1


async def test_loop_10_39_failed_call_finalizes_and_fires_session_end_hooks() -> None:
    setup = Setup([Reply(error=_server_error())], options=LoopOptions(llm_retries=0))
    fired: list[str] = []
    setup.session_end.add(fired.append)
    run = await setup.run()
    assert run.result.status is LoopStatus.ERROR
    assert run.result.error == "the server failed"
    assert run.types()[-1] == "loop_end"
    assert fired == ["test_session"]


async def test_loop_10_45_empty_reply_leaves_no_empty_message() -> None:
    run = await run_loop(
        Reply("", usage=None), Reply("##DONE##"), options=LoopOptions(persistent=True)
    )
    assert [m["role"] for m in run.provider.requests[1].messages] == ["user", "user"]


async def test_loop_10_45_texts_of_a_run_are_separated() -> None:
    run = await run_loop(Reply("one", calls=(("read", {}),)), Reply("two"), tools=(READ,))
    assert run.result.text == "one\n\ntwo"


async def test_loop_10_8_counters_belong_to_one_run() -> None:
    setup = Setup([Reply("", calls=(("read", {}),)), Reply("a"), Reply("b")], tools=(READ,))
    first = await setup.run()
    second = await setup.run(LoopRequest("again", history=first.result.messages))
    assert first.result.trace["llm_calls"] == 2
    assert second.result.trace["llm_calls"] == 1
    assert second.result.usage.input_tokens == 10


async def test_loop_5_5_interrupt_immediate_host_message_enters_at_preflight() -> None:
    setup = Setup([Reply("ok")])
    setup.host_messages.push("stop that", HostMessageMode.INTERRUPT_IMMEDIATE)
    run = await setup.run()
    assert run.contents(0) == ["do it", "stop that"]


async def test_loop_5_5_finish_step_host_message_continues_a_finished_run() -> None:
    setup = Setup([Reply("done"), Reply("done too")])
    setup.host_messages.push("one more", HostMessageMode.FINISH_STEP)
    run = await setup.run()
    assert run.contents(1) == ["do it", "done", "one more"]


async def test_loop_10_52_wait_for_completion_gets_a_turn_of_its_own_when_the_run_ends() -> None:
    setup = Setup([Reply("done"), Reply("done again")])
    setup.host_messages.push("later", HostMessageMode.WAIT_FOR_COMPLETION)
    run = await setup.run()
    assert run.contents(0) == ["do it"]
    assert run.contents(1) == ["do it", "done", "later"]
    assert run.result.deferred_user_messages == ()


async def test_loop_5_5_wait_for_completion_is_deferred_when_no_turn_is_left() -> None:
    setup = Setup([Reply("done")], options=LoopOptions(max_iterations=1))
    setup.host_messages.push("later", HostMessageMode.WAIT_FOR_COMPLETION)
    run = await setup.run()
    assert run.result.deferred_user_messages == ("later",)
    assert run.contents(0) == ["do it"]


async def test_loop_8_2_result_has_every_key_of_the_documentation() -> None:
    run = await run_loop(Reply("hi"))
    assert {
        "status",
        "daemon_state",
        "daemon_snapshot_path",
        "text",
        "visible_text",
        "llm",
        "tools",
        "deferred_user_messages",
        "task_ledger",
        "ledger_done_rejections",
        "data",
        "trace",
        "transcript",
    } <= set(run.result.as_json())
