"""What the configuration says about the console itself: put in force, changed, written back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from harn_tui.console.actions import KeyMap
from harn_tui.console.attention import Attention
from harn_tui.console.rebinding import rebound_actions
from harn_tui.console.terminal_background import UsualTheme
from harn_tui.console.theme_choice import ThemeChoice
from harn_tui.console.themes import DARK_THEME, LIGHT_THEME
from harn_tui.errors import ConfigError

if TYPE_CHECKING:
    from harn_tui.config.key_paths import KeyPath
    from harn_tui.config.loader import LoadedConfiguration
    from harn_tui.console.ports import OpenSettings, SettingsPort
    from harn_tui.json_types import JsonValue


class ConsoleApp(Protocol):
    """What is set on the application."""

    theme_choice: ThemeChoice
    attention: Attention
    reduced_motion: bool
    usual_theme: UsualTheme
    vim_mode: bool
    shows_times: bool

    def choose_theme(self, name: str) -> None:
        """Show a theme; what is wrong with it is told."""
        ...

    def use_key_map(self, key_map: KeyMap) -> None:
        """Have the keys do what ``key_map`` says."""
        ...


class Preferences:
    """Keeps one application and its configuration in step.

    ``open_settings`` is called in a thread and gives ``None`` where there is no configuration.
    """

    def __init__(self, app: ConsoleApp, open_settings: OpenSettings = lambda: None) -> None:
        self._app = app
        self._open_settings = open_settings
        self._port: SettingsPort | None = None
        self._wanted_theme: str | None = None
        self.loaded: LoadedConfiguration | None = None
        """The configuration in force; ``None`` before it was loaded, and where there is none."""

    @property
    def user_file(self) -> str:
        """The file that changes are written to, empty where there is none."""
        return str(self._port.user_file) if self._port is not None else ""

    async def reopen(self) -> None:
        """Read the configuration of the folder that is worked in now. Raises ConfigError."""
        self._port, self._wanted_theme = None, None
        await self.load()

    async def load(self) -> None:
        """Read the configuration and put it in force. Raises ConfigError."""
        if self._port is None:
            self._port = await asyncio.to_thread(self._open_settings)
        if self._port is None:
            return
        loaded = await asyncio.to_thread(self._port.load)
        configuration = loaded.configuration
        actions = rebound_actions(configuration.keys, loaded.origins)
        self.loaded = loaded
        self._app.use_key_map(KeyMap(actions))
        self._app.reduced_motion = configuration.ui.reduced_motion
        self._app.shows_times = configuration.ui.show_timestamps
        self._app.vim_mode = configuration.ui.vim_mode
        self._app.attention.way = configuration.ui.notifications
        if configuration.ui.theme is not None:
            await self._use_theme(configuration.ui.theme)
        elif self._app.usual_theme.name is not None:
            await self._use_theme(self._app.usual_theme.name)
        elif self._app.theme_choice.name not in {DARK_THEME, LIGHT_THEME}:
            self._app.choose_theme(DARK_THEME)  # the terminal may still say that it is light

    async def use_usual_theme(self) -> None:
        """Show the usual theme, now that it is known, to who has chosen none."""
        name = self._app.usual_theme.name
        if self.loaded is None or self.loaded.configuration.ui.theme is not None or name is None:
            return
        await self._use_theme(name)

    async def _use_theme(self, wanted: str) -> None:
        # A theme that a person looks at for now stays when another setting is written.
        if wanted == self._wanted_theme:
            return
        self._wanted_theme = wanted
        if wanted != self._app.theme_choice.name:
            self._app.choose_theme(wanted)
        await self._app.theme_choice.remember(wanted)

    async def save(self, path: KeyPath, value: JsonValue) -> str:
        """Write one setting into the person's own file and put it in force.

        Returns where a layer that wins over that file sets it, empty when none does. Raises
        ConfigError.
        """
        if self._port is None:
            raise ConfigError("There is no configuration to write to yet.")
        await asyncio.to_thread(self._port.save, path, value)
        await self.load()
        assert self.loaded is not None
        origin = self.loaded.origins.get(".".join(path), "")
        is_own = not origin or origin.startswith(f"{self._port.user_file}:")
        return "" if is_own else origin
