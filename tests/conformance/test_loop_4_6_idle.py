"""Section 4.6 in a running loop: a daemon that has nothing to say goes idle, wakes, or gives up."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.kinds import Boundary, HostMessageMode, LoopStatus
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.daemon.wake import WakeSignal
from tests.conformance.loop_driver import SESSION_ID, Reply, Run, Setup, make_tool, until
from tests.conformance.observed import HookLog, hold_frames, shape, told, transcript_events

ANSWER = Reply("nothing more to do")
READ = make_tool("read")


class Daemon:
    """A daemon under test: a loop that goes idle after each plain answer."""

    def __init__(self, *replies: Reply, has_host: bool = True, **options: Any) -> None:
        self.wake = WakeSignal()
        self.setup = Setup(
            replies,
            tools=(READ,),
            options=LoopOptions(**{"daemon": True, "max_iterations": len(replies), **options}),
        )
        if has_host:
            self.setup.extra["wake"] = self.wake
        self.hooks = HookLog(self.setup)

    @property
    def idle_periods(self) -> int:
        events: list[Any] = self.setup.sink.events
        return sum(e.type == "notice" and "waits" in e.text for e in events)

    def note_and_wake(self, seen: list[int]) -> Callable[[], object]:
        """Return an act that notes in ``seen`` how many events are out, and wakes the daemon."""

        def act() -> None:
            seen.append(len(self.setup.sink.events))
            self.wake.resume()

        return act

    async def run(self, *acts: Callable[[], object]) -> Run:
        """Run the daemon; each of ``acts`` is done in an idle period of its own, in order."""
        task = asyncio.create_task(self.setup.run())
        for number, act in enumerate(acts, start=1):
            await until(partial(self._waits_or_is_over, number, task))
            assert not task.done(), "the daemon did not wait"
            act()
        run = await task
        hold_frames(run.events)
        return run

    def _waits_or_is_over(self, period: int, task: asyncio.Task[Run]) -> bool:
        return task.done() or self.idle_periods >= period

    def say(self, content: str, mode: HostMessageMode) -> Callable[[], object]:
        return lambda: self.setup.host_messages.push(content, mode)


def woken(run: Run) -> list[Any]:
    return [event["metadata"] for event in transcript_events(run, "daemon_wake")]


# Nothing that could wake it


async def test_loop_4_6_step_4_without_a_wake_source_the_run_ends_as_idle() -> None:
    daemon = Daemon(ANSWER, has_host=False)
    run = await daemon.run()
    assert run.result.status is LoopStatus.IDLE
    assert run.result.daemon_state == "idle"
    assert daemon.hooks.after_turns() == [
        {"iteration": 0, "failed": False, "text": "nothing more to do", "status": "idle"}
    ]
    assert run.of("loop_end")[0].status is LoopStatus.IDLE


async def test_loop_3_2_a_daemon_never_fails_for_want_of_required_tools() -> None:
    daemon = Daemon(ANSWER, has_host=False, require_successful_tools=("read",))
    assert (await daemon.run()).result.status is LoopStatus.IDLE


async def test_loop_4_6_a_persistent_daemon_is_nudged_and_never_waits() -> None:
    daemon = Daemon(ANSWER, Reply("", calls=(("read", {}),)), Reply("##DONE##"), persistent=True)
    run = await daemon.run()
    assert shape(run.provider.requests[1].messages) == ["user", "assistant", "nudge"]
    assert daemon.idle_periods == 0
    assert run.result.status is LoopStatus.IDLE
    assert run.result.daemon_state == "idle"


async def test_loop_10_44_only_a_daemon_has_a_daemon_state() -> None:
    run = await Setup([Reply("hello")]).run()
    assert run.result.daemon_state is None
    assert run.result.daemon_snapshot_path is None
    assert run.result.as_json()["daemon_state"] is None


async def test_loop_10_44_a_daemon_that_used_all_its_turns_says_so() -> None:
    daemon = Daemon(Reply("", calls=(("read", {}),)))
    run = await daemon.run()
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert run.result.daemon_state == "budget_exhausted"


# Messages


@pytest.mark.parametrize("mode", list(HostMessageMode))
async def test_loop_10_32_a_host_message_of_any_mode_wakes_and_is_read(
    mode: HostMessageMode,
) -> None:
    daemon = Daemon(ANSWER, Reply("", calls=(("read", {}),)))
    run = await daemon.run(daemon.say("get up", mode))
    assert run.contents(1) == ["do it", "nothing more to do", "get up"]
    assert daemon.hooks.after_turns()[0]["status"] == "daemon_wake"
    assert woken(run) == [{"reason": "message", "watch_paths": [], "resumed": False}]


@pytest.mark.parametrize("boundary", list(Boundary))
async def test_loop_10_32_a_line_for_any_boundary_wakes_and_is_delivered(
    boundary: Boundary,
) -> None:
    daemon = Daemon(ANSWER, Reply("", calls=(("read", {}),)))
    run = await daemon.run(
        lambda: daemon.setup.feedback.push(SESSION_ID, "user", "get up", boundary)
    )
    assert shape(run.provider.requests[1].messages) == ["user", "assistant", "user"]
    assert [e.content for e in run.of("feedback_injected")] == ["get up"]
    assert [e.state for e in run.of("feedback_state")] == ["claimed", "delivered"]
    assert daemon.setup.feedback.pending(SESSION_ID) == ()


async def test_loop_4_6_all_that_waits_is_read_in_one_turn_and_wakes_once() -> None:
    daemon = Daemon(ANSWER, Reply("", calls=(("read", {}),)))

    def say_much() -> None:
        for mode in reversed(HostMessageMode):
            daemon.setup.host_messages.push(mode.value, mode)
        daemon.setup.push("a line")

    run = await daemon.run(say_much)
    contents = run.contents(1)[2:]
    assert sorted(contents[:3]) == sorted(mode.value for mode in HostMessageMode)
    assert "a line" in contents[3]
    assert len(woken(run)) == 1


async def test_loop_4_6_a_message_that_came_during_the_turn_wakes_without_a_wait() -> None:
    daemon = Daemon(ANSWER, ANSWER)
    say = daemon.say("early", HostMessageMode.FINISH_STEP)
    daemon.setup.provider._replies = [
        Reply("an answer", before=say),
        Reply("", calls=(("read", {}),)),
    ]
    run = await daemon.run()
    assert run.contents(1) == ["do it", "an answer", "early"]
    assert daemon.idle_periods == 0


async def test_loop_4_6_a_prefill_wakes_nobody_and_is_used_when_something_does() -> None:
    daemon = Daemon(ANSWER, Reply("", calls=(("read", {}),)))

    def prefill_and_wake() -> None:
        daemon.setup.push("Sure", kind="prefill_assistant")
        assert daemon.idle_periods == 1
        daemon.wake.resume()

    run = await daemon.run(prefill_and_wake)
    assert run.provider.requests[1].prefill == "Sure"
    assert woken(run)[0]["reason"] == "resume"


# Resume, watched paths, the timer


async def test_loop_4_6_a_resume_signal_wakes_and_is_told_once() -> None:
    daemon = Daemon(ANSWER, ANSWER, Reply("", calls=(("read", {}),)))
    run = await daemon.run(daemon.wake.resume, daemon.wake.resume)
    assert shape(run.provider.requests[1].messages) == ["user", "assistant", "resume"]
    assert [wake["reason"] for wake in woken(run)] == ["resume", "resume"]
    assert [wake["resumed"] for wake in woken(run)] == [True, True]


async def test_loop_4_6_a_watched_path_wakes_with_feedback_that_names_it(tmp_path: Path) -> None:
    watched = tmp_path / "inbox"
    daemon = Daemon(
        ANSWER, Reply("", calls=(("read", {}),)), has_host=False, watch_paths=(str(watched),)
    )
    run = await daemon.run(lambda: watched.write_text("new"))
    assert shape(run.provider.requests[1].messages) == ["user", "assistant", "watch"]
    assert str(watched) in told(run.result.messages, "watch")[0]
    assert woken(run) == [{"reason": "watch", "watch_paths": [str(watched)], "resumed": False}]


async def test_loop_4_6_a_timer_wakes_with_feedback_of_its_kind() -> None:
    daemon = Daemon(ANSWER, Reply("", calls=(("read", {}),)), has_host=False, wake_interval_ms=1)
    run = await daemon.run()
    assert shape(run.provider.requests[1].messages) == ["user", "assistant", "timer"]
    assert woken(run) == [{"reason": "timer", "watch_paths": [], "resumed": False}]
    assert run.of("feedback_injected") == []


async def test_loop_4_6_a_message_comes_before_the_signal_that_it_uses_up() -> None:
    daemon = Daemon(ANSWER, Reply("", calls=(("read", {}),)))

    def both() -> None:
        daemon.setup.host_messages.push("get up", HostMessageMode.FINISH_STEP)
        daemon.wake.resume()

    run = await daemon.run(both)
    assert woken(run) == [{"reason": "message", "watch_paths": [], "resumed": True}]
    assert told(run.result.messages, "resume") == []


# Giving up


async def test_loop_4_6_step_7_the_watchdog_ends_the_run() -> None:
    daemon = Daemon(ANSWER, idle_watchdog_attempts=1)
    run = await daemon.run()
    assert run.result.status is LoopStatus.WATCHDOG
    assert run.result.daemon_state == "watchdog"
    (tripped,) = run.of("daemon_watchdog_tripped")
    assert tripped.attempts == 1
    assert tripped.elapsed_ms >= 100
    assert daemon.hooks.after_turns()[0]["status"] == "watchdog"


async def test_loop_4_6_a_daemon_that_is_cancelled_while_it_waits_ends_at_once() -> None:
    control = RunControl()
    daemon = Daemon(ANSWER)
    daemon.setup.control = control
    run = await daemon.run(lambda: control.cancel("enough"))
    assert run.result.status is LoopStatus.CANCELLED
    assert run.result.daemon_state == "cancelled"
    assert run.result.reason == "enough"


# What a wake costs, and what is kept


async def test_loop_10_32_a_wake_uses_a_turn_and_is_counted_apart(tmp_path: Path) -> None:
    path = tmp_path / "daemon.json"
    daemon = Daemon(ANSWER, ANSWER, Reply("", calls=(("read", {}),)), persist_path=str(path))
    run = await daemon.run(daemon.wake.resume, daemon.wake.resume)
    assert run.result.iterations == 3
    assert json.loads(path.read_text())["wakes"] == 2


async def test_loop_4_6_step_3_a_snapshot_is_there_while_the_daemon_waits(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "daemon.json"
    daemon = Daemon(ANSWER, persist_path=str(path), idle_watchdog_attempts=1)
    seen: list[dict[str, Any]] = []
    run = await daemon.run(lambda: seen.append(json.loads(path.read_text())))
    assert seen[0]["daemon_state"] == "idle"
    assert [m["content"] for m in seen[0]["visible_messages"]] == ["do it", "nothing more to do"]
    assert json.loads(path.read_text())["daemon_state"] == "watchdog"
    assert run.result.daemon_snapshot_path == str(path)


async def test_loop_4_6_step_2_a_daemon_compacts_before_it_waits() -> None:
    daemon = Daemon(
        Reply("x" * 4_000),
        Reply("", calls=(("read", {}),)),
        consolidate_on_idle=True,
        compaction={"type": "truncate", "keep_last": 0},
        compact_threshold=1_000,
    )
    seen: list[int] = []
    run = await daemon.run(daemon.note_and_wake(seen))
    types = run.types()
    assert types.index("transcript_compacted") < seen[0]
    assert run.of("transcript_compacted")[0].mode == "auto"
    assert transcript_events(run, "compaction")
    assert shape(run.provider.requests[1].messages) == ["user", "resume"]


async def test_loop_1_7_a_tool_turn_lets_a_resumed_daemon_wait_shortly_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "daemon.json"
    path.write_text(json.dumps({"_type": "daemon_snapshot", "idle_backoff_ms": 2_000}))
    daemon = Daemon(Reply("", calls=(("read", {}),)), ANSWER, resume_path=str(path), has_host=False)
    await daemon.run()
    assert json.loads(path.read_text())["idle_backoff_ms"] == 100


async def test_loop_4_6_text_alone_leaves_a_resumed_backoff_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "daemon.json"
    path.write_text(json.dumps({"_type": "daemon_snapshot", "idle_backoff_ms": 2_000}))
    daemon = Daemon(ANSWER, resume_path=str(path), has_host=False)
    await daemon.run()
    assert json.loads(path.read_text())["idle_backoff_ms"] == 2_000


async def test_loop_4_6_the_turn_ends_before_the_daemon_waits() -> None:
    daemon = Daemon(ANSWER, Reply("", calls=(("read", {}),)))
    at_idle: list[int] = []
    run = await daemon.run(daemon.note_and_wake(at_idle))
    assert run.types()[: at_idle[0]].count("turn_end") == 1
