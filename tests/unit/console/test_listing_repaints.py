"""The panel's rows are drawn again when they change, and alone."""

import pytest
from textual.strip import Strip

from harn_tui.console.panels.listing import Listing
from harn_tui.kinds import ToolKind
from tests.unit.console import scenes
from tests.unit.console.conftest import OpenConsole

CALLS = 3


async def test_one_call_that_changes_repaints_its_own_rows(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [
        scenes.tool(f"call-{n}", "run_command", ToolKind.EXECUTE, {"command": f"make {n}"})
        for n in range(CALLS)
    ]
    async with open_console(*scenes.run_start(), size=(120, 40)) as console:
        await console.emit(*calls)
        listing = console.get(Listing)
        assert listing.virtual_size.height == listing.size.height  # so nothing was laid out
        drawn: list[int] = []
        real = Listing.render_line

        def render_line(self: Listing, y: int) -> Strip:
            drawn.append(y)
            return real(self, y)

        monkeypatch.setattr(Listing, "render_line", render_line)
        await console.emit(scenes.tool_runs("call-1", "run_command"))
        assert set(drawn) <= {2, 3}
        assert drawn


async def test_rows_that_do_not_fit_can_be_scrolled_to(open_console: OpenConsole) -> None:
    calls = [
        scenes.tool(f"call-{n}", "run_command", ToolKind.EXECUTE, {"command": f"make {n}"})
        for n in range(40)
    ]
    async with open_console(*scenes.run_start(), *calls, size=(120, 40)) as console:
        listing = console.get(Listing)
        assert listing.max_scroll_y == 2 * len(calls) - listing.size.height
        await console.pilot.resize_terminal(120, 30)
        await console.settle()
        assert listing.max_scroll_y == 2 * len(calls) - listing.size.height
