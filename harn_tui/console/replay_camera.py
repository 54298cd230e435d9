"""Pictures of the console's own screen at chosen places of a recorded session, without a terminal.

Import this only after ``console.environment.prepare_environment``.
"""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.screens.replay import ReplayScreen
from harn_tui.console.theme_library import ThemeLibrary
from harn_tui.console.themes import theme_folder
from harn_tui.errors import UsageError

if TYPE_CHECKING:
    from harn_tui.events.record import Record

_POLL_S = 0.005
_FONT = re.compile(r"@font-face\s*\{[^}]*\}\s*")


class ReplayCamera:
    """Moves through a session and takes pictures. Made by ``open_camera``."""

    def __init__(self, app: HarnApp, screen: ReplayScreen, pilot: Pilot[int]) -> None:
        self._app = app
        self._screen = screen
        self._pilot = pilot

    async def go(self, position: int) -> None:
        """Show what the screen shows once ``position`` records have been delivered."""
        self._screen.seek(position)
        while self._screen.is_busy:
            await self._pilot.pause(_POLL_S)
        await self._pilot.pause()

    def svg(self, title: str) -> str:
        """Return the screen as an SVG that loads nothing: the reader's own fonts are used."""
        return _FONT.sub("", self._app.export_screenshot(title=title))

    def lines(self) -> list[str]:
        """Return the rows of the screen as text with the codes of its colours."""
        size = self._app.size
        console = Console(
            width=size.width,
            height=size.height,
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
            legacy_windows=False,
        )
        # The library offers pictures in SVG alone; its rows are what it sends to terminals.
        strips = self._app.screen._compositor.render_strips()  # noqa: SLF001 - there is no other way
        return [strip.render(console) for strip in strips]


@asynccontextmanager
async def open_camera(
    records: Sequence[Record], *, title: str, size: tuple[int, int], theme: str
) -> AsyncIterator[ReplayCamera]:
    """Open the replay of ``records`` on a screen of ``size`` (columns, rows).

    Raises UsageError when there is no such theme.
    """
    screen = ReplayScreen(lambda: records, title=title, plays_at_once=False)
    themes = ThemeLibrary(theme_folder())
    if theme not in themes.names():
        known = ", ".join(themes.names())
        raise UsageError(f"There is no theme {theme!r}.", hint=f"There are: {known}.")
    app = HarnApp(screen, screen.open, theme_name=theme, themes=themes)
    async with app.run_test(size=size) as pilot:
        while not screen.is_complete:
            await pilot.pause(_POLL_S)
        yield ReplayCamera(app, screen, pilot)
