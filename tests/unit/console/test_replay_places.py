"""How a replay goes to places: landmarks, the strip, a given event, and a log that grows."""

import asyncio
from collections.abc import Sequence

import pytest
from textual.pilot import Pilot

from harn_tui.console.banner import Banner
from harn_tui.console.screens.replay import ReplayScreen
from harn_tui.console.screens.replay_controls import ReplayControls
from harn_tui.console.screens.replay_strip import head_cell, strip_content
from harn_tui.errors import StoreError, UsageError
from harn_tui.events.record import Event, Record
from harn_tui.kinds import ToolKind
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView
from harn_tui.view.timeline import Stretch
from tests.unit.console import scenes
from tests.unit.console.stand_ins import PlainTranscript
from tests.unit.console.test_replay import open_replay, press, records_of, shown


def eventful() -> list[Event]:
    return [
        scenes.session_start(),
        *scenes.run_start("mend it"),
        scenes.tool("t1", "run_command", ToolKind.EXECUTE, {"command": "make"}),
        scenes.asks("p1", "t1", "run_command"),
        scenes.tool_failed("t1", "run_command", "exit code 1"),
        *scenes.edited_file(),
        *scenes.compacted(),
        scenes.run_end(),
    ]


def folded(events: Sequence[Event], gap_ms: int = 1000) -> SessionView:
    view = SessionView()
    apply_all(view, records_of(events, gap_ms))
    return view


async def settled(screen: ReplayScreen, pilot: Pilot[int]) -> None:
    while screen.is_busy:
        await pilot.pause(0.005)


def place_of(screen: ReplayScreen) -> int:
    return screen.position


@pytest.mark.parametrize(
    ("key", "back", "event_type"),
    [
        ("e", "E", "tool_call_update"),
        ("a", "A", "permission_request"),
        ("d", "D", "tool_call_update"),
        ("c", "C", "transcript_compacted"),
    ],
)
async def test_a_key_goes_to_the_next_landmark_and_another_one_back(
    key: str, back: str, event_type: str
) -> None:
    events = eventful()
    async with open_replay(events) as (screen, pilot):
        await press(screen, pilot, key)
        found = screen.position
        assert events[found - 1].type == event_type

        await press(screen, pilot, "end", back)
        assert events[screen.position - 1].type == event_type
        assert screen.position >= found
        assert screen.view == folded(events[: screen.position])


async def test_steered_lines_are_found_where_they_entered() -> None:
    events = [
        scenes.session_start(),
        scenes.queued("f1", "faster"),
        scenes.claimed("f1"),
        scenes.delivered("f1", 1),
    ]
    async with open_replay(events) as (screen, pilot):
        await press(screen, pilot, "b")
        assert screen.position == 0
        assert [str(n.message) for n in screen.app._notifications] == [
            "No steered line after this event."
        ]


async def test_idle_gaps_are_played_in_full_when_the_person_wants_that() -> None:
    async with open_replay(eventful(), gap_ms=60_000, size=(120, 24)) as (screen, pilot):
        assert "all gaps" not in shown(screen)
        await press(screen, pilot, "i")
        assert "all gaps" in shown(screen)
        await press(screen, pilot, "i")
        assert "all gaps" not in shown(screen)


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_a_click_on_the_strip_goes_to_its_place_and_a_drag_follows(
    size: tuple[int, int],
) -> None:
    events = eventful()
    async with open_replay(events, size=size) as (screen, pilot):
        controls = screen.query_one(ReplayControls)
        left, top = controls.gutter.left + 2, controls.gutter.top
        cells = shown(screen).splitlines()[0].index("  ") - 2

        await pilot.click(controls, offset=(left + cells - 1, top))
        await settled(screen, pilot)
        assert place_of(screen) == len(events)

        await pilot.mouse_down(controls, offset=(left + cells // 2, top))
        await pilot.hover(controls, offset=(left + cells // 4, top))
        await settled(screen, pilot)
        assert 0 < place_of(screen) < len(events) // 2
        await pilot.hover(controls, offset=(0, top))
        await pilot.mouse_up(controls, offset=(0, top))
        await settled(screen, pilot)
        assert place_of(screen) == 0

        await pilot.hover(controls, offset=(left + cells - 1, top))
        assert place_of(screen) == 0


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (24, 6)])
async def test_the_strip_stands_in_a_row_however_small_the_terminal_is(
    size: tuple[int, int],
) -> None:
    async with open_replay(eventful(), size=size) as (screen, pilot):
        await press(screen, pilot, "end")
        row = shown(screen).splitlines()[0]
        assert len(row) <= size[0]
        assert "✗" in row
        assert "┃" in row


def test_the_strip_shows_density_errors_approvals_and_the_place() -> None:
    strip = [
        Stretch(1, has_error=False, has_approval=False),
        Stretch(400, has_error=False, has_approval=False),
        Stretch(0, has_error=False, has_approval=False),
        Stretch(9, has_error=True, has_approval=True),
        Stretch(9, has_error=False, has_approval=True),
        Stretch(3, has_error=False, has_approval=False),
    ]
    assert strip_content(strip, 0.0).plain == "▁█─✗?▂"
    assert strip_content(strip, 1.0).plain == "▁█─✗?┃"
    assert strip_content([], 0.5).plain == ""


def test_the_place_is_in_the_cell_that_a_click_there_would_go_to() -> None:
    for cells in (1, 7, 40):
        assert [head_cell((cell + 1) / cells, cells) for cell in range(cells)] == list(range(cells))
    assert head_cell(0.0, 10) == -1


async def test_any_moves_in_a_long_log_end_with_the_fold_of_what_is_shown() -> None:
    events = [scenes.session_start(), *scenes.busy_turn() * 300, scenes.run_end()]
    async with open_replay(events, gap_ms=10) as (screen, pilot):
        for keys in (("end",), ("T", "T"), ("home", "n", "n"), ("end", "p"), ("left",)):
            await press(screen, pilot, *keys)
            assert screen.view == folded(events[: screen.position], 10)
            assert screen.query_one(PlainTranscript).view is screen.view
            rows = screen.body.side.rows.events
            rows.take(screen.view, 0)
            assert rows.record(rows.count() - 1).index == screen.position - 1


async def test_a_replay_begins_at_the_event_that_was_asked_for() -> None:
    async with open_replay(eventful(), plays_at_once=True, find_start=lambda _: 5) as (screen, _):
        assert screen.position == 5
        assert shown(screen).startswith("‖")


async def test_an_event_that_is_not_there_is_told_and_the_replay_opens() -> None:
    def find(_: Sequence[Record]) -> int:
        raise UsageError("There is no event 99.")

    async with open_replay(eventful(), find_start=find) as (screen, _):
        assert screen.query_one(Banner).text == "There is no event 99."
        assert screen.position == 0


class Feed:
    """A log that grows when a test says so."""

    def __init__(self) -> None:
        self.is_live = True
        self.waiting: list[Record] = []
        self.polled = asyncio.Event()

    def records(self) -> list[Record]:
        found, self.waiting = self.waiting, []
        return found

    async def sleep(self, _: float) -> None:
        await self.polled.wait()
        self.polled.clear()


async def test_a_session_that_still_runs_is_followed_at_its_end() -> None:
    records, feed = records_of(eventful()), Feed()
    feed.waiting = records[4:6]
    async with open_replay([], load=lambda: records[:4], feed=feed, sleep=feed.sleep) as (
        screen,
        pilot,
    ):
        await press(screen, pilot, "end")
        while "6/6" not in shown(screen):
            await pilot.pause(0.005)
            await press(screen, pilot, "end")
        assert "live" in shown(screen)
        assert shown(screen).startswith("●")

        feed.waiting = records[6:8]
        feed.polled.set()
        while "8/8" not in shown(screen):
            await pilot.pause(0.005)
        assert screen.view == folded(eventful()[:8])

        await press(screen, pilot, "left")
        feed.waiting, feed.is_live = records[8:10], False
        feed.polled.set()
        while "7/10" not in shown(screen):
            await pilot.pause(0.005)
        assert "live" not in shown(screen)


async def test_a_log_that_goes_away_while_it_is_followed_is_told() -> None:
    class Gone(Feed):
        def records(self) -> list[Record]:
            raise StoreError("There is no log x.", hint="Check the path.")

    async with open_replay(eventful(), feed=Gone()) as (screen, pilot):
        banner = screen.query_one(Banner)
        while not banner.text:
            await pilot.pause(0.005)
        assert banner.text == "There is no log x. Check the path."
        await press(screen, pilot, "end")
        assert screen.position == len(eventful())


async def test_a_fork_is_made_of_what_is_shown_and_told() -> None:
    asked: list[int] = []

    def fork(index: int) -> str:
        asked.append(index)
        return "new-id"

    async with open_replay(eventful(), fork=fork) as (screen, pilot):
        await press(screen, pilot, "f")
        assert asked == []
        await press(screen, pilot, "right", "right", "right", "f")
        while not asked or len(screen.app._notifications) < 2:
            await pilot.pause(0.005)
        assert asked == [2]
        told = [str(n.message) for n in screen.app._notifications]
        assert told[-1] == "Forked at event 2. Go on with: harn-tui --session new-id"


async def test_a_fork_that_fails_is_told_in_the_banner() -> None:
    def fork(_: int) -> str:
        raise StoreError("The session folder cannot be made.")

    async with open_replay(eventful(), fork=fork) as (screen, pilot):
        await press(screen, pilot, "right", "f")
        banner = screen.query_one(Banner)
        while not banner.text:
            await pilot.pause(0.005)
        assert banner.text == "The session folder cannot be made."
