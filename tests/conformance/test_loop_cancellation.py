"""Cancelling a run at any moment: finalized, open calls answered, exactly one end."""

import asyncio
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.kinds import LoopStatus, ToolCallStatus, ToolErrorCategory, ToolKind
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.config import LoopRequest
from harn_tui.loop.messages import unanswered_calls
from harn_tui.loop.run import run_agent_loop
from harn_tui.permissions.rules import PermissionRules
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


async def _pause() -> None:
    await asyncio.sleep(0)


async def _work(arguments: Any, context: ToolContext) -> ToolResult:
    await _pause()
    return ToolResult(f"worked {arguments.get('n')}")


async def _reference_run(ticks: int) -> LoopStatus:
    """Run two tool turns, cancelled after ``ticks`` rounds of the event loop; check its end."""
    control = RunControl()
    setup = Setup(
        [
            Reply("first", calls=(("work", {"n": "1"}), ("work", {"n": "2"})), midway=_pause),
            Reply("second", calls=(("work", {"n": "3"}),), midway=_pause),
            Reply("third", midway=_pause),
        ],
        tools=(make_tool("work", run=_work),),
        control=control,
    )
    prompt = setup.push("the prompt")
    line = setup.push("a line")
    assert setup.feedback.claim_one(prompt) is not None
    task = asyncio.create_task(setup.run(LoopRequest("the prompt", feedback_id=prompt)))
    for _ in range(ticks):
        await asyncio.sleep(0)
    control.cancel("at a tick")
    run = await task
    assert len(run.of("loop_end")) == 1
    assert [e.iteration for e in run.of("turn_start")] == [e.iteration for e in run.of("turn_end")]
    assert len(run.of("llm_call_start")) == len(run.of("llm_call_end"))
    assert unanswered_calls(run.result.messages) == []
    started = {call.tool_call_id for call in run.of("tool_call")}
    ended = [u.tool_call_id for u in run.of("tool_call_update") if u.status.is_terminal]
    assert sorted(ended) == sorted(started)
    waiting = [item.feedback_id for item in setup.feedback.pending("test_session")]
    for feedback_id in (prompt, line):
        recorded = [m for m in run.result.messages if m.get("feedback_id") == feedback_id]
        assert len(recorded) + waiting.count(feedback_id) == 1
    return run.result.status


async def test_cancellation_at_every_tick_of_a_reference_run() -> None:
    statuses = [await _reference_run(ticks) for ticks in range(40)]
    first_done = statuses.index(LoopStatus.DONE)
    assert first_done > 10
    assert set(statuses[:first_done]) == {LoopStatus.CANCELLED}
    assert set(statuses[first_done:]) == {LoopStatus.DONE}


async def test_a_tool_that_swallows_its_cancellation_cannot_keep_the_run_going() -> None:
    control = RunControl()

    async def stubborn(arguments: Any, context: ToolContext) -> ToolResult:
        try:
            await _forever()
        except asyncio.CancelledError:
            return ToolResult("I go on")
        return ToolResult("never")

    setup = Setup(
        [Reply("", calls=(("stubborn", {}),)), Reply("not sent")],
        tools=(make_tool("stubborn", run=stubborn),),
        control=control,
    )
    task = asyncio.create_task(setup.run())
    await until(lambda: any(getattr(e, "status", None) == "in_progress" for e in setup.sink.events))
    control.cancel("stop")
    run = await task
    assert run.result.status is LoopStatus.CANCELLED
    assert len(run.provider.requests) == 1


async def test_a_cancellation_during_session_end_hooks_changes_nothing() -> None:
    control = RunControl()
    finished: list[str] = []

    async def slow_hook(session_id: str) -> None:
        control.cancel("too late")
        await asyncio.sleep(0)
        finished.append(session_id)

    setup = Setup([Reply("done")], control=control)
    setup.session_end.add(slow_hook)
    run = await setup.run()
    assert finished == ["test_session"]
    assert [e.status for e in run.of("loop_end")] == [LoopStatus.DONE]


async def test_a_bug_in_a_provider_strands_no_line_and_leaves_nothing_open() -> None:
    setup = Setup([Reply("", calls=(("read", {}),), error=KeyError("choices"))])
    setup.push("a line")
    with pytest.raises(KeyError):
        await setup.run()
    types = [event.type for event in setup.sink.events]
    for opening, closing in (("llm_call_start", "llm_call_end"), ("turn_start", "turn_end")):
        assert types.count(opening) == types.count(closing) == 1
    assert types.count("loop_end") == 1
    delivered = [e for e in setup.sink.events if getattr(e, "state", None) == "delivered"]
    waiting = setup.feedback.pending("test_session")
    assert len(delivered) + len(waiting) == 1


async def test_a_cancelled_turn_of_the_text_format_reports_what_became_of_its_calls() -> None:
    control = RunControl()

    async def act(arguments: Any, context: ToolContext) -> ToolResult:
        if arguments["n"] == "2":
            await _forever()
        return ToolResult(f"did {arguments['n']}")

    calls = [f'<tool_call>\nact({{"n": "{n}"}})\n</tool_call>' for n in (1, 2, 3)]
    setup = Setup(
        [Reply("\n".join(calls))],
        tools=(make_tool("act", kind=ToolKind.EDIT, run=act),),
        options=LoopOptions(tool_format="text"),
        permissions=PermissionRules.parse({"allow": ["act"]}),
        control=control,
    )
    task = asyncio.create_task(setup.run())
    await until(
        lambda: [getattr(e, "status", None) for e in setup.sink.events].count("in_progress") == 2
    )
    control.cancel("stop")
    run = await task
    last = run.result.messages[-1]
    assert last["kind"] == "tool_results"
    text = str(last["content"])
    assert "did 1" in text
    assert text.count("interrupted before it finished") == 2
