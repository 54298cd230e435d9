"""Starts a console on its chat screen at once, without the picture that stands before it."""

from typing import Any

from textual.screen import Screen

from harn_tui.console.app import HarnApp
from harn_tui.console.entry import ConsoleRun
from harn_tui.console.last_theme import LastTheme
from harn_tui.console.ports import OpenSession, OpenSettings
from harn_tui.console.screens.opening import OpeningScreen
from harn_tui.console.theme_library import ThemeLibrary
from harn_tui.console.themes import DARK_THEME


class _ChatApp(HarnApp):
    """An app whose first screen is that of ``console_run``."""

    console_run: ConsoleRun

    def get_default_screen(self) -> Screen[None]:
        return self.console_run.screen


def console_run(
    open_session: OpenSession,
    *,
    theme: str = DARK_THEME,
    themes: ThemeLibrary | None = None,
    last_theme: LastTheme | None = None,
    open_settings: OpenSettings = lambda: None,
    **options: Any,
) -> ConsoleRun:
    """Return a start of the console; ``options`` are those of ``ConsoleRun``. Run its ``app``."""

    async def start() -> None:
        await app.console_run.open()

    app = _ChatApp(
        OpeningScreen(),
        start,
        theme_name=theme,
        themes=themes,
        last_theme=last_theme,
        open_settings=open_settings,
    )
    app.console_run = ConsoleRun(app, open_session, **options)
    return app.console_run
