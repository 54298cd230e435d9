"""Pictures of the list of lines to go back to."""

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.screens.rewind import RewindScreen
from harn_tui.console.themes import DARK_THEME, LIGHT_THEME
from tests.snapshots.test_console_snapshots import Compare, _live
from tests.unit.console import scenes
from tests.unit.console.stand_ins import FakeClock, FakeSession
from tests.unit.console.test_rewind import FakeRewinding, text


def _rewind(theme: str, *keys: str) -> tuple[HarnApp, Callable[[Pilot[int]], Awaitable[None]]]:
    def rewindable(session: FakeSession, _: FakeClock) -> None:
        session.rewinding = FakeRewinding()
        session.emit(scenes.session_start(), *scenes.run_start())

    app, play = _live(rewindable, theme)

    async def open_rewind(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press("alt+u")
        while not isinstance(app.screen, RewindScreen) or "parser" not in text(app.screen):
            await pilot.pause(0.005)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()

    return app, open_rewind


@pytest.mark.parametrize(
    ("theme", "size", "keys"),
    [(DARK_THEME, (80, 24), ()), (LIGHT_THEME, (120, 30), ("y", "tab", "tab"))],
    ids=["80x24", "120x30-files-with-yours"],
)
def test_the_lines_to_go_back_to_look_as_accepted(
    snap_compare: Compare, theme: str, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    app, play = _rewind(theme, *keys)
    assert snap_compare(app, terminal_size=size, run_before=play)
