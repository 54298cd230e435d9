"""Cancelling a run at any moment: finalized, open calls answered, exactly one end."""

import asyncio
from typing import Any

import pytest

from harn_tui.kinds import LoopStatus, ToolCallStatus, ToolErrorCategory
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.messages import unanswered_calls
from harn_tui.loop.run import run_agent_loop
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Setup, make_tool, until


async def _forever() -> None:
    await asyncio.Event().wait()


async def test_cancelling_a_streaming_call_keeps_the_partial_text_marked() -> None:
    control = RunControl()
    setup = Setup([Reply("half of it", midway=_forever)], control=control)
    task = asyncio.create_task(setup.run())
    await until(lambda: any(e.type == "agent_message_chunk" for e in setup.sink.events))
    control.cancel("interrupted by the person")
    run = await task
    assert run.result.status is LoopStatus.CANCELLED
    assert run.result.messages[-1] == {
        "role": "assistant",
        "content": "half of it",
        "interrupted": True,
    }
    (call_end,) = run.of("llm_call_end")
    assert call_end.partial is True
    assert run.of("loop_end")[0].reason == "interrupted by the person"


async def test_cancelling_a_running_tool_answers_it_and_the_calls_behind_it() -> None:
    control = RunControl()

    async def hang(arguments: Any, context: ToolContext) -> ToolResult:
        await _forever()
        return ToolResult("never")

    setup = Setup(
        [Reply("", calls=(("hang", {}), ("hang", {"n": "2"})))],
        tools=(make_tool("hang", run=hang),),
        control=control,
    )
    task = asyncio.create_task(setup.run())
    await until(lambda: any(getattr(e, "status", None) == "in_progress" for e in setup.sink.events))
    control.cancel("stop")
    run = await task
    assert unanswered_calls(run.result.messages) == []
    ends = [u for u in run.of("tool_call_update") if u.status is ToolCallStatus.FAILED]
    assert [u.tool_call_id for u in ends] == ["tool-call_1", "tool-call_2"]
    assert {u.error_category for u in ends} == {ToolErrorCategory.CANCELLED}


async def test_cancelling_the_task_itself_finalizes_and_then_raises() -> None:
    setup = Setup([Reply("x", midway=_forever)])
    fired: list[str] = []
    setup.session_end.add(fired.append)
    task = asyncio.create_task(run_agent_loop("go", setup.config(), sink=setup.sink))
    await until(lambda: any(e.type == "agent_message_chunk" for e in setup.sink.events))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [e.type for e in setup.sink.events].count("loop_end") == 1
    assert fired == ["test_session"]


async def test_cancelling_before_the_first_await_ends_the_run() -> None:
    control = RunControl()
    control.cancel("too late")
    run = await Setup([Reply("never sent")], control=control).run()
    assert run.result.status is LoopStatus.CANCELLED
    assert run.provider.requests == []


async def test_a_second_cancel_changes_nothing() -> None:
    control = RunControl()
    assert control.cancel("first") is True
    assert control.cancel("second") is False
    assert control.reason == "first"


class _CancelAtNthStep:
    """Steps a coroutine by hand and cancels it at its n-th suspension."""

    def __init__(self, control: RunControl, n: int) -> None:
        self.control, self.n, self.count = control, n, 0

    def __call__(self) -> None:
        self.count += 1
        if self.count == self.n:
            self.control.cancel("at step")


async def _reference_run(n: int) -> bool:
    """Run two tool turns, cancelling at suspension ``n``; true when the run outlived ``n``."""
    control = RunControl()
    step = _CancelAtNthStep(control, n)

    async def pause() -> None:
        step()
        await asyncio.sleep(0)

    async def work(arguments: Any, context: ToolContext) -> ToolResult:
        await pause()
        return ToolResult(f"worked {arguments.get('n')}")

    setup = Setup(
        [
            Reply("first", calls=(("work", {"n": "1"}), ("work", {"n": "2"})), midway=pause),
            Reply("second", calls=(("work", {"n": "3"}),), midway=pause),
            Reply("third", midway=pause),
        ],
        tools=(make_tool("work", run=work),),
        control=control,
    )
    setup.push("a line")
    run = await setup.run()
    assert len(run.of("loop_end")) == 1
    assert unanswered_calls(run.result.messages) == []
    started = {c.tool_call_id for c in run.of("tool_call")}
    ended = [u.tool_call_id for u in run.of("tool_call_update") if u.status.is_terminal]
    assert set(ended) == started
    delivered = sum("a line" in str(m["content"]) for m in run.result.messages)
    waiting = len(setup.feedback.pending("test_session"))
    assert delivered + waiting == 1
    return run.result.status is LoopStatus.DONE


async def test_cancellation_at_every_suspension_of_a_reference_run() -> None:
    n = 1
    while not await _reference_run(n):
        n += 1
    assert n == 7
