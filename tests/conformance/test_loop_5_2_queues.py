"""Sections 5.2 and 1.9 in a running loop: two queues, whose lines go where, and in what order."""

import asyncio
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.events.record import Event
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import Boundary, HostMessageMode, LifecycleEvent, LoopStatus
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.sinks.base import CollectingSink
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.transcripts.session_store import SessionStore
from tests.conformance.loop_driver import SESSION_ID, Reply, Setup, make_tool
from tests.conformance.observed import shape, told

READ = make_tool("read")
CALL = Reply("", calls=(("read", {}),))


def lines(setup: Setup, request: int) -> list[str]:
    """Return the kinds of the feedback of a request, without what came before."""
    found = shape(setup.provider.requests[request].messages)
    return [kind for kind in found if kind not in {"user", "assistant", "tool"}]


async def test_loop_5_2_the_loops_own_queue_comes_before_the_one_of_threads() -> None:
    setup = Setup([Reply("ok")])
    push, push_threadsafe = setup.feedback.push, setup.feedback.push_threadsafe
    await asyncio.to_thread(push_threadsafe, SESSION_ID, "t1", "x")
    push(SESSION_ID, "l1", "x")
    await asyncio.to_thread(push_threadsafe, SESSION_ID, "t2", "x")
    push(SESSION_ID, "l2", "x")
    run = await setup.run()
    assert lines(setup, 0) == ["l1", "l2", "t1", "t2"]
    assert [event.kind for event in run.of("feedback_injected")] == ["l1", "l2", "t1", "t2"]


async def test_loop_5_2_a_line_pushed_by_a_tools_thread_is_in_the_next_request() -> None:
    setup = Setup([CALL, Reply("ok")])

    async def from_thread(arguments: Any, context: ToolContext) -> ToolResult:
        push = setup.feedback.push_threadsafe
        await asyncio.to_thread(push, context.session_id, "tool_result", '{"exit_code": 0}')
        return ToolResult("started")

    setup.tools = (make_tool("read", run=from_thread),)
    await setup.run()
    assert lines(setup, 1) == ["tool_result"]


async def test_loop_5_2_loops_on_one_queue_take_their_own_lines_alone() -> None:
    queue = FeedbackQueue()
    setups = [Setup([CALL, Reply("ok")], tools=(READ,), feedback=queue) for _ in range(3)]
    for number in range(6):
        queue.push(f"session-{number % 3}", "user", f"line {number}")
        queue.push_threadsafe(f"session-{number % 3}", "user", f"thread {number}")
    queue.push("nobody", "user", "for another day")

    async def run(number: int, setup: Setup) -> None:
        setup.session_id = f"session-{number}"
        await setup.run()

    await asyncio.gather(*(run(number, setup) for number, setup in enumerate(setups)))
    for number, setup in enumerate(setups):
        injected: list[Any] = [e for e in setup.sink.events if e.type == "feedback_injected"]
        assert [event.content for event in injected] == [
            f"line {number}",
            f"line {number + 3}",
            f"thread {number}",
            f"thread {number + 3}",
        ]
        assert {event.session_id for event in setup.sink.events} == {f"session-{number}"}
    assert [item.content for item in queue.pending("nobody")] == ["for another day"]


async def test_loop_1_9_lines_of_the_hook_and_of_turn_start_are_in_the_request_of_their_turn() -> (
    None
):
    setup = Setup([Reply("ok")])
    hooks = LifecycleHooks()
    hooks.add(LifecycleEvent.PRE_AGENT_TURN, "*", lambda payload: setup.push("x", kind="hook"))
    setup.extra["hooks"] = hooks
    setup.sink = Pusher(setup, "turn_start", "from_event")
    await setup.run()
    assert lines(setup, 0) == ["hook", "from_event"]


async def test_loop_1_9_a_line_queued_while_others_are_injected_waits_for_the_next_turn() -> None:
    setup = Setup([CALL, Reply("ok")], tools=(READ,))
    setup.sink = Pusher(setup, "feedback_injected", "later", limit=1)
    setup.push("a", kind="first")
    setup.push("b", kind="second")
    await setup.run()
    assert lines(setup, 0) == ["first", "second"]
    assert lines(setup, 1) == ["first", "second", "later"]


class Pusher(CollectingSink):
    """Queues a line of ``kind`` whenever it hears an event of a type."""

    def __init__(self, setup: Setup, event_type: str, kind: str, limit: int = 1) -> None:
        super().__init__()
        self._setup, self._event_type, self._kind, self._left = setup, event_type, kind, limit

    def handle_event(self, event: Event) -> None:
        super().handle_event(event)
        if event.type == self._event_type and self._left:
            self._left -= 1
            self._setup.push("x", kind=self._kind)


async def test_loop_1_9_interrupting_messages_come_before_feedback_and_the_ledger_last() -> None:
    setup = Setup([Reply("ok")], options=LoopOptions(deliverables=("a",)))
    setup.push("a line")
    setup.host_messages.push("interrupt", HostMessageMode.INTERRUPT_IMMEDIATE)
    setup.push("another", kind="monitor")
    await setup.run()
    messages = setup.provider.requests[0].messages
    assert shape(messages) == ["user", "user", "user", "monitor", "task_ledger"]
    assert str(messages[1]["content"]) == "interrupt"
    assert "a line" in str(messages[2]["content"])


async def test_loop_5_2_many_kinds_keep_the_order_in_which_they_were_pushed() -> None:
    setup = Setup([CALL, Reply("ok")], tools=(READ,))
    kinds = ["user", "command_policy", "tool_result", "user", "weird kind", "user"]
    for number, kind in enumerate(kinds):
        setup.push(f"number {number}", kind=kind)
    run = await setup.run()
    assert [event.kind for event in run.of("feedback_injected")] == kinds
    texts = [str(m["content"]) for m in setup.provider.requests[0].messages[1:]]
    assert [f"number {n}" in text for n, text in enumerate(texts)] == [True] * 6
    repeated = [str(m["content"]) for m in setup.provider.requests[1].messages[1:7]]
    assert repeated == texts


async def test_loop_5_2_only_lines_of_the_queue_are_announced_as_injected() -> None:
    run = await Setup(
        [Reply("hm"), Reply("##DONE##"), CALL, Reply("##DONE##")],
        tools=(READ,),
        options=LoopOptions(persistent=True),
    ).run()
    assert {"nudge", "sentinel_without_action"} <= set(shape(run.result.messages))
    assert run.of("feedback_injected") == []


async def test_loop_5_2_a_line_that_is_being_edited_is_passed_over_and_keeps_its_place() -> None:
    setup = Setup([], tools=(READ,))
    held = setup.push("x", kind="held")
    setup.push("x", kind="free")
    setup.feedback.hold(held)

    def release() -> None:
        setup.push("x", kind="late")
        setup.feedback.release(held, "edited")

    setup.provider._replies = [Reply("", calls=(("read", {}),), before=release), Reply("ok")]
    run = await setup.run()
    assert lines(setup, 0) == ["free"]
    assert lines(setup, 1) == ["free", "held", "late"]
    assert "edited" in told(run.result.messages, "held")[0]


async def test_loop_5_2_what_a_failed_run_left_is_in_the_first_request_of_the_next() -> None:
    refused = ProviderError("no key", category=Category.AUTH)
    setup = Setup([Reply(error=refused, accepts=False), Reply("ok")])
    setup.push("one")
    setup.feedback.push_threadsafe(SESSION_ID, "user", "two")
    assert (await setup.run()).result.status is LoopStatus.ERROR
    again = await setup.run("try again")
    assert [event.content for event in again.of("feedback_injected")][-2:] == ["one", "two"]
    contents = [str(m["content"]) for m in setup.provider.requests[1].messages]
    assert [word in text for word, text in zip(["one", "two"], contents[1:], strict=True)] == [
        True,
        True,
    ]


@pytest.mark.parametrize("boundary", [Boundary.NOW, Boundary.NEXT_PREFLIGHT])
async def test_loop_5_2_lines_for_the_end_of_the_run_stay_while_others_are_taken(
    boundary: Boundary,
) -> None:
    setup = Setup([Reply("ok")])
    setup.feedback.push(SESSION_ID, "user", "afterwards", Boundary.AFTER_RUN)
    setup.feedback.push(SESSION_ID, "user", "soon", boundary)
    run = await setup.run()
    assert [event.content for event in run.of("feedback_injected")] == ["soon"]
    assert [item.content for item in setup.feedback.pending(SESSION_ID)] == ["afterwards"]


async def test_loop_1_9_the_session_holds_the_lines_of_a_turn_before_its_call_starts() -> None:
    store = SessionStore()
    held: list[list[str]] = []
    setup = Setup([], extra={"sessions": store})

    def look() -> None:
        snapshot: Any = store.snapshot(SESSION_ID)
        held.append(shape(snapshot["messages"]))

    refused = ProviderError("no key", category=Category.AUTH)
    setup.provider._replies = [
        Reply(before=look, error=refused, accepts=False),
        Reply("ok", before=look),
    ]
    setup.push("x", kind="monitor")
    await setup.run()
    look()
    await setup.run("again")
    assert held == [["user", "monitor"], ["user"], ["user", "user", "monitor"]]
