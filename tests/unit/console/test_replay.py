from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.banner import Banner
from harn_tui.console.screens.replay import ReplayScreen
from harn_tui.console.screens.replay_controls import ReplayControls
from harn_tui.console.startup import LoadParts
from harn_tui.errors import StoreError
from harn_tui.events.record import Event, Record
from harn_tui.view.model import UserBlock
from tests.unit.console import scenes
from tests.unit.console.stand_ins import START_MS, PlainTranscript


def records_of(events: Sequence[Event], gap_ms: int = 1000) -> list[Record]:
    return [Record(i, START_MS + i * gap_ms, None, event) for i, event in enumerate(events)]


@asynccontextmanager
async def open_replay(
    events: Sequence[Event],
    *,
    plays_at_once: bool = False,
    load: Callable[[], Sequence[Record]] | None = None,
    size: tuple[int, int] = (80, 24),
    gap_ms: int = 1000,
    parts: LoadParts | None = None,
    **options: Any,
) -> AsyncIterator[tuple[ReplayScreen, Pilot[int]]]:
    from tests.unit.console.conftest import stand_in_parts

    records = records_of(events, gap_ms)
    screen = ReplayScreen(
        load or (lambda: records),
        title="a session",
        plays_at_once=plays_at_once,
        load=parts or stand_in_parts,
        **options,
    )
    app = HarnApp(screen, screen.open)
    async with app.run_test(size=size) as pilot:
        banner = screen.query_one(Banner)
        while not screen.is_complete and not banner.text:
            await pilot.pause(0.005)
        yield screen, pilot


async def press(screen: ReplayScreen, pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    while screen.is_busy:
        await pilot.pause(0.005)
    await pilot.pause()


def shown(screen: ReplayScreen) -> str:
    return str(screen.query_one(ReplayControls).render().plain)


async def test_a_replay_starts_at_its_first_event_and_steps_event_by_event() -> None:
    async with open_replay([scenes.session_start(), *scenes.run_start("hello")]) as (screen, pilot):
        assert "0/4" in shown(screen)

        await press(screen, pilot, "right", "right", "right")

        assert "3/4" in shown(screen)
        assert [b.text for b in screen.view.blocks if isinstance(b, UserBlock)] == ["hello"]


async def test_stepping_back_takes_away_what_the_event_brought() -> None:
    async with open_replay([scenes.session_start(), *scenes.run_start("hello")]) as (screen, pilot):
        await press(screen, pilot, "right", "right", "right", "left")

        assert "2/4" in shown(screen)
        assert screen.view.blocks == []


async def test_the_end_of_a_replay_is_what_was_live_and_home_goes_back_to_nothing() -> None:
    async with open_replay([scenes.session_start(), *scenes.busy_turn()]) as (screen, pilot):
        await press(screen, pilot, "end")
        assert len(screen.view.tools_by_id) == 3
        transcript = screen.query_one(PlainTranscript)
        assert transcript.view is screen.view

        await press(screen, pilot, "home")

        assert screen.view.blocks == []
        assert transcript.view is screen.view


async def test_turn_and_tool_keys_go_to_the_next_and_to_the_one_before() -> None:
    events = [scenes.session_start(), *scenes.busy_turn()]
    async with open_replay(events) as (screen, pilot):
        await press(screen, pilot, "t")
        first_tool = screen.position
        await press(screen, pilot, "t")
        assert screen.position > first_tool
        await press(screen, pilot, "T")
        assert events[screen.position].type == "tool_call"
        await press(screen, pilot, "p")
        assert events[screen.position].type == "turn_start"
        await press(screen, pilot, "n")
        assert screen.position > 3


async def test_speed_is_doubled_halved_and_bounded() -> None:
    async with open_replay([scenes.session_start()]) as (screen, pilot):
        assert "1×" in shown(screen)
        await press(screen, pilot, "plus", "plus")
        assert "4×" in shown(screen)
        await press(screen, pilot, *["minus"] * 9)
        assert "0.25×" in shown(screen)
        await press(screen, pilot, *["plus"] * 20)
        assert "max" in shown(screen)


async def test_space_starts_and_stops_the_clock() -> None:
    events = [scenes.session_start(), *scenes.run_start()]
    async with open_replay(events) as (screen, pilot):
        assert shown(screen).startswith("‖")
        await press(screen, pilot, "space")
        assert shown(screen).startswith("▶")
        await press(screen, pilot, "space")
        assert shown(screen).startswith("‖")


async def test_at_full_speed_a_replay_plays_to_its_end_by_itself() -> None:
    events = [scenes.session_start(), *scenes.busy_turn()]
    async with open_replay(events) as (screen, pilot):
        await press(screen, pilot, *["plus"] * 20, "space")
        while screen.position < len(events) or screen.is_busy:
            await pilot.pause(0.005)
        await pilot.pause()

        assert f"{len(events)}/{len(events)}" in shown(screen)


async def test_escape_stops_the_clock_and_never_leaves() -> None:
    async with open_replay([scenes.session_start()] * 3, plays_at_once=True) as (screen, pilot):
        await press(screen, pilot, "escape", "escape")
        assert shown(screen).startswith("‖")
        assert screen.app.is_running


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_a_replay_is_closed_by_one_key(key: str) -> None:
    async with open_replay([]) as (screen, pilot):
        await pilot.press(key)
        while screen.app.is_running:
            await pilot.pause(0.005)


async def test_a_log_that_cannot_be_read_is_told_in_the_banner() -> None:
    def load() -> Sequence[Record]:
        raise StoreError("There is no log [bold]x[/bold].", hint="Name another one.")

    async with open_replay([], load=load) as (screen, _):
        assert screen.query_one(Banner).text == "There is no log [bold]x[/bold]. Name another one."
