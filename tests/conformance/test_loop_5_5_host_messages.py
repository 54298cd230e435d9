"""Section 5.5 in a running loop: each mode of a host's message at its checkpoint."""

import asyncio
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.kinds import HostMessageMode, LoopStatus, ProviderErrorCategory
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.cancellation import RunControl
from harn_tui.store.history import MessageFold
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool, until
from tests.conformance.observed import hold_answers, hold_frames, shape, transcript_events

READ = make_tool("read")
NOW = HostMessageMode.INTERRUPT_IMMEDIATE
STEP = HostMessageMode.FINISH_STEP
END = HostMessageMode.WAIT_FOR_COMPLETION
MODES = [NOW, STEP, END]


def saying(setup: Setup, *modes: HostMessageMode, calls: bool = True) -> Reply:
    """Return a reply during which the host says one message of each mode, named after it."""

    def say() -> None:
        for mode in modes:
            setup.host_messages.push(mode.value, mode)

    return Reply("", calls=(("read", {}),), before=say) if calls else Reply("text", before=say)


async def test_loop_5_5_each_mode_of_a_tool_turn_has_its_place() -> None:
    setup = Setup([], tools=(READ,))
    setup.provider._replies = [
        saying(setup, END, STEP),
        Reply("done"),
        Reply("really done"),
    ]
    run = await setup.run()
    assert run.contents(1)[-2:] == ["read []", "finish_step"]
    assert run.contents(2)[-2:] == ["done", "wait_for_completion"]
    assert run.result.deferred_user_messages == ()
    hold_frames(run.events)


async def test_loop_10_52_a_checkpoint_takes_what_is_more_urgent_as_well() -> None:
    setup = Setup([], tools=(READ,))
    setup.provider._replies = [saying(setup, END, STEP, NOW), Reply("done"), Reply("end")]
    run = await setup.run()
    assert run.contents(1)[-3:] == ["read []", "finish_step", "interrupt_immediate"]


async def test_loop_5_5_an_interrupting_message_does_not_cut_a_call_in_flight() -> None:
    setup = Setup([Reply("", calls=(("read", {}),)), Reply("done")])

    async def interrupted(arguments: Any, context: ToolContext) -> ToolResult:
        setup.host_messages.push("stop that", NOW)
        await asyncio.sleep(0)
        return ToolResult("all of it")

    setup.tools = (make_tool("read", run=interrupted),)
    run = await setup.run()
    assert run.contents(1) == ["do it", "", "all of it", "stop that"]


async def test_loop_5_5_messages_keep_their_order_within_a_checkpoint() -> None:
    setup = Setup([Reply("ok")])
    for number in range(5):
        setup.host_messages.push(f"number {number}", NOW)
    run = await setup.run()
    assert run.contents(0) == ["do it", *(f"number {n}" for n in range(5))]


@pytest.mark.parametrize("mode", MODES)
async def test_loop_10_52_a_message_during_the_last_reply_gets_a_turn(
    mode: HostMessageMode,
) -> None:
    setup = Setup([])
    setup.provider._replies = [saying(setup, mode, calls=False), Reply("answered")]
    run = await setup.run()
    assert run.contents(1) == ["do it", "text", mode.value]
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 2)


@pytest.mark.parametrize("mode", MODES)
async def test_loop_10_52_an_accepted_completion_waits_for_a_message(
    mode: HostMessageMode,
) -> None:
    setup = Setup([], options=LoopOptions(persistent=True))
    done = saying(setup, mode, calls=False)
    setup.provider._replies = [Reply("##DONE##", before=done.before), Reply("##DONE##")]
    run = await setup.run()
    assert run.contents(1) == ["do it", "##DONE##", mode.value]
    assert run.result.status is LoopStatus.DONE


@pytest.mark.parametrize("mode", MODES)
async def test_loop_10_52_a_stop_by_tools_or_callback_waits_for_a_message(
    mode: HostMessageMode,
) -> None:
    stops: list[dict[str, Any]] = [
        {"options": LoopOptions(stop_after_successful_tools=("read",), max_iterations=2)},
        {"extra": {"callbacks": LoopCallbacks(post_turn=lambda info: True)}},
    ]
    for stop in stops:
        setup = Setup([], tools=(READ,), **stop)
        setup.provider._replies = [saying(setup, mode), Reply("answered")]
        run = await setup.run()
        assert run.contents(1)[-1] == mode.value
        assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 2)


@pytest.mark.parametrize("mode", MODES)
async def test_loop_5_5_what_no_turn_is_left_for_is_listed_once_and_not_in_the_history(
    mode: HostMessageMode,
) -> None:
    setup = Setup([], options=LoopOptions(max_iterations=1))
    setup.provider._replies = [saying(setup, mode, calls=False)]
    run = await setup.run()
    assert run.result.deferred_user_messages == (mode.value,)
    assert [m["content"] for m in run.result.messages] == ["do it", "text"]
    assert len(setup.host_messages) == 0


async def test_loop_5_5_a_stuck_loop_lists_what_nobody_has_read() -> None:
    setup = Setup([], options=LoopOptions(persistent=True, max_nudges=0))
    setup.provider._replies = [saying(setup, END, calls=False)]
    run = await setup.run()
    assert run.result.status is LoopStatus.STUCK
    assert run.result.deferred_user_messages == ("wait_for_completion",)


async def test_loop_10_39_a_failed_call_loses_no_message_of_the_host() -> None:
    refused = ProviderError("no key", category=ProviderErrorCategory.AUTH)
    setup = Setup([Reply(error=refused, accepts=False)])
    for mode in MODES:
        setup.host_messages.push(mode.value, mode)
    run = await setup.run()
    assert run.result.status is LoopStatus.ERROR
    recorded = [m["content"] for m in run.result.messages]
    assert recorded == ["do it", "interrupt_immediate"]
    assert run.result.deferred_user_messages == ("finish_step", "wait_for_completion")


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def test_loop_10_54_a_cancelled_run_loses_no_message_of_the_host() -> None:
    control = RunControl()
    setup = Setup([Reply("half", midway=_for_ever)], control=control)
    task = asyncio.create_task(setup.run())
    await until(lambda: bool(setup.provider.requests))
    for mode in MODES:
        setup.host_messages.push(mode.value, mode)
    control.cancel("enough")
    run = await task
    assert run.result.status is LoopStatus.CANCELLED
    assert run.result.deferred_user_messages == tuple(mode.value for mode in MODES)


async def test_loop_5_5_each_message_is_noted_with_how_it_wanted_to_be_delivered() -> None:
    setup = Setup([], tools=(READ,))
    setup.host_messages.push("at once", NOW)
    setup.provider._replies = [saying(setup, STEP), Reply("done")]
    run = await setup.run()
    notes = transcript_events(run, "host_input")
    assert [(note["metadata"]["delivery"], note["text"]) for note in notes] == [
        ("InterruptImmediate", "at once"),
        ("FinishStep", "finish_step"),
    ]


async def test_loop_10_30_the_log_tells_every_request_with_the_hosts_messages_in_it() -> None:
    setup = Setup([], tools=(READ,))
    setup.host_messages.push("at once", NOW)
    logged: list[list[Any]] = []

    def say_all() -> None:
        logged.append(_folded(setup))
        for mode in MODES:
            setup.host_messages.push(mode.value, mode)

    setup.provider._replies = [
        Reply("", calls=(("read", {}),), before=say_all),
        Reply("done", before=lambda: logged.append(_folded(setup))),
        Reply("end", before=lambda: logged.append(_folded(setup))),
    ]
    run = await setup.run()
    sent = [[m["content"] for m in request.messages] for request in run.provider.requests]
    assert logged == sent
    assert [m["content"] for m in run.result.messages] == _folded(setup)


def _folded(setup: Setup) -> list[Any]:
    fold = MessageFold()
    for event in setup.sink.events:
        fold.take(event)
    return [message["content"] for message in fold.messages]


async def test_loop_5_5_a_message_stands_in_the_log_as_the_persons_own() -> None:
    setup = Setup([Reply("ok")])
    setup.host_messages.push("at once", NOW)
    run: Run = await setup.run()
    said = [(event.content, event.mode) for event in run.of("user_message")]
    assert said == [("do it", END), ("at once", NOW)]
    assert shape(run.provider.requests[0].messages) == ["user", "user"]
    hold_answers(run.result.messages)
