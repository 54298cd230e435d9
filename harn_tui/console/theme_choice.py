"""The theme in force: shown at start, changed by a person, read again when its file changes."""

from __future__ import annotations

import asyncio

from textual.app import App
from textual.timer import Timer

from harn_tui.console.last_theme import LastTheme
from harn_tui.console.theme_library import Stamp, ThemeLibrary
from harn_tui.console.themes import DARK_THEME, ThemeError

LOOK_SECONDS = 1.0
"""Between two looks at the file of a person's own theme. Shipped themes are not looked at."""


class ThemeChoice:
    """Shows themes of ``library`` on ``app``. ``last`` remembers the one in force."""

    def __init__(self, app: App[int], library: ThemeLibrary, last: LastTheme | None = None) -> None:
        self._app = app
        self.library = library
        self._last = last
        self._stamp: Stamp | None = None
        self._timer: Timer | None = None
        self._told = ""

    @property
    def name(self) -> str:
        """The name of the theme in force."""
        return self._app.theme

    @property
    def is_looking(self) -> bool:
        """Whether the theme's file is looked at now and then."""
        return self._timer is not None

    def start(self, name: str) -> str | None:
        """Show the theme that was last in force, else ``name``; return what went wrong."""
        remembered = self._last.read() if self._last is not None else None
        if remembered is not None and self._failure_of(remembered) is None:
            return None
        problem = self._failure_of(name)
        if problem is not None and name != DARK_THEME:
            self._failure_of(DARK_THEME)
        return problem

    def show(self, name: str) -> None:
        """Show the theme called ``name``, or show it anew. Raises ThemeError."""
        self._apply(name)
        self._told = ""
        self.watch()

    def next_name(self) -> str | None:
        """Return the name after the one in force, ``None`` when there are no themes."""
        names = self.library.names()
        if not names:
            return None
        place = names.index(self.name) + 1 if self.name in names else 0
        return names[place % len(names)]

    def watch(self) -> None:
        """Look at the file from now on if it is a person's own, and only in a focused terminal."""
        wanted = self._app.app_focus and self.library.is_own(self.name)
        if wanted and self._timer is None:
            self._timer = self._app.set_interval(LOOK_SECONDS, self.look)
        elif not wanted and self._timer is not None:
            self._timer.stop()
            self._timer = None

    async def look(self) -> None:
        """Show the theme anew when its file was changed; a file that is broken is told once."""
        name, before = self.name, self._stamp
        stamp = await asyncio.to_thread(self.library.stamp, name)
        if stamp is None or stamp == before or name != self.name:
            return
        self._stamp = stamp
        try:
            self.show(name)
        except ThemeError as error:
            if str(error) != self._told:
                self._told = str(error)
                self._app.notify(self._told, severity="warning", markup=False)

    async def remember(self, name: str) -> None:
        """Have the next start begin with the theme called ``name``."""
        if self._last is not None:
            await asyncio.to_thread(self._last.write, name)

    def _failure_of(self, name: str) -> str | None:
        """Show a theme; return why it cannot be shown."""
        try:
            self._apply(name)
        except ThemeError as error:
            return str(error)
        return None

    def _apply(self, name: str) -> None:
        self._stamp = self.library.stamp(name)
        theme = self.library.read(name).theme
        self._app.register_theme(theme)
        if self._app.theme == name:
            self._app.mutate_reactive(App.theme)
        else:
            self._app.theme = name
