"""Statements of docs/loop.md on the order of the phases and of what is heard in them."""

import asyncio
from collections.abc import Callable
from typing import Any

from harn_tui.config.loop_options import LoopOptions
from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import HostMessageMode, LifecycleEvent, LoopStatus
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.config import LoopRequest
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.sinks.base import CollectingSink
from harn_tui.sinks.registry import current_registry
from harn_tui.transcripts.session_store import SessionStore
from tests.conformance.loop_driver import SESSION_ID, Reply, Setup, make_tool
from tests.conformance.observed import TURN_EVENTS

READ = make_tool("read")
CALL = Reply("", calls=(("read", {}),))


class Trail(CollectingSink):
    """Keeps in one list what happened: events by their type, and what hooks and others add."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[str] = []

    def handle_event(self, event: Event) -> None:
        super().handle_event(event)
        status = f" {event.status}" if isinstance(event, ToolCallUpdate) else ""
        self.steps.append(event.type + status)

    def hooks(self) -> LifecycleHooks:
        """Return hooks that leave their event in the trail."""
        hooks = LifecycleHooks()
        for event in LifecycleEvent:
            hooks.add(event, "*", lambda payload: self.steps.append(str(payload["event"])))
        return hooks

    def note(self, step: str, value: object = None) -> Callable[..., object]:
        """Return a function of any arguments that leaves ``step`` in the trail."""

        def leave(*arguments: object) -> object:
            self.steps.append(step)
            return value

        return leave

    def only(self, *steps: str) -> list[str]:
        """Return the trail without all other steps."""
        return [step for step in self.steps if step in steps]


async def test_loop_1_3_a_tool_turn_goes_through_the_phases_in_order() -> None:
    trail = Trail()
    setup = Setup(
        [CALL, Reply("ok")],
        tools=(READ,),
        sink=trail,
        extra={
            "hooks": trail.hooks(),
            "callbacks": LoopCallbacks(post_turn=trail.note("callback")),
        },
    )
    await setup.run()
    turn = [
        "PreAgentTurn",
        "turn_start",
        "llm_call_start",
        "llm_call_end",
        "tool_call_update in_progress",
        "tool_call_update completed",
        "PostAgentTurn",
        "turn_end",
        "callback",
    ]
    assert trail.only(*turn)[: len(turn) + 1] == [*turn, "PreAgentTurn"]


async def test_loop_1_3_turns_are_counted_from_0_in_events_and_from_1_in_results() -> None:
    setup = Setup([CALL, Reply("ok")], tools=(READ,))
    run = await setup.run()
    assert [event.iteration for event in run.of("turn_start")] == [0, 1]
    assert [event.iteration for event in run.of("llm_call_start")] == [0, 1]
    assert run.result.iterations == run.of("loop_end")[0].iterations == 2


async def test_loop_1_3_there_are_at_most_max_iterations_turns() -> None:
    replies = [Reply("", calls=(("read", {"n": str(n)}),)) for n in range(9)]
    run = await Setup(replies, tools=(READ,), options=LoopOptions(max_iterations=3)).run()
    assert len(run.provider.requests) == len(run.of("turn_end")) == 3


async def test_loop_1_4_the_hook_is_told_both_counts_of_turns() -> None:
    told: list[Any] = []
    hooks = LifecycleHooks()
    hooks.add(LifecycleEvent.PRE_AGENT_TURN, "*", told.append)
    await Setup([CALL, Reply("ok")], tools=(READ,), extra={"hooks": hooks}).run()
    assert told == [
        {
            "event": "PreAgentTurn",
            "session": {"id": SESSION_ID},
            "turn": {"iteration": n, "total_iterations": n + 1},
        }
        for n in (0, 1)
    ]


async def test_loop_1_4_what_a_hook_returns_changes_nothing() -> None:
    hooks = LifecycleHooks()
    for event in TURN_EVENTS:
        hooks.add(event, "*", lambda payload: {"stop": True, "message": "no"})
    setup = Setup([CALL, Reply("ok")], tools=(READ,), extra={"hooks": hooks})
    run = await setup.run()
    assert run.result.status is LoopStatus.DONE
    assert not any("no" in content for content in run.contents(1))


async def test_loop_1_4_a_history_that_is_too_long_is_compacted_before_the_hooks() -> None:
    trail = Trail()
    history = tuple[JsonObject, ...](
        {"role": role, "content": f"{n} " + "x" * 400}
        for n in range(8)
        for role in ("user", "assistant")
    )
    setup = Setup(
        [Reply("ok")],
        sink=trail,
        options=LoopOptions(
            compaction={"type": "truncate", "keep_last": 2}, compact_threshold=1000
        ),
        extra={"hooks": trail.hooks()},
    )
    run = await setup.run(LoopRequest("go on", history=history))
    order = ("transcript_compacted", "PreAgentTurn", "turn_start", "llm_call_start")
    assert trail.only(*order) == list(order)
    assert run.of("transcript_compacted")[0].mode == "preflight"


async def test_loop_1_4_the_ledger_is_sent_last_and_never_kept() -> None:
    setup = Setup([Reply("ok")], options=LoopOptions(deliverables=("a report",)))
    setup.push("and be quick")
    run = await setup.run()
    assert "a report" in run.contents(0)[-1]
    assert 'kind="task_ledger"' in run.contents(0)[-1]
    kept = [str(message["content"]) for message in run.result.messages]
    assert not any("task_ledger" in content for content in kept)
    assert not any("task_ledger" in str(e.message) for e in run.of("message_recorded"))


async def test_loop_1_4_system_and_tools_are_fixed_before_the_turns_hooks_run() -> None:
    hooks = LifecycleHooks()
    setup = Setup([Reply("ok")], tools=(READ,), extra={"system": "Be brief.", "hooks": hooks})
    hooks.add(LifecycleEvent.PRE_AGENT_TURN, "*", lambda payload: payload.clear())
    run = await setup.run()
    assert (run.provider.requests[0].system or "").startswith("Be brief.")
    assert [tool.name for tool in run.provider.requests[0].tools] == ["read"]


async def test_loop_1_4_an_interrupting_message_is_noted_in_the_transcript() -> None:
    setup = Setup([Reply("ok")])
    setup.host_messages.push("stop that", HostMessageMode.INTERRUPT_IMMEDIATE)
    run = await setup.run()
    assert [event.content for event in run.of("user_message")] == ["do it", "stop that"]
    (noted,) = _transcript_events(run.result.transcript, "host_input")
    assert noted["metadata"] == {"delivery": "InterruptImmediate"}


async def test_loop_1_9_the_session_holds_the_prompt_before_the_call_starts() -> None:
    sessions = SessionStore()
    lengths: list[int] = []
    setup = Setup(
        [Reply("ok", before=lambda: lengths.append(sessions.length(SESSION_ID)))],
        extra={"sessions": sessions},
    )
    await setup.run()
    assert lengths == [1]
    assert sessions.length(SESSION_ID) == 2


async def test_loop_1_3_the_session_is_up_to_date_at_the_end_of_every_turn() -> None:
    sessions = SessionStore()
    lengths: list[int] = []
    hooks = LifecycleHooks()
    hooks.add(
        LifecycleEvent.POST_AGENT_TURN,
        "*",
        lambda payload: lengths.append(sessions.length(SESSION_ID)),
    )
    setup = Setup([CALL, Reply("ok")], tools=(READ,), extra={"sessions": sessions, "hooks": hooks})
    await setup.run()
    assert lengths == [3, 4]


async def test_loop_1_9_registered_sinks_hear_first_then_the_runs_own_then_subscribers() -> None:
    heard: list[str] = []

    class Registered(CollectingSink):
        def handle_event(self, event: Event) -> None:
            heard.append(f"registered {event.type}")

    class Own(CollectingSink):
        def handle_event(self, event: Event) -> None:
            heard.append(f"own {event.type}")

    async def subscriber(event: Event) -> None:
        heard.append(f"subscriber {event.type}")

    registry = current_registry()
    registry.register_sink(SESSION_ID, Registered())
    registry.subscribe(SESSION_ID, subscriber)
    await Setup([Reply("ok")], sink=Own()).run()
    at = heard.index("registered turn_start")
    assert heard[at : at + 3] == [
        f"{who} turn_start" for who in ("registered", "own", "subscriber")
    ]


async def test_loop_1_9_subscribers_are_awaited_one_at_a_time_and_the_run_waits() -> None:
    trail = Trail()

    def subscriber(name: str) -> Callable[[Event], Any]:
        async def hear(event: Event) -> None:
            if event.type == "turn_start":
                trail.steps.append(f"{name} begins")
                await asyncio.sleep(0)
                trail.steps.append(f"{name} ends")

        return hear

    for name in ("first", "second"):
        current_registry().subscribe(SESSION_ID, subscriber(name))
    await Setup([Reply("ok")], sink=trail).run()
    at = trail.steps.index("turn_start")
    assert trail.steps[at : at + 6] == [
        "turn_start",
        "first begins",
        "first ends",
        "second begins",
        "second ends",
        "llm_call_start",
    ]


async def test_loop_1_9_subscribers_are_not_told_of_what_streams() -> None:
    heard: list[str] = []

    async def subscriber(event: Event) -> None:
        heard.append(event.type)

    current_registry().subscribe(SESSION_ID, subscriber)
    run = await Setup([Reply("one two three", thinking="hm")]).run()
    streamed = {"agent_message_chunk", "agent_thought_chunk"}
    assert streamed <= set(run.types())
    assert not streamed & set(heard)
    assert "llm_call_start" in heard


async def test_loop_1_9_a_listener_that_fails_does_the_run_no_harm() -> None:
    async def broken(event: Event) -> None:
        raise RuntimeError("broken subscriber")

    class Broken(CollectingSink):
        def handle_event(self, event: Event) -> None:
            raise RuntimeError("broken sink")

    current_registry().register_sink(SESSION_ID, Broken())
    current_registry().subscribe(SESSION_ID, broken)
    run = await Setup([CALL, Reply("ok")], tools=(READ,)).run()
    assert run.result.status is LoopStatus.DONE
    assert len([event for event in run.of("notice") if "passed over" in event.text]) == 2


def _transcript_events(transcript: JsonObject, kind: str) -> list[JsonObject]:
    events = transcript["events"]
    assert isinstance(events, list)
    return [event for event in events if isinstance(event, dict) and event["kind"] == kind]
