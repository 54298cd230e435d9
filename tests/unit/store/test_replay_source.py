import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.errors import StoreError
from harn_tui.events.agent import ToolCallUpdate, TurnEnd, TurnStart
from harn_tui.events.host import LoopEnd, Notice
from harn_tui.events.record import Event, Record
from harn_tui.kinds import LoopStatus, NoticeLevel, ToolCallStatus
from harn_tui.store.log_reader import read_records
from harn_tui.store.replay_source import ReplaySource
from harn_tui.store.session_folder import create_session_folder
from harn_tui.store.session_names import find_log
from tests.unit.store.log_building import numbered, write_log


class Screen:
    """A front end that keeps the records it shows."""

    def __init__(self) -> None:
        self.shown: list[Record] = []
        self.batches: list[int] = []
        self.source: ReplaySource | None = None

    def deliver(self, batch: Sequence[Record]) -> None:
        self.shown.extend(batch)
        self.batches.append(len(batch))

    def rewind(self, position: int) -> None:
        assert self.source is not None
        self.shown = list(self.source.records[:position])


class Time:
    """A clock that goes on only when a test lets it."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def clock(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return await asyncio.sleep(0)
        woken = asyncio.Event()
        entry = (self.now_s + seconds, woken)
        self._sleepers.append(entry)
        try:
            await woken.wait()
        finally:
            self._sleepers.remove(entry)

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper at its moment."""
        end_s = self.now_s + seconds
        await settle()
        while due := sorted(at for at, _ in self._sleepers if at <= end_s):
            self.now_s = max(self.now_s, due[0])
            for at, woken in self._sleepers:
                if at <= self.now_s:
                    woken.set()
            await settle()
        self.now_s = end_s
        await settle()


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(10):
        await asyncio.sleep(0)


def note(text: str = "") -> Notice:
    return Notice("s", NoticeLevel.INFO, text)


@contextlib.asynccontextmanager
async def playing(records: Sequence[Record]) -> AsyncIterator[tuple[ReplaySource, Screen, Time]]:
    screen, time = Screen(), Time()
    source = ReplaySource(
        records, screen.deliver, screen.rewind, sleep=time.sleep, clock=time.clock
    )
    screen.source = source
    task = asyncio.create_task(source.run())
    await settle()
    try:
        yield source, screen, time
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def spaced(*gaps_ms: int) -> list[Record]:
    """Return records whose gaps are ``gaps_ms``."""
    times_ms = [0]
    for gap_ms in gaps_ms:
        times_ms.append(times_ms[-1] + gap_ms)
    return [Record(i, at_ms, None, note(str(i))) for i, at_ms in enumerate(times_ms)]


async def test_nothing_comes_before_play() -> None:
    async with playing(spaced(10, 10)) as (source, screen, time):
        await time.advance(100)
        assert screen.shown == []
        assert not source.is_playing


async def test_records_come_at_their_recorded_pace() -> None:
    async with playing(spaced(1_000, 500, 2_000)) as (source, screen, time):
        source.play()
        shown = []
        for seconds in (0.0, 0.9, 0.1, 0.4, 0.1, 1.9, 0.1):
            await time.advance(seconds)
            shown.append(len(screen.shown))
        assert shown == [1, 1, 2, 2, 3, 3, 4]
        assert source.is_at_end
        assert not source.is_playing


@pytest.mark.parametrize(("speed", "seconds"), [(0.25, 4.0), (2.0, 0.5), (64.0, 1 / 64)])
async def test_a_speed_multiplies_the_pace(speed: float, seconds: float) -> None:
    async with playing(spaced(1_000)) as (source, screen, time):
        source.set_speed(speed)
        source.play()
        await time.advance(seconds * 0.9)
        assert len(screen.shown) == 1
        await time.advance(seconds * 0.2 + 1 / 60)
        assert len(screen.shown) == 2


@pytest.mark.parametrize("speed", [0.0, 0.2, 65.0, -1.0, float("nan"), float("inf")])
async def test_a_speed_out_of_bounds_is_refused(speed: float) -> None:
    async with playing([]) as (source, _, _):
        with pytest.raises(ValueError, match="speed"):
            source.set_speed(speed)
        assert source.speed == 1.0


async def test_as_fast_as_possible_delivers_everything_in_large_batches() -> None:
    async with playing(spaced(*[60_000] * 1_200)) as (source, screen, _):
        source.set_speed(None)
        source.play()
        await settle()
        assert screen.batches == [500, 500, 201]
        assert list(screen.shown) == list(source.records)


async def test_at_a_high_speed_records_come_a_frame_at_a_time() -> None:
    async with playing(spaced(*[10] * 640)) as (source, screen, time):
        source.set_speed(64.0)
        source.play()
        await time.advance(0.2)
        assert source.is_at_end
        assert len(screen.batches) <= 10


async def test_long_gaps_are_shortened_unless_played_in_full() -> None:
    async with playing(spaced(3_600_000)) as (source, screen, time):
        source.play()
        await time.advance(2.1)
        assert len(screen.shown) == 2
        source.seek(1)
        source.set_shortens_gaps(False)
        assert not source.shortens_gaps
        await time.advance(3_599)
        assert len(screen.shown) == 1
        await time.advance(1)
        assert len(screen.shown) == 2


async def test_times_that_go_back_are_no_wait() -> None:
    async with playing(spaced(1_000, -5_000, 1_000)) as (source, screen, time):
        source.play()
        await time.advance(1.0)
        assert len(screen.shown) == 3


async def test_a_pause_stops_at_once_and_play_goes_on() -> None:
    async with playing(spaced(1_000, 1_000)) as (source, screen, time):
        source.play()
        await time.advance(0.5)
        source.pause()
        await time.advance(60)
        assert len(screen.shown) == 1
        source.play()
        await time.advance(1.0)
        assert len(screen.shown) == 2


async def test_a_change_of_speed_counts_during_a_wait() -> None:
    async with playing(spaced(2_000)) as (source, screen, time):
        source.set_speed(0.25)
        source.play()
        await time.advance(1)
        source.set_speed(64.0)
        await time.advance(0.1)
        assert len(screen.shown) == 2


async def test_steps_work_while_paused_and_stop_the_playing() -> None:
    async with playing(spaced(1_000, 1_000)) as (source, screen, time):
        source.step()
        assert source.position == 1
        source.play()
        await time.advance(0.1)
        source.step()
        assert not source.is_playing
        assert [record.index for record in screen.shown] == [0, 1]
        source.step()
        source.step()
        assert source.is_at_end
        assert screen.batches == [1, 1, 1]


async def test_seeking_forth_delivers_and_back_rewinds() -> None:
    async with playing(spaced(*[10] * 9)) as (source, screen, _):
        source.seek(7)
        assert screen.batches == [7]
        source.seek(3)
        assert list(screen.shown) == list(source.records[:3])
        source.seek(99)
        assert list(screen.shown) == list(source.records)
        source.seek(-5)
        assert screen.shown == []


async def test_play_at_the_end_starts_again() -> None:
    async with playing(spaced(10)) as (source, screen, time):
        source.seek(2)
        source.play()
        await time.advance(0.005)
        assert len(screen.shown) == 1
        await time.advance(0.1)
        assert len(screen.shown) == 2


async def test_an_empty_log_is_at_its_end() -> None:
    async with playing([]) as (source, screen, time):
        for control in (source.play, source.step, source.step_turn, source.step_tool):
            control()
        await time.advance(1)
        assert source.is_at_end
        assert screen.shown == []


def test_everything_works_on_the_real_clock() -> None:
    screen = Screen()

    async def play() -> None:
        is_done = asyncio.Event()

        def deliver(batch: Sequence[Record]) -> None:
            screen.deliver(batch)
            if source.is_at_end:
                is_done.set()

        source = ReplaySource(spaced(1, 1, 1), deliver, screen.rewind)
        task = asyncio.create_task(source.run())
        source.play()
        await asyncio.wait_for(is_done.wait(), 30)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(play())
    assert len(screen.shown) == 4


def terminal() -> ToolCallUpdate:
    return ToolCallUpdate("s", "t", "read", ToolCallStatus.COMPLETED)


def running() -> ToolCallUpdate:
    return ToolCallUpdate("s", "t", "read", ToolCallStatus.IN_PROGRESS)


async def test_a_step_of_a_tool_ends_where_the_call_ends() -> None:
    events: list[Event] = [note(), running(), terminal(), running(), terminal(), note()]
    async with playing(numbered(events)) as (source, _, _):
        positions = []
        for _ in range(4):
            source.step_tool()
            positions.append(source.position)
        assert positions == [3, 5, 6, 6]


def start() -> TurnStart:
    return TurnStart("s", 0)


def end() -> TurnEnd:
    return TurnEnd("s", 0, {})


async def test_a_step_of_a_turn_ends_where_the_turn_ends() -> None:
    loop_end = LoopEnd("s", "l", LoopStatus.DONE, "", 2, {})
    events: list[Event] = [
        *(note(), start(), note(), end()),
        *(loop_end, start(), end()),
        loop_end,
    ]
    async with playing(numbered(events)) as (source, _, _):
        positions = []
        for _ in range(3):
            source.step_turn()
            positions.append(source.position)
        assert positions == [4, 7, 8]


async def test_a_turn_of_the_reference_without_an_end_ends_before_the_next() -> None:
    events: list[Event] = [start(), note(), start(), note(), end(), start()]
    async with playing(numbered(events)) as (source, _, _):
        source.step()
        positions = []
        for _ in range(3):
            source.step_turn()
            positions.append(source.position)
        assert positions == [2, 5, 6]


controls = st.one_of(
    st.tuples(st.just("seek"), st.integers(-1, 12)),
    st.tuples(st.just("speed"), st.sampled_from([0.25, 1.0, 64.0])),
    st.tuples(st.just("advance"), st.floats(0, 5)),
    st.tuples(st.sampled_from(["play", "pause", "step", "step_turn", "step_tool"]), st.just(0)),
)


@given(gaps=st.lists(st.integers(-100, 5_000), max_size=10), script=st.lists(controls, max_size=15))
@settings(max_examples=60, deadline=None)
def test_whatever_is_pressed_the_screen_shows_a_prefix_of_the_log(
    gaps: list[int], script: list[tuple[str, float]]
) -> None:
    async def press_all() -> None:
        async with playing(spaced(*gaps)) as (source, screen, time):
            for name, value in script:
                if name == "seek":
                    source.seek(int(value))
                elif name == "speed":
                    source.set_speed(value)
                elif name == "advance":
                    await time.advance(value)
                else:
                    getattr(source, name)()
                assert list(screen.shown) == list(source.records[: source.position])

    asyncio.run(press_all())


def test_a_log_is_found_by_file_folder_and_id(tmp_path: Path) -> None:
    folder = create_session_folder(tmp_path / "sessions", "s-1")
    records = numbered([start(), end()])
    write_log(folder.event_log, records)
    for target in (str(folder.event_log), str(folder.path), "s-1"):
        assert find_log(target, tmp_path / "sessions") == folder.event_log
        found = find_log(target, tmp_path / "sessions")
        assert list(read_records(found)) == records


def test_a_folder_with_one_log_of_the_reference_is_enough(tmp_path: Path) -> None:
    log = tmp_path / "event_log-sess-1.jsonl"
    write_log(log, numbered([start()]))
    assert find_log(str(tmp_path), tmp_path) == log


@pytest.mark.parametrize("target", ["unknown", "", "~nobody-here/x", "x" * 5_000, "a\0b", "."])
def test_a_log_that_is_not_there_is_one_error(
    tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError):
        find_log(target, tmp_path)
