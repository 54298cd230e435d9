"""Sections 1.10, 3 and 7.3 in a running loop: budgets, errors, retries, cancellation, counts."""

import asyncio
import contextlib
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.kinds import LifecycleEvent, LoopStatus
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.providers.base import Usage
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Setup, make_tool, run_loop, until
from tests.conformance.observed import HookLog, hold_answers, hold_frames, shape

READ = make_tool("read")
CALL = Reply("", calls=(("read", {}),))


def costing(tokens: int, text: str = "", **reply: Any) -> Reply:
    return Reply(text, usage=Usage(tokens // 2, tokens - tokens // 2), **reply)


# The token budget


async def test_loop_3_2_tokens_add_up_over_turns_and_end_a_loop_before_its_next_call() -> None:
    run = await run_loop(
        *(costing(40, calls=(("read", {"n": str(n)}),)) for n in range(3)),
        tools=(READ,),
        options=LoopOptions(token_budget=100),
    )
    assert (run.result.status, run.result.iterations) == (LoopStatus.BUDGET_EXHAUSTED, 3)
    used: Any = run.result.as_json()["llm"]
    assert (used["iterations"], used["input_tokens"], used["output_tokens"]) == (3, 60, 60)
    hold_answers(run.result.messages)


async def test_loop_3_2_the_last_turn_and_the_tokens_at_once_are_told_once() -> None:
    run = await run_loop(
        costing(500, calls=(("read", {}),)),
        tools=(READ,),
        options=LoopOptions(token_budget=100, max_iterations=1),
    )
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert len(run.of("budget_exhausted")) == 1


# The error path


async def test_loop_1_10_an_error_keeps_what_the_run_had_done() -> None:
    refused = ProviderError("no key", category=Category.AUTH)
    run = await run_loop(CALL, Reply(error=refused, accepts=False), tools=(READ,))
    assert (run.result.status, run.result.error) == (LoopStatus.ERROR, "no key")
    assert shape(run.result.messages) == ["user", "assistant", "tool"]
    assert run.result.tool_calls == ("read",)
    hold_frames(run.events)


# Retries


async def test_loop_10_43_the_delays_double_from_the_base_and_are_announced() -> None:
    overloaded = ProviderError("busy", category=Category.OVERLOADED)
    setup = Setup(
        [*(Reply(error=overloaded, accepts=False) for _ in range(5)), Reply("ok")],
        options=LoopOptions(llm_retries=5, llm_backoff_ms=1),
    )
    setup.provider.is_paced = True
    run = await setup.run()
    assert run.result.status is LoopStatus.DONE
    assert [retry.delay_ms for retry in run.of("llm_retry")] == [1, 2, 4, 8, 16]
    assert [retry.attempt for retry in run.of("llm_retry")] == [1, 2, 3, 4, 5]
    assert {retry.category for retry in run.of("llm_retry")} == {Category.OVERLOADED}
    hold_frames(run.events)


async def test_loop_10_6_the_servers_wish_replaces_the_delay() -> None:
    busy = ProviderError("busy", category=Category.RATE_LIMIT, retry_after_s=0.003)
    setup = Setup(
        [Reply(error=busy, accepts=False), Reply("ok")],
        options=LoopOptions(llm_backoff_ms=60_000),
    )
    setup.provider.is_paced = True
    run = await setup.run()
    assert [retry.delay_ms for retry in run.of("llm_retry")] == [3]


async def test_loop_7_1_every_call_has_its_own_retries() -> None:
    busy = Reply(error=ProviderError("busy", category=Category.TIMEOUT), accepts=False)
    run = await run_loop(
        busy,
        busy,
        CALL,
        busy,
        busy,
        Reply("ok"),
        tools=(READ,),
        options=LoopOptions(llm_retries=2),
    )
    assert run.result.status is LoopStatus.DONE
    assert [(retry.call, retry.attempt) for retry in run.of("llm_retry")] == [
        (1, 1),
        (1, 2),
        (2, 1),
        (2, 2),
    ]


async def test_loop_7_10_empty_replies_are_counted() -> None:
    empty = ProviderError("nothing was delivered", category=Category.EMPTY_COMPLETION)
    run = await run_loop(
        Reply(error=empty), Reply(error=empty), Reply("ok"), options=LoopOptions(llm_retries=2)
    )
    assert run.result.trace["empty_completion_retries"] == 2
    assert run.result.trace["llm_calls"] == 1


async def test_loop_7_3_a_run_cancelled_while_it_waits_to_retry_ends_at_once() -> None:
    control = RunControl()
    busy = ProviderError("busy", category=Category.OVERLOADED)
    setup = Setup(
        [Reply(error=busy, accepts=False)],
        options=LoopOptions(llm_backoff_ms=50_000),
        control=control,
    )
    setup.provider.is_paced = True
    setup.push("a line")
    task = asyncio.create_task(setup.run())
    await until(lambda: any(event.type == "llm_retry" for event in setup.sink.events))
    control.cancel("enough")
    run = await task
    assert run.result.status is LoopStatus.CANCELLED
    assert [item.content for item in setup.feedback.pending("test_session")] == ["a line"]
    hold_frames(run.events)


# Cancellation, counting


@pytest.mark.parametrize("phase", ["hook", "call", "tool", "callback"])
async def test_loop_10_54_a_run_can_be_cancelled_in_every_phase(phase: str) -> None:
    control = RunControl()

    async def stop_in(place: str) -> None:
        if place == phase:
            control.cancel(f"in the {place}")
            await asyncio.sleep(0)

    async def tool(arguments: Any, context: ToolContext) -> ToolResult:
        await stop_in("tool")
        return ToolResult("ok")

    async def on_call() -> None:
        await stop_in("call")

    hooks = LifecycleHooks()
    hooks.add(LifecycleEvent.PRE_AGENT_TURN, "*", lambda payload: stop_in("hook"))
    hooks.add(LifecycleEvent.POST_AGENT_TURN, "*", lambda payload: stop_in("callback"))
    setup = Setup(
        [Reply("text", calls=(("read", {}),), midway=on_call), Reply("done")],
        tools=(make_tool("read", run=tool),),
        extra={"hooks": hooks},
        control=control,
    )
    run = await setup.run()
    assert run.result.status is LoopStatus.CANCELLED
    assert run.result.reason == f"in the {phase}"
    hold_frames(run.events)
    hold_answers(run.result.messages)


async def test_loop_10_49_turns_are_numbered_from_0_and_counted_from_1_everywhere() -> None:
    setup = Setup([CALL, CALL, Reply("done")], tools=(READ,))
    log = HookLog(setup)
    run = await setup.run()
    for event_type in ("turn_start", "turn_end", "llm_call_start"):
        assert [event.iteration for event in run.of(event_type)] == [0, 1, 2]
    assert [event.turn_info["iteration"] for event in run.of("turn_end")] == [0, 1, 2]
    befores: Any = [p["turn"] for p in log.payloads if p["event"] == "PreAgentTurn"]
    assert [(turn["iteration"], turn["total_iterations"]) for turn in befores] == [
        (0, 1),
        (1, 2),
        (2, 3),
    ]
    assert run.result.iterations == run.result.trace["iterations"] == 3
    assert run.of("loop_end")[0].iterations == 3
    assert [event.call for event in run.of("llm_call_start")] == [1, 2, 3]


async def test_loop_10_8_two_loops_at_once_count_their_own_tokens() -> None:
    setups = [
        Setup([costing(10 * n, calls=(("read", {}),)), costing(n, "done")], tools=(READ,))
        for n in (2, 4, 8)
    ]
    runs = await asyncio.gather(*(setup.run() for setup in setups))
    assert [run.result.trace["total_input_tokens"] for run in runs] == [11, 22, 44]
    assert [run.result.trace["llm_calls"] for run in runs] == [2, 2, 2]


async def test_loop_10_38_a_task_that_is_cancelled_twice_still_ends_its_loop_once() -> None:
    setup = Setup([Reply("x", midway=_for_ever)])
    task = asyncio.create_task(setup.run())
    await until(lambda: bool(setup.provider.requests))
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    hold_frames(setup.sink.events)


async def _for_ever() -> None:
    await asyncio.Event().wait()
