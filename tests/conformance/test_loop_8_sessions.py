"""How a run keeps its session in step, and in what order it leaves (loop 8.1, 8.4, 8.5)."""

import asyncio
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import HarnError, LoopConfigError, ProviderError
from harn_tui.events.record import Event
from harn_tui.feedback.host_messages import HostMessage, HostMessageQueue
from harn_tui.json_types import JsonObject
from harn_tui.kinds import HostMessageMode, LifecycleEvent, LoopStatus, ProviderErrorCategory
from harn_tui.loop.ambient import current_session_id
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.config import LoopConfig, LoopRequest
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.loop.run import run_agent_loop
from harn_tui.sinks.emit import emit
from harn_tui.sinks.registry import SinkRegistry, use_registry
from harn_tui.sinks.scope import top_loop_sink
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.tools.registry import ToolRegistry
from harn_tui.transcripts.session_store import SessionStore
from tests.conformance.loop_driver import SESSION_ID, Reply, Script, Setup, make_tool

READ = make_tool("read")
LOOK = Reply("I look.", calls=(("read", {"path": "a"}),))


def stored(store: SessionStore, session_id: str = SESSION_ID) -> Any:
    """Return what the store has of the session, as JSON."""
    return store.snapshot(session_id)


def contents(store: SessionStore) -> list[Any]:
    return [message["content"] for message in stored(store)["messages"]]


def _in(store: SessionStore, *replies: Reply, **setup: Any) -> Setup:
    tools = setup.pop("tools", (READ,))
    return Setup(replies, tools=tools, extra={"sessions": store}, **setup)


async def test_loop_8_4_the_store_has_all_that_the_run_returns() -> None:
    store = SessionStore()
    run = await _in(store, LOOK, Reply("done")).run()
    kept = stored(store)
    assert kept["messages"] == list(run.result.messages)
    assert kept["events"] == run.result.transcript["events"]
    assert kept["state"] == "active"


async def test_loop_1_9_the_store_has_the_turns_prompt_before_the_model_is_called() -> None:
    store = SessionStore()
    seen: list[tuple[str, list[Any]]] = []

    def look() -> None:
        seen.append((stored(store)["state"], contents(store)))

    await _in(
        store, Reply("one", calls=(("read", {}),), before=look), Reply("two", before=look)
    ).run()
    assert seen == [("active", ["do it"]), ("active", ["do it", "one", "read []"])]


async def test_loop_8_4_a_typed_line_is_stored_before_its_call_and_taken_back_when_refused() -> (
    None
):
    store = SessionStore()
    refused = ProviderError("no key", category=ProviderErrorCategory.AUTH)
    seen: list[list[Any]] = []
    reply = Reply(error=refused, accepts=False, before=lambda: seen.append(contents(store)))
    setup = _in(store, reply)
    setup.push("a line")
    run = await setup.run()
    assert ["a line" in str(text) for text in seen[0]] == [False, True]
    assert run.result.status is LoopStatus.ERROR
    assert contents(store) == ["do it"]


async def test_loop_1_1_a_run_goes_on_where_the_session_stands() -> None:
    store = SessionStore()
    await _in(store, LOOK, Reply("done")).run()
    setup = _in(store, Reply("again"))
    run = await setup.run("and now")
    assert run.contents(0) == ["do it", "I look.", "read [('path', 'a')]", "done", "and now"]
    assert len(stored(store)["messages"]) == 6


async def test_loop_10_28_a_second_run_loses_nothing_of_the_first() -> None:
    store = SessionStore()
    await _in(store, LOOK, Reply("done")).run()
    before = stored(store)["events"]
    await _in(store, Reply("again")).run()
    assert stored(store)["events"][: len(before)] == before


async def test_loop_10_28_what_is_injected_while_a_run_goes_on_is_read_by_its_next_call() -> None:
    store = SessionStore()
    setup = _in(
        store,
        Reply(
            "one",
            calls=(("read", {}),),
            before=lambda: store.inject(SESSION_ID, {"role": "user", "content": "meanwhile"}),
        ),
        Reply("two"),
    )
    run = await setup.run()
    assert run.contents(1) == ["do it", "one", "read []", "meanwhile"]
    assert contents(store) == ["do it", "one", "read []", "meanwhile", "two"]


async def test_loop_10_28_what_is_injected_during_the_last_call_gets_one_more_turn() -> None:
    store = SessionStore()

    def inject() -> None:
        store.inject(SESSION_ID, {"role": "user", "content": "one thing more"})

    run = await _in(store, Reply("done", before=inject), Reply("that, too")).run()
    assert run.contents(1) == ["do it", "done", "one thing more"]


async def test_loop_8_4_nothing_is_stored_for_a_session_that_was_closed_meanwhile() -> None:
    store = SessionStore()
    setup = _in(
        store, Reply("", calls=(("read", {}),), before=lambda: store.close(SESSION_ID)), Reply("x")
    )
    run = await setup.run()
    assert run.result.status is LoopStatus.DONE
    assert not store.exists(SESSION_ID)
    assert [m["role"] for m in run.result.messages] == ["user", "assistant", "tool", "assistant"]


async def test_loop_8_4_a_run_without_a_session_is_stored_nowhere() -> None:
    store = SessionStore()
    config = LoopConfig(
        Script([Reply("hi")]), "m", ToolRegistry(()), session_id=" ", sessions=store
    )
    result = await run_agent_loop("do it", config)
    assert len(store) == 0
    assert result.session_id.strip()


async def test_a_session_runs_one_loop_at_a_time() -> None:
    store = SessionStore()
    refused: list[LoopConfigError] = []

    async def nest(arguments: JsonObject, context: ToolContext) -> ToolResult:
        try:
            await _in(store, Reply("in")).run()
        except LoopConfigError as error:
            refused.append(error)
        return ToolResult("tried")

    setup = _in(
        store, Reply("", calls=(("nest", {}),)), Reply("out"), tools=(make_tool("nest", run=nest),)
    )
    run = await setup.run()
    assert len(refused) == 1
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_26_a_nested_loop_without_a_session_leaves_its_parents_alone() -> None:
    store = SessionStore()
    nested: list[str] = []

    async def nest(arguments: JsonObject, context: ToolContext) -> ToolResult:
        config = LoopConfig(Script([Reply("in")]), "m", ToolRegistry(()), sessions=store)
        result = await run_agent_loop("inner", config)
        nested.append(result.session_id)
        assert [m["content"] for m in result.messages] == ["inner", "in"]
        return ToolResult("nested")

    setup = _in(
        store, Reply("", calls=(("nest", {}),)), Reply("out"), tools=(make_tool("nest", run=nest),)
    )
    await setup.run()
    assert nested != [SESSION_ID]
    assert contents(store) == ["do it", "", "nested", "out"]
    assert list(store) == [SESSION_ID]


@pytest.mark.parametrize("status", [LoopStatus.ERROR, LoopStatus.CANCELLED, LoopStatus.STUCK])
async def test_loop_8_2_a_session_whose_run_is_not_done_is_paused(status: LoopStatus) -> None:
    store = SessionStore()
    control = RunControl()
    error = HarnError("no")
    replies = {
        LoopStatus.ERROR: Reply(error=error),
        LoopStatus.CANCELLED: Reply("half", before=lambda: control.cancel("stop"), midway=_pause),
        LoopStatus.STUCK: Reply("hm"),
    }
    options = LoopOptions(persistent=True, max_nudges=0)
    setup = _in(store, replies[status], control=control, options=options)
    run = await setup.run()
    assert run.result.status is status
    assert stored(store)["state"] == "paused"
    assert stored(store)["messages"] == list(run.result.messages)


async def _pause() -> None:
    await asyncio.sleep(0)


async def test_loop_1_9_a_run_that_is_refused_leaves_its_session_free() -> None:
    store = SessionStore()
    setup = _in(store, options=LoopOptions(compact_strategy="custom"))
    with pytest.raises(LoopConfigError):
        await setup.run()
    assert (await _in(store, Reply("hi")).run()).result.status is LoopStatus.DONE


# The order of leaving


class Order:
    """What happened at the end of a run, in order."""

    def __init__(self, store: SessionStore) -> None:
        self.steps: list[str] = []
        self._store = store

    def handle_event(self, event: Event) -> None:
        if event.type in {"turn_end", "budget_exhausted", "loop_end"}:
            self.steps.append(f"{event.type} {stored(self._store)['state']}")

    def session_end(self, session_id: str) -> None:
        assert session_id == SESSION_ID
        self.steps.append(f"session-end hook {stored(self._store)['state']}")


async def test_loop_8_1_budget_then_finalize_then_session_end_hooks() -> None:
    store = SessionStore()
    order = Order(store)
    setup = _in(store, LOOK, options=LoopOptions(max_iterations=1))
    setup.host_messages.push("late", HostMessageMode.WAIT_FOR_COMPLETION)
    setup.session_end.add(order.session_end)
    with use_registry(SinkRegistry()) as registry:
        registry.register_sink(SESSION_ID, order)
        run = await setup.run()
    assert order.steps == [
        "turn_end active",
        "budget_exhausted active",
        "loop_end paused",
        "session-end hook paused",
    ]
    assert run.result.deferred_user_messages == ("late",)


async def test_loop_8_5_session_end_hooks_hear_of_every_end_once() -> None:
    for reply in (Reply("done"), Reply(error=HarnError("no"))):
        setup = Setup([reply])
        ended: list[str] = []
        setup.session_end.add(ended.append)
        await setup.run()
        assert ended == [SESSION_ID]


async def test_loop_8_5_session_end_hooks_run_even_when_finalize_fails() -> None:
    class BrokenMessages(HostMessageQueue):
        def take(self, mode: HostMessageMode) -> tuple[HostMessage, ...]:
            if mode is HostMessageMode.WAIT_FOR_COMPLETION:
                raise RuntimeError("out of order")
            return ()

    setup = Setup([Reply(error=HarnError("no"))], host_messages=BrokenMessages())
    ended: list[str] = []
    setup.session_end.add(ended.append)
    with pytest.raises(RuntimeError, match="out of order"):
        await setup.run()
    assert ended == [SESSION_ID]
    assert [event.type for event in setup.sink.events].count("loop_end") == 1


async def test_loop_1_9_after_a_run_its_sink_and_its_session_are_gone_from_the_context() -> None:
    setup = Setup([Reply("hi")])
    run = await setup.run()
    count = len(run.events)
    assert top_loop_sink() is None
    assert current_session_id() is None
    emit(run.events[0])
    assert len(setup.sink.events) == count


async def test_loop_1_9_while_a_run_goes_on_its_session_is_the_current_one() -> None:
    seen: list[str | None] = []
    hooks = LifecycleHooks()
    hooks.add(LifecycleEvent.PRE_AGENT_TURN, "*", lambda payload: seen.append(current_session_id()))
    await Setup([Reply("hi")], extra={"hooks": hooks}).run()
    assert seen == [SESSION_ID]


async def test_loop_10_27_sinks_that_a_host_registered_hear_the_next_run_too() -> None:
    heard: list[str] = []

    class Listener:
        def handle_event(self, event: Event) -> None:
            heard.append(event.type)

    with use_registry(SinkRegistry()) as registry:
        registry.register_sink(SESSION_ID, Listener())
        for _ in range(2):
            await Setup([Reply("hi")]).run()
    assert heard.count("loop_end") == 2


async def test_loop_10_40_feedback_that_no_run_read_is_still_queued_for_the_session() -> None:
    setup = Setup([Reply("done")], options=LoopOptions(max_iterations=1))
    setup.provider._replies = [Reply("done", before=lambda: setup.push("late"))]
    await setup.run()
    assert [item.content for item in setup.feedback.pending(SESSION_ID)] == ["late"]
    (left,) = setup.feedback.leftovers(SESSION_ID)
    assert left.state == "undelivered"
    assert setup.feedback.pending(SESSION_ID) == ()


async def test_loop_8_2_turns_are_numbered_from_0_in_events_and_counted_in_the_result() -> None:
    run = await Setup([LOOK, Reply("done")], tools=(READ,)).run(LoopRequest("do it"))
    assert [event.iteration for event in run.of("turn_start")] == [0, 1]
    assert [event.iteration for event in run.of("llm_call_start")] == [0, 1]
    assert [event.turn_info["iteration"] for event in run.of("turn_end")] == [0, 1]
    assert run.of("loop_end")[0].iterations == run.result.iterations == 2
