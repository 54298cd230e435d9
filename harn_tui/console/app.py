"""The Textual application: themes, the first screen, the help. It knows nothing of sessions.

Import this only after ``console.environment.prepare_environment``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen

from harn_tui.console.key_sequences import add_key_sequences
from harn_tui.console.palette import ActionProvider
from harn_tui.console.paste_filter import filter_pastes
from harn_tui.console.screens.help import HelpScreen
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.console.themes import (
    DARK_THEME,
    EXTRA_VARIABLES,
    load_themes,
    theme_folder,
)


def _as_typed(event: events.Event) -> events.Event:
    """Return an early key as it was meant.

    Until the program has set the terminal up, the terminal itself turns Enter into a line feed.
    """
    if isinstance(event, events.Key) and event.key == "ctrl+j":
        return events.Key("enter", "\r")
    return event


class HarnApp(App[int], inherit_bindings=False):
    """Shows one screen for a session or a replay.

    ``after_first_frame`` runs as a worker of the app once the screen has been painted;
    ``theme_name`` falls back to the first theme that could be read.
    """

    TITLE = "harn-tui"
    # Textual would add a palette key of its own, beside the one of the table.
    ENABLE_COMMAND_PALETTE = False
    COMMANDS: ClassVar = {ActionProvider}
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS = """
    Toast { background: $panel; color: $foreground; }
    """

    def __init__(
        self,
        first_screen: PerformingScreen,
        after_first_frame: Callable[[], Awaitable[None]],
        *,
        theme_name: str = DARK_THEME,
        themes: Path | None = None,
    ) -> None:
        add_key_sequences()
        filter_pastes()
        super().__init__()
        self.use_command_palette = True
        self._first_screen = first_screen
        self._after_first_frame = after_first_frame
        self.theme_problems: list[str] = []
        self._early_input: list[events.Event] | None = []
        self.animation_level = "none"
        self._load_themes(themes or theme_folder(), theme_name)

    def get_default_screen(self) -> Screen[None]:
        """Return the only screen that is not a popup."""
        return self._first_screen

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our extra variables for themes that lack them."""
        return EXTRA_VARIABLES[self.current_theme.dark]

    def on_mount(self) -> None:
        """Report theme files that cannot be used, and go on after the first frame."""
        for problem in self.theme_problems:
            self.notify(problem, severity="warning", markup=False)
        self.app_resume_signal.subscribe(self, self._repaint)
        self.call_after_refresh(self._start)

    def _repaint(self, _: App[int]) -> None:
        """Paint everything again: coming back from the shell, the terminal shows nothing."""
        for widget in (self.screen, *self.screen.query("*")):
            widget.refresh(layout=widget is self.screen)

    def action_show_help(self) -> None:
        """Open the help for the screen in front."""
        if isinstance(self.screen, PerformingScreen):
            self.push_screen(HelpScreen(self.screen.SCOPES))

    def action_next_theme(self) -> None:
        """Switch to the next of our themes."""
        own = self._own_themes
        position = own.index(self.theme) + 1 if self.theme in own else 0
        if own:
            self.theme = own[position % len(own)]

    def choose_theme(self, name: str) -> None:
        """Switch to the theme called ``name``; one that is not there is told, with the others."""
        if name in self.available_themes:
            self.theme = name
        else:
            known = ", ".join(self._own_themes)
            self.notify(f"There is no theme {name!r}. There are: {known}.", markup=False)

    async def on_event(self, event: events.Event) -> None:
        """Hold input back until the first frame: before it, nothing is there to take it."""
        if self._early_input is not None and isinstance(event, events.Key | events.Paste):
            self._early_input.append(event)
        else:
            await super().on_event(event)

    async def _start(self) -> None:
        early, self._early_input = self._early_input or [], None
        for event in early:
            await super().on_event(_as_typed(event))
        self.run_worker(self._after_first_frame(), group="start", exit_on_error=True)

    def _load_themes(self, folder: Path, theme_name: str) -> None:
        themes, self.theme_problems = load_themes(folder)
        self._own_themes = [theme.name for theme in themes]
        for theme in themes:
            self.register_theme(theme)
        if theme_name in self.available_themes:
            self.theme = theme_name
            return
        self.theme_problems.append(f"There is no theme named {theme_name!r}.")
        if self._own_themes:
            self.theme = self._own_themes[0]
