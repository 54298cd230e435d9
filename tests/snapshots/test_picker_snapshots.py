"""Pictures of the list of stored sessions."""

import time
from collections.abc import Awaitable, Callable, Iterator

import pytest
from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.picker.screen import PickerScreen
from harn_tui.console.themes import DARK_THEME, LIGHT_THEME
from tests.unit.console.stand_ins import START_MS
from tests.unit.console.test_picker import HERE, FakeStore

Compare = Callable[..., bool]


@pytest.fixture(autouse=True)
def _one_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown as a clock on the wall has them; the pictures are of Greenwich."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def picker(theme: str, *keys: str) -> tuple[HarnApp, Callable[[Pilot[int]], Awaitable[None]]]:
    screen = PickerScreen(FakeStore(), HERE, lambda: START_MS)

    async def play(pilot: Pilot[int]) -> None:
        while not screen.is_loaded:
            await pilot.pause(0.005)
        await pilot.press(*keys)
        await pilot.app.workers.wait_for_complete(
            [worker for worker in pilot.app.workers if worker.group != "start"]
        )
        await pilot.pause()

    return HarnApp(screen, screen.open, theme_name=theme), play


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (160, 48), (40, 10)], ids=["80x24", "160x48", "40x10"])
@pytest.mark.parametrize(
    "keys", [("down", "down"), ("ctrl+f", *"page")], ids=["sessions", "places"]
)
def test_the_picker_looks_as_accepted(
    snap_compare: Compare, keys: tuple[str, ...], size: tuple[int, int], theme: str
) -> None:
    app, play = picker(theme, *keys)
    assert snap_compare(app, terminal_size=size, run_before=play)


def test_a_deletion_asks_as_accepted(snap_compare: Compare) -> None:
    app, play = picker(DARK_THEME, "alt+d")
    assert snap_compare(app, terminal_size=(80, 24), run_before=play)
