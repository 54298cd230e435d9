"""Pictures of the review of changes."""

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.screens.review import ReviewScreen
from harn_tui.console.themes import DARK_THEME, LIGHT_THEME
from tests.snapshots.test_console_snapshots import Compare, _live
from tests.unit.console import review_scenes, scenes
from tests.unit.console.stand_ins import FakeClock, FakeSession

SIZES = [(80, 24), (120, 40), (160, 48)]
NAMES = ["80x24", "120x40", "160x48"]


def changing(session: FakeSession, _: FakeClock) -> None:
    session.is_running = True
    session.emit(scenes.session_start(), *scenes.busy_turn(), *review_scenes.three_edits())


def _review(theme: str, *keys: str) -> tuple[HarnApp, Callable[[Pilot[int]], Awaitable[None]]]:
    app, play = _live(changing, theme)

    async def open_review(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press("alt+e")
        while not isinstance(app.screen, ReviewScreen):
            await pilot.pause(0.005)
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await pilot.pause()

    return app, open_review


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", SIZES, ids=NAMES)
def test_a_review_looks_as_accepted(
    snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    app, play = _review(theme, "a", "x", "c", *"use math.ceil", "enter")
    assert snap_compare(app, terminal_size=size, run_before=play)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", SIZES, ids=NAMES)
def test_what_the_model_will_be_told_looks_as_accepted(
    snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    app, play = _review(theme, "a", "x", "c", *"use math.ceil", "enter", "s")
    assert snap_compare(app, terminal_size=size, run_before=play)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
def test_the_comment_on_a_hunk_looks_as_accepted(snap_compare: Compare, theme: str) -> None:
    app, play = _review(theme, "n", "c", *"use math.ceil")
    assert snap_compare(app, terminal_size=(80, 24), run_before=play)


def test_a_review_on_a_tiny_terminal_looks_as_accepted(snap_compare: Compare) -> None:
    app, play = _review(DARK_THEME, "a")
    assert snap_compare(app, terminal_size=(40, 10), run_before=play)
