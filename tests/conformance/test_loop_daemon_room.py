"""Statements of docs/loop.md on daemon mode: its options and one idle period."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.config.loop_options import loop_options
from harn_tui.errors import LoopConfigError
from harn_tui.kinds import Boundary, HostMessageMode
from harn_tui.loop.daemon.backoff import next_backoff_ms, wait_ms
from harn_tui.loop.daemon.idle import NoWakeSource, Watchdog
from harn_tui.loop.daemon.settings import DaemonSettings
from harn_tui.loop.daemon.state import DaemonState
from harn_tui.loop.daemon.wake import WakeReason
from harn_tui.loop.daemon.watch import WatchState, changes
from tests.unit.loop.daemon.world import World, settings

CWD = Path("/somewhere")
REASONS = tuple(WakeReason)


# 2.4: the options


def read(**options: object) -> DaemonSettings:
    return DaemonSettings.from_options(loop_options(options), cwd=CWD)


def test_loop_9_14_all_options_are_read() -> None:
    everything = read(
        daemon=True,
        persist_path="p.json",
        resume_path="r.json",
        wake_interval_ms=250,
        watch_paths=["a", "b"],
        consolidate_on_idle=True,
        idle_watchdog_attempts=3,
    )
    assert everything == DaemonSettings(
        is_on=True,
        persist_path=CWD / "p.json",
        resume_path=CWD / "r.json",
        wake_interval_ms=250,
        watch_paths=(CWD / "a", CWD / "b"),
        consolidate_on_idle=True,
        idle_watchdog_attempts=3,
    )


def test_loop_2_4_the_resume_path_is_where_to_persist_when_nothing_else_is() -> None:
    assert read(persist_path="p.json", resume_path="r.json").snapshot_path == CWD / "p.json"
    assert read(resume_path="r.json").snapshot_path == CWD / "r.json"
    assert read().snapshot_path is None


def test_loop_2_4_watch_paths_are_one_text_or_a_list() -> None:
    assert read(watch_paths="a").watch_paths == (CWD / "a",)
    assert read(watch_paths=["a", "b"]).watch_paths == (CWD / "a", CWD / "b")
    assert read().watch_paths == ()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("persist_path", " "),
        ("resume_path", ""),
        ("watch_paths", ["a", ""]),
        ("wake_interval_ms", 0),
        ("wake_interval_ms", -1),
        ("idle_watchdog_attempts", -1),
        ("consolidate_on_idle", "yes"),
    ],
)
def test_loop_10_35_a_value_that_means_nothing_is_refused_by_its_name(
    option: str, value: object
) -> None:
    with pytest.raises(LoopConfigError, match=option):
        read(**{option: value})


def test_loop_2_4_consolidation_is_off_unless_it_is_true() -> None:
    assert read().consolidate_on_idle is False
    assert read(consolidate_on_idle=False).consolidate_on_idle is False
    assert read(consolidate_on_idle=True).consolidate_on_idle is True


async def test_loop_2_4_a_watchdog_of_0_trips_at_the_first_idle_tick() -> None:
    assert await World(settings(attempts=0)).idle() == Watchdog(attempts=1, elapsed_ms=100)


# 4.6: one idle period


async def test_loop_4_6_nothing_that_could_wake_it_means_no_wait() -> None:
    world = World(settings(), has_host=False)
    assert await world.idle() == NoWakeSource()
    assert world.idle_notices == []
    assert world.slept == []


@pytest.mark.parametrize("source", ["host", "interval", "watch"])
async def test_loop_4_6_any_one_wake_source_is_enough_to_wait(source: str, tmp_path: Path) -> None:
    watched = [tmp_path] if source == "watch" else []
    interval_ms = 50 if source == "interval" else None
    limited = settings(*watched, interval_ms=interval_ms, attempts=1)
    world = World(limited, has_host=source == "host")
    assert not isinstance(await world.idle(), NoWakeSource)
    assert len(world.slept) == 1


async def test_loop_4_6_the_host_is_told_before_every_wait(tmp_path: Path) -> None:
    told = DaemonSettings(
        is_on=True,
        persist_path=tmp_path / "daemon.json",
        watch_paths=(tmp_path / "a", tmp_path / "b"),
        idle_watchdog_attempts=2,
    )
    world = World(told)
    await world.idle(iteration=7)
    assert world.idle_notices == [
        {
            "iteration": 7,
            "backoff_ms": backoff_ms,
            "persist_path": str(tmp_path / "daemon.json"),
            "watch_paths": [str(tmp_path / "a"), str(tmp_path / "b")],
        }
        for backoff_ms in (100, 500)
    ]


async def test_loop_4_6_a_daemon_that_persists_nothing_tells_so() -> None:
    world = World(settings(attempts=0))
    await world.idle()
    assert world.idle_notices[0]["persist_path"] is None


async def test_loop_4_6_waits_in_vain_grow_to_two_seconds() -> None:
    world = World(settings(attempts=6))
    await world.idle()
    assert world.slept == [100, 500, 1_000, 2_000, 2_000, 2_000]


@given(st.integers(0, 5_000))
def test_loop_4_6_the_next_backoff_follows_from_where_it_stands(backoff_ms: int) -> None:
    expected = 500 if backoff_ms <= 100 else 1_000 if backoff_ms <= 500 else 2_000
    assert next_backoff_ms(backoff_ms, None) == expected
    assert wait_ms(backoff_ms, None) == backoff_ms


@given(st.integers(0, 5_000), st.integers(1, 5_000))
def test_loop_4_6_an_interval_pins_the_backoff(backoff_ms: int, interval_ms: int) -> None:
    assert wait_ms(backoff_ms, interval_ms) == interval_ms
    assert next_backoff_ms(backoff_ms, interval_ms) == interval_ms


async def test_loop_4_6_the_wait_is_the_interval_when_there_is_one() -> None:
    world = World(settings(interval_ms=30_000))
    assert (await world.wake()).reason is WakeReason.TIMER
    assert world.slept == [30_000]
    assert world.idle_notices[0]["backoff_ms"] == 30_000


@pytest.mark.parametrize("first", range(len(REASONS)), ids=REASONS)
async def test_loop_4_6_the_first_reason_that_applies_is_the_one(
    first: int, tmp_path: Path
) -> None:
    """Message, resume, watch, timer: the reasons from ``first`` on all apply at once."""
    applying = REASONS[first:]
    file = tmp_path / "file"
    world = World(settings(file, interval_ms=1_000))
    happenings: dict[WakeReason, Callable[[], object]] = {
        WakeReason.WATCH: file.touch,
        WakeReason.RESUME: world.signal.resume,
        WakeReason.MESSAGE: world.say,
    }

    def happen() -> None:
        for reason, happening in happenings.items():
            if reason in applying:
                happening()

    wake = await world.at(1_000, happen).wake()
    assert wake.reason is applying[0]


async def test_loop_4_6_the_timer_wakes_whenever_its_interval_is_over() -> None:
    world = World(settings(interval_ms=20))
    for wakes in (1, 2, 3):
        assert (await world.wake()).reason is WakeReason.TIMER
        assert world.state.wakes == wakes
    assert world.slept == [20, 20, 20]


async def test_loop_4_6_a_timer_wake_injects_feedback_of_its_kind() -> None:
    wake = await World(settings(interval_ms=20)).wake()
    assert wake.feedback is not None
    assert wake.feedback.kind == "timer"
    assert "20 ms" in wake.feedback.content


async def test_loop_4_6_a_watch_wake_injects_feedback_of_its_kind_with_the_paths(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    wake = await World(settings(file)).at(50, file.touch).wake()
    assert wake.watch_paths == (str(file),)
    assert wake.feedback is not None
    assert wake.feedback.kind == "watch"
    assert str(file) in wake.feedback.content


async def test_loop_4_6_a_change_in_a_long_wait_is_found_within_a_second(tmp_path: Path) -> None:
    file = tmp_path / "file"
    world = World(settings(file, interval_ms=600_000)).at(2_500, file.touch)
    begun_ms = world.now_ms
    wake = await world.wake()
    assert (wake.reason, wake.watch_paths) == (WakeReason.WATCH, (str(file),))
    assert world.now_ms - begun_ms == 3_000
    assert [notice["backoff_ms"] for notice in world.idle_notices] == [600_000]


async def test_loop_4_6_looks_within_a_wait_do_not_count_as_waits_in_vain(tmp_path: Path) -> None:
    world = World(settings(tmp_path / "file", attempts=4))
    assert await world.idle() == Watchdog(attempts=4, elapsed_ms=3_600)
    assert world.slept == [100, 500, 1_000, 1_000, 1_000]


async def test_loop_4_6_a_wait_without_watched_paths_is_not_cut_up() -> None:
    world = World(settings(interval_ms=60_000))
    await world.wake()
    assert world.slept == [60_000]


async def test_loop_4_6_a_message_wake_injects_nothing_extra_and_takes_no_message() -> None:
    world = World(settings())
    wake = await world.at(50, world.say).wake()
    assert wake.feedback is None
    assert len(world.host_messages) == 1


async def test_loop_4_6_a_resume_is_used_up_by_its_wake() -> None:
    world = World(settings(attempts=1))
    wake = await world.at(50, world.signal.resume).wake()
    assert (wake.reason, wake.is_resumed) == (WakeReason.RESUME, True)
    assert isinstance(await world.idle(), Watchdog)


async def test_loop_4_6_a_wake_resets_the_backoff() -> None:
    world = World(settings())
    await world.at(5_000, world.say).wake()
    assert world.slept == [100, 500, 1_000, 2_000, 2_000]
    assert world.state.backoff_ms == 100


async def test_events_5_7_a_tool_turn_resets_the_backoff() -> None:
    state = DaemonState(backoff_ms=2_000)
    state.reset_backoff()
    assert state.backoff_ms == 100


async def test_loop_4_6_the_watchdog_counts_waits_in_vain_and_their_time() -> None:
    world = World(settings(attempts=3))
    assert await world.idle() == Watchdog(attempts=3, elapsed_ms=1_600)
    assert len(world.idle_notices) == 3


async def test_events_5_7_the_watchdog_counts_anew_after_a_wake() -> None:
    world = World(settings(attempts=2))
    await world.at(300, world.signal.resume).wake()
    assert await world.idle() == Watchdog(attempts=2, elapsed_ms=600)


async def test_events_5_7_without_a_limit_the_watchdog_never_trips() -> None:
    world = World(settings())
    wake = await world.at(3_600_000, world.signal.resume).wake()
    assert wake.reason is WakeReason.RESUME


async def test_events_5_7_with_an_interval_the_watchdog_never_trips() -> None:
    world = World(settings(interval_ms=20, attempts=0))
    assert (await world.wake()).reason is WakeReason.TIMER


# Corrections


@pytest.mark.parametrize("mode", HostMessageMode)
async def test_loop_10_32_a_host_message_of_any_mode_wakes_at_once(mode: HostMessageMode) -> None:
    world = World(settings(interval_ms=60_000))
    wake = await world.at(7, lambda: world.say(mode)).wake()
    assert wake.reason is WakeReason.MESSAGE
    assert world.now_ms == 1_007


@pytest.mark.parametrize("boundary", Boundary)
async def test_loop_10_32_a_line_of_the_person_for_any_boundary_wakes_at_once(
    boundary: Boundary,
) -> None:
    world = World(settings(interval_ms=60_000))
    wake = await world.at(7, lambda: world.type(boundary)).wake()
    assert wake.reason is WakeReason.MESSAGE
    assert world.now_ms == 1_007


async def test_loop_10_32_a_resume_ends_the_wait_at_once_and_adds_a_note() -> None:
    """Otherwise the next request would end with the assistant's own turn."""
    world = World(settings(interval_ms=60_000))
    wake = await world.at(7, world.signal.resume).wake()
    assert world.now_ms == 1_007
    assert wake.feedback is not None
    assert wake.feedback.kind == "resume"
    assert wake.feedback.content.strip()


def _create(folder: Path) -> Path:
    (folder / "new").touch()
    return folder / "new"


def _delete(folder: Path) -> Path:
    (folder / "old").unlink()
    return folder / "old"


def _change(folder: Path) -> Path:
    os.utime(folder / "old", ns=(0, 1))
    return folder / "old"


def _grow(folder: Path) -> Path:
    """Change a file whose time stays."""
    before = (folder / "old").stat().st_mtime_ns
    (folder / "old").write_text("longer")
    os.utime(folder / "old", ns=(before, before))
    return folder / "old"


@pytest.mark.parametrize("happens", [_create, _delete, _change, _grow])
@pytest.mark.parametrize("is_folder_watched", [True, False])
async def test_loop_10_32_creation_change_and_deletion_all_wake(
    tmp_path: Path, happens: Callable[[Path], Path], *, is_folder_watched: bool
) -> None:
    (tmp_path / "old").touch()
    watched = [tmp_path] if is_folder_watched else [tmp_path / "old", tmp_path / "new"]
    world = World(settings(*watched), has_host=False)
    wake = await world.at(50, lambda: happens(tmp_path)).wake()
    changed = tmp_path / ("new" if happens is _create else "old")
    assert (wake.reason, wake.watch_paths) == (WakeReason.WATCH, (str(changed),))


async def test_loop_10_32_a_change_wakes_once(tmp_path: Path) -> None:
    file = tmp_path / "file"
    world = World(settings(file, attempts=1))
    await world.at(50, file.touch).wake()
    assert isinstance(await world.idle(), Watchdog)


async def test_loop_10_32_wakes_are_counted_apart_from_iterations() -> None:
    world = World(settings(interval_ms=20))
    for _ in range(3):
        await world.idle(iteration=1)
    assert world.state.wakes == 3
    assert [notice["iteration"] for notice in world.idle_notices] == [1, 1, 1]


@pytest.mark.parametrize("has_host", [True, False])
async def test_loop_10_52_a_message_that_waits_already_wakes_without_a_wait(
    *, has_host: bool
) -> None:
    world = World(settings(), has_host=has_host)
    world.say(HostMessageMode.FINISH_STEP)
    assert (await world.wake()).reason is WakeReason.MESSAGE
    assert world.slept == []
    assert world.idle_notices == []


async def test_loop_10_52_a_line_that_waits_already_wakes_without_a_wait() -> None:
    world = World(settings(), has_host=False)
    world.type(Boundary.AFTER_RUN)
    assert (await world.wake()).reason is WakeReason.MESSAGE
    assert world.slept == []


async def test_loop_10_52_a_signal_given_while_the_daemon_was_active_counts() -> None:
    world = World(settings())
    world.signal.resume()
    assert (await world.wake()).reason is WakeReason.RESUME
    assert world.slept == []


async def test_loop_10_32_a_change_made_while_the_daemon_was_active_counts(tmp_path: Path) -> None:
    file = tmp_path / "file"
    world = World(settings(file))
    file.touch()
    assert (await world.wake()).watch_paths == (str(file),)
    assert world.slept == []


def test_loop_9_14_a_file_that_is_written_anew_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("one")
    before = WatchState.of([file])
    file.write_text("another")
    assert changes(before, WatchState.of([file])) == (str(file),)
