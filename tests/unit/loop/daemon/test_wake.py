import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from harn_tui.feedback.host_messages import HostMessageQueue
from harn_tui.feedback.item import PREFILL_KIND
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import HostMessageMode
from harn_tui.loop.daemon.idle import sleep_until, wait_for_wake
from harn_tui.loop.daemon.settings import DaemonSettings
from harn_tui.loop.daemon.state import DaemonState
from harn_tui.loop.daemon.wake import Wake, WakeReason, WakeSignal, WakeSources, watch_wake
from tests.unit.loop.daemon.world import SESSION_ID, World, settings

HOUR_MS = 3_600_000


def new_sources() -> WakeSources:
    return WakeSources(SESSION_ID, HostMessageQueue(), FeedbackQueue(), WakeSignal())


def test_a_signal_is_used_up_once_however_often_it_was_given() -> None:
    signal = WakeSignal()
    assert not signal.take()
    signal.resume()
    signal.resume()
    assert signal.take()
    assert not signal.take()


def test_a_message_uses_up_the_signal_that_came_with_it() -> None:
    sources = new_sources()
    assert sources.signal is not None
    sources.signal.resume()
    sources.host_messages.push("hello", HostMessageMode.FINISH_STEP)
    assert sources.take_wake() == Wake(WakeReason.MESSAGE, is_resumed=True)
    sources.host_messages.take(HostMessageMode.FINISH_STEP)
    assert sources.take_wake() is None


def test_a_prefill_is_no_message() -> None:
    sources = new_sources()
    sources.feedback.push(SESSION_ID, PREFILL_KIND, "Sure,")
    assert sources.take_wake() is None


def test_a_line_of_another_session_is_none_of_this_daemons_business() -> None:
    sources = new_sources()
    sources.feedback.push("other", "user", "hello")
    assert sources.take_wake() is None


def test_a_line_that_is_being_edited_wakes_when_it_is_released() -> None:
    sources = new_sources()
    feedback_id = sources.feedback.push(SESSION_ID, "user", "hello").feedback_id
    sources.feedback.hold(feedback_id)
    assert sources.take_wake() is None
    sources.feedback.release(feedback_id)
    assert sources.take_wake() == Wake(WakeReason.MESSAGE)


def test_a_background_tools_line_wakes_too() -> None:
    sources = new_sources()
    sources.feedback.push_threadsafe(SESSION_ID, "tool_result", "{}")
    assert sources.take_wake() == Wake(WakeReason.MESSAGE)


def test_changed_paths_stand_on_one_line_each_and_long_lists_are_cut() -> None:
    paths = (
        "/w/new\nline",
        "/w/bell\a",
        "/w/\udcff",
        "/w/ünïcode",
        *(f"/w/{n}" for n in range(60)),
    )
    wake = watch_wake(paths)
    assert wake.feedback is not None
    lines = wake.feedback.content.splitlines()
    assert lines[1:5] == ["- /w/new\\nline", "- /w/bell\\x07", "- /w/\\udcff", "- /w/ünïcode"]
    assert len(lines) == 52
    assert lines[-1] == "and 14 more"
    assert wake.watch_paths == paths


@pytest.mark.parametrize(
    ("wakes", "reason"),
    [
        (lambda s: s.signal.resume(), WakeReason.RESUME),
        (lambda s: s.host_messages.push("m", HostMessageMode.FINISH_STEP), WakeReason.MESSAGE),
        (lambda s: s.feedback.push(SESSION_ID, "user", "m"), WakeReason.MESSAGE),
        (lambda s: s.feedback.push_threadsafe(SESSION_ID, "user", "m"), WakeReason.MESSAGE),
    ],
)
async def test_an_arrival_from_another_thread_ends_a_real_wait_at_once(
    wakes: Callable[[WakeSources], object], reason: WakeReason
) -> None:
    sources = new_sources()
    thread = threading.Thread(target=wakes, args=(sources,))
    asyncio.get_running_loop().set_debug(True)  # refuses what is not meant for other threads

    async def sleep_while_something_arrives(seconds: float, event: asyncio.Event) -> None:
        if not thread.ident:
            thread.start()
        await sleep_until(seconds, event)

    async with asyncio.timeout(10):
        ended = await wait_for_wake(
            DaemonSettings(wake_interval_ms=HOUR_MS),
            sources,
            DaemonState(),
            iteration=0,
            on_idle=lambda _: None,
            sleep=sleep_while_something_arrives,
        )
    thread.join()
    assert isinstance(ended, Wake)
    assert ended.reason is reason


async def test_a_real_wait_is_over_when_its_time_is() -> None:
    async with asyncio.timeout(10):
        await sleep_until(0.001, asyncio.Event())


async def test_a_daemon_that_is_cancelled_uses_up_no_signal() -> None:
    sources = new_sources()
    is_waiting = asyncio.Event()
    task = asyncio.create_task(
        wait_for_wake(
            DaemonSettings(wake_interval_ms=HOUR_MS),
            sources,
            DaemonState(),
            iteration=0,
            on_idle=lambda _: is_waiting.set(),
        )
    )
    await is_waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sources.signal is not None
    sources.signal.resume()
    assert sources.signal.take()


def test_a_host_that_wakes_a_daemon_whose_event_loop_is_gone_gets_no_error() -> None:
    sources = new_sources()
    loop = asyncio.new_event_loop()

    async def listen() -> None:
        heard.__enter__()

    heard = sources.heard()
    loop.run_until_complete(listen())
    loop.close()
    assert sources.signal is not None
    sources.signal.resume()
    assert sources.signal.take()


async def test_an_arrival_that_wakes_nobody_does_not_shorten_the_wait() -> None:
    world = World(settings(interval_ms=1_000))
    world.at(400, lambda: world.type(kind=PREFILL_KIND))
    wake = await world.wake()
    assert wake.reason is WakeReason.TIMER
    assert world.slept == [1_000, 600]
    assert world.now_ms == 2_000
    assert len(world.idle_notices) == 1


class Latecomer(HostMessageQueue):
    """A message arrives right after somebody found the queue empty."""

    def __len__(self) -> int:
        found = super().__len__()
        if not found:
            self.push("late", HostMessageMode.FINISH_STEP)
        return found


async def test_a_message_that_comes_while_files_are_looked_at_goes_first(tmp_path: Path) -> None:
    file = tmp_path / "file"
    world = World(settings(file, attempts=0), host_messages=Latecomer())
    file.touch()
    assert (await world.wake()).reason is WakeReason.MESSAGE
    assert world.idle_notices == []


async def test_a_change_that_comes_with_a_message_is_kept_for_the_next_idle_period(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    world = World(settings(file, interval_ms=1_000))

    def both() -> None:
        file.touch()
        world.say()

    world.at(500, both)
    assert (await world.wake()).reason is WakeReason.MESSAGE
    world.host_messages.take(HostMessageMode.WAIT_FOR_COMPLETION)
    wake = await world.wake()
    assert (wake.reason, wake.watch_paths) == (WakeReason.WATCH, (str(file),))
    assert world.slept == [1_000]
