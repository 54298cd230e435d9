"""Pictures of the first-run screen."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from harn_tui.console.ports import ConsoleSession
from harn_tui.console.themes import DARK_THEME, LIGHT_THEME
from tests.snapshots.test_console_snapshots import Compare
from tests.support.console_run import console_run
from tests.unit.console.stand_ins import FakeClock, FakeSession
from tests.unit.console.test_first_choice import OFFERS, FakeFirstRun


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (160, 48)], ids=["80x24", "120x40", "160x48"]
)
def test_the_first_run_looks_as_accepted(
    snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    clock = FakeClock()

    async def open_session() -> ConsoleSession:
        return FakeSession(clock)

    first_run = FakeFirstRun((OFFERS[0], OFFERS[2]))
    run = console_run(
        open_session, now_ms=clock, theme=theme, freeze=lambda: None, first_run=first_run
    )

    async def wait_for_offers(pilot: Pilot[int]) -> None:
        while not any("Which model" in str(w.render()) for w in run.screen.query(Static)):
            await pilot.pause(0.005)
        await pilot.pause()

    assert snap_compare(run.app, terminal_size=size, run_before=wait_for_offers)
