"""Statements of docs/loop.md on how a run ends, however it ends: in order, once, and for all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import HarnError, ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LifecycleEvent, LoopStatus, NoticeLevel, ProviderErrorCategory
from harn_tui.loop.ambient import current_session_id
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.sinks.emit import emit
from harn_tui.transcripts.session_store import SessionStore
from tests.conformance.loop_driver import SESSION_ID, Reply, Run, Setup, make_tool

READ = make_tool("read")
CALL = Reply("look", calls=(("read", {}),))


def _fails(payload: JsonObject) -> object:
    raise HarnError("out of order", hint="Mend it.")


def _failing_hook(event: LifecycleEvent) -> Callable[[Path], Setup]:
    def setup(folder: Path) -> Setup:
        hooks = LifecycleHooks()
        hooks.add(event, "*", _fails)
        return Setup([CALL, Reply("ok")], tools=(READ,), extra={"hooks": hooks})

    return setup


def _failing_callback(folder: Path) -> Setup:
    callbacks = LoopCallbacks(post_turn=_fails)
    return Setup([CALL, Reply("ok")], tools=(READ,), extra={"callbacks": callbacks})


def _failing_call(folder: Path) -> Setup:
    error = ProviderError("out of order", category=ProviderErrorCategory.AUTH)
    return Setup([CALL, Reply(error=error, accepts=False)], tools=(READ,))


def _failing_stream(folder: Path) -> Setup:
    error = ProviderError("out of order", category=ProviderErrorCategory.GENERIC)
    return Setup([CALL, Reply("half", error=error)], tools=(READ,))


def _failing_snapshot(folder: Path) -> Setup:
    blocked = folder / "file"
    blocked.write_text("", encoding="utf-8")
    options = LoopOptions(daemon=True, persist_path=str(blocked / "daemon.json"))
    return Setup([CALL, Reply("hm")], tools=(READ,), options=options)


FAILURES = {
    "the hook before a turn": _failing_hook(LifecycleEvent.PRE_AGENT_TURN),
    "the hook after a turn": _failing_hook(LifecycleEvent.POST_AGENT_TURN),
    "the callback": _failing_callback,
    "the model call": _failing_call,
    "the stream": _failing_stream,
    "the snapshot": _failing_snapshot,
}


@pytest.fixture(params=list(FAILURES))
def failing(request: pytest.FixtureRequest, tmp_path: Path) -> Setup:
    """A run that fails in one of its phases."""
    return FAILURES[request.param](tmp_path)


def _hold_frames(run: Run) -> None:
    types = run.types()
    assert types.count("loop_start") == types.count("loop_end") == 1
    assert types.count("turn_start") == types.count("turn_end")
    assert types.count("llm_call_start") == types.count("llm_call_end")
    starts = {event.tool_call_id for event in run.of("tool_call")}
    ends = [e.tool_call_id for e in run.of("tool_call_update") if e.status.is_terminal]
    assert sorted(ends) == sorted(starts)


async def test_loop_10_39_a_failure_is_a_result_with_the_status_error(failing: Setup) -> None:
    run = await failing.run()
    assert run.result.status is LoopStatus.ERROR
    assert run.result.error
    assert run.result.reason == run.result.error
    assert run.of("loop_end")[0].status is LoopStatus.ERROR


async def test_loop_10_39_a_failed_run_is_finalized_once_with_all_its_frames(
    failing: Setup,
) -> None:
    _hold_frames(await failing.run())


async def test_loop_10_39_session_end_hooks_fire_after_a_failure_too(failing: Setup) -> None:
    fired: list[str] = []
    failing.session_end.add(fired.append)
    await failing.run()
    assert fired == [SESSION_ID]


async def test_loop_10_39_after_a_failure_the_session_can_be_gone_on_with(failing: Setup) -> None:
    sessions = SessionStore()
    failing.extra["sessions"] = sessions
    run = await failing.run()
    assert run.result.transcript["state"] == "paused"
    assert sessions.length(SESSION_ID) == len(run.result.messages)
    again = await Setup([Reply("ok")], extra={"sessions": sessions}).run("go on")
    assert again.result.status is LoopStatus.DONE
    assert again.contents(0)[: len(run.result.messages)] == [
        str(message["content"]) for message in run.result.messages
    ]


async def test_loop_10_39_after_a_failure_nothing_of_the_run_is_left_standing(
    failing: Setup,
) -> None:
    await failing.run()
    assert current_session_id() is None
    before = len(failing.sink.events)
    emit(failing.sink.events[0])
    assert len(failing.sink.events) == before


@pytest.mark.parametrize(
    "name", ["the hook before a turn", "the hook after a turn", "the callback"]
)
async def test_loop_1_10_a_failed_hook_is_told_to_the_person_and_named(
    name: str, tmp_path: Path
) -> None:
    run = await FAILURES[name](tmp_path).run()
    (notice,) = run.of("notice")
    assert notice.level is NoticeLevel.ERROR
    assert "out of order" in notice.text
    assert "_fails" in notice.text


async def test_loop_1_10_a_hook_that_fails_before_a_turn_leaves_no_turn(tmp_path: Path) -> None:
    run = await FAILURES["the hook before a turn"](tmp_path).run()
    assert run.of("turn_start") == []
    assert run.provider.requests == []


async def test_loop_1_9_on_exit_the_budget_is_told_then_the_end_and_then_the_hooks() -> None:
    setup = Setup([CALL], tools=(READ,), options=LoopOptions(max_iterations=1))
    known: list[list[str]] = []

    def hook(session_id: str) -> None:
        known.append([event.type for event in setup.sink.events])

    setup.session_end.add(hook)
    run = await setup.run()
    assert run.types()[-3:] == ["turn_end", "budget_exhausted", "loop_end"]
    assert known == [run.types()]


async def test_loop_1_9_session_end_hooks_still_reach_the_runs_sink() -> None:
    setup = Setup([Reply("ok")])
    setup.session_end.add(lambda session_id: emit(setup.sink.events[0]))
    run = await setup.run()
    assert run.types()[-2:] == ["loop_end", "loop_start"]


async def test_loop_8_5_session_end_hooks_run_in_order_and_apart_from_each_other() -> None:
    setup = Setup([Reply("ok")])
    fired: list[str] = []

    def broken(session_id: str) -> None:
        fired.append("broken")
        raise RuntimeError("broken")

    async def waits(session_id: str) -> None:
        fired.append(f"waits {session_id}")

    for hook in (broken, waits):
        setup.session_end.add(hook)
    run = await setup.run()
    assert fired == ["broken", f"waits {SESSION_ID}"]
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_53_a_session_end_hook_may_add_another_for_the_next_run() -> None:
    setup = Setup([Reply("ok"), Reply("ok")])
    fired: list[str] = []

    def first(session_id: str) -> None:
        fired.append("first")
        if len(fired) == 1:
            setup.session_end.add(lambda session_id: fired.append("added"))

    setup.session_end.add(first)
    await setup.run()
    assert fired == ["first"]
    await setup.run()
    assert fired == ["first", "first", "added"]


async def test_loop_8_1_a_done_run_leaves_its_session_active_and_others_leave_it_paused() -> None:
    states: dict[LoopStatus, Any] = {}
    for options in (LoopOptions(), LoopOptions(persistent=True, max_nudges=0)):
        run = await Setup([Reply("hm")], options=options).run()
        states[run.result.status] = run.result.transcript["state"]
    assert states == {LoopStatus.DONE: "active", LoopStatus.STUCK: "paused"}
