"""The Textual application: themes, the first screen, the help. It knows nothing of sessions.

Import this only after ``console.environment.prepare_environment``.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Offset
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import TextArea

from harn_tui.console.actions import DEFAULT_KEY_MAP, KeyMap
from harn_tui.console.attention import Attention
from harn_tui.console.key_sequences import add_key_sequences
from harn_tui.console.last_theme import LastTheme
from harn_tui.console.paste_filter import filter_pastes
from harn_tui.console.patient_driver import PatientDriver
from harn_tui.console.ports import OpenSettings
from harn_tui.console.preferences import Preferences
from harn_tui.console.screens.help import HelpScreen
from harn_tui.console.screens.scoped import ScopedScreen
from harn_tui.console.startup import load_palette, load_settings_screen, load_theme_picker
from harn_tui.console.suspending import suspend_between_callbacks
from harn_tui.console.terminal_background import TerminalBackground, UsualTheme
from harn_tui.console.terminal_writer import write_to_terminal
from harn_tui.console.theme_choice import ThemeChoice
from harn_tui.console.theme_library import ThemeLibrary
from harn_tui.console.themes import DARK_THEME, ThemeError, theme_folder, variable_defaults
from harn_tui.errors import HarnError


def _as_typed(event: events.Event) -> events.Event:
    """Return an early key as it was meant.

    Until the program has set the terminal up, the terminal itself turns Enter into a line feed.
    """
    if isinstance(event, events.Key) and event.key == "ctrl+j":
        return events.Key("enter", "\r")
    return event


_CURSORS_WITHOUT_COLOUR = {
    # Textual 8.2.8 draws no list's row in reverse.
    "block-cursor-text-style": "bold underline",
    "block-cursor-blurred-text-style": "bold underline",
    "input-cursor-text-style": "reverse",
}


class HarnApp(App[int], inherit_bindings=False):
    """Shows one screen for a session or a replay.

    ``after_first_frame`` runs as a worker of the app once the screen has been painted;
    the first frame has the theme of ``last_theme``, else ``theme_name``. With ``holds_input`` that
    screen is a picture alone, and what is typed goes to the one of ``enter``. ``terminal_mode`` is
    what other programs find when they get the terminal the first time, as ``termios`` has it;
    without it, that is the mode in which the app found it.
    """

    TITLE = "harn-tui"
    # Textual would add a palette key of its own, beside the one of the table.
    ENABLE_COMMAND_PALETTE = False
    COMMANDS: ClassVar = {load_palette}
    BINDINGS: ClassVar[list[BindingType]] = []
    vim_mode: var[bool] = var(default=False)
    """Whether the prompt is edited with vim's keys."""
    shows_times: var[bool] = var(default=False)
    """Whether lines and calls have the time of day."""
    # At the top: at the bottom they would lie over what a person types and is asked.
    CSS = """
    ToastRack { dock: top; align: right top; margin: 0; }
    Toast { background: $panel; color: $foreground; margin: 0 0 1 0; padding: 0 1; }
    .-narrow Toast { max-width: 100%; }
    """

    def __init__(
        self,
        first_screen: Screen[None],
        after_first_frame: Callable[[], Awaitable[None]],
        *,
        theme_name: str = DARK_THEME,
        themes: ThemeLibrary | None = None,
        last_theme: LastTheme | None = None,
        open_settings: OpenSettings = lambda: None,
        holds_input: bool = False,
        terminal_mode: list[Any] | None = None,
    ) -> None:
        add_key_sequences()
        filter_pastes()
        # Without colours there are no shades of grey either, which Textual would else use.
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self.use_command_palette = True
        self._first_screen = first_screen
        self._after_first_frame = after_first_frame
        self._early_input: list[events.Event] | None = []
        self._is_early = True
        """Whether what is held was typed before the terminal told keys apart."""
        self._holds_input = holds_input
        self.terminal_mode = terminal_mode
        self.animation_level = "none"
        library = themes or ThemeLibrary(theme_folder())
        self.theme_choice = ThemeChoice(self, library, last_theme)
        self._theme_problem = self.theme_choice.start(theme_name)
        self.key_map = DEFAULT_KEY_MAP
        self.reduced_motion = False
        self.attention = Attention(partial(write_to_terminal, self), os.environ)
        self.preferences = Preferences(self, open_settings)
        self.usual_theme = UsualTheme(self, self._use_usual_theme)

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that sleeps until something is typed, where Textual's own would be."""
        driver = super().get_driver_class()
        return PatientDriver if driver is LinuxDriver else driver

    def get_default_screen(self) -> Screen[None]:
        """Return the only screen that is not a popup."""
        return self._first_screen

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our extra variables for themes that lack them."""
        return variable_defaults(self.current_theme)

    def get_css_variables(self) -> dict[str, str]:
        """Return the theme's variables; without colours, cursors have a style."""
        variables = super().get_css_variables()
        return variables | _CURSORS_WITHOUT_COLOUR if self.no_color else variables

    @property
    def cursor_position(self) -> Offset:
        """Where the terminal's own cursor belongs: input methods draw there.

        Textual 8.2.8 notes the place when the caret moves in its text, and not when the text
        moves on the screen.
        """
        focused = self.focused if self._running else None
        return focused.cursor_screen_offset if isinstance(focused, TextArea) else self._cursor_place

    @cursor_position.setter
    def cursor_position(self, place: Offset) -> None:
        self._cursor_place = place

    def on_mount(self) -> None:
        """Report a theme that cannot be used, and go on after the first frame."""
        if self._theme_problem:
            self.notify(self._theme_problem, severity="warning", markup=False)
        suspend_between_callbacks(self, self._repaint)
        self.app_resume_signal.subscribe(self, lambda _: self._repaint())
        self.call_after_refresh(self._start)

    def on_unmount(self) -> None:
        """Leave the terminal its own title."""
        self.attention.restore_title()

    def _repaint(self) -> None:
        """Paint everything again: coming back from the shell, the terminal shows nothing."""
        for widget in (self.screen, *self.screen.query("*")):
            widget.refresh(layout=widget is self.screen)

    def action_show_help(self) -> None:
        """Open the help for the screen in front."""
        if isinstance(self.screen, ScopedScreen):
            self.push_screen(HelpScreen(self.screen.SCOPES))

    def use_key_map(self, key_map: KeyMap) -> None:
        """Have the keys do what ``key_map`` says."""
        self.key_map = key_map
        self.set_keymap(dict(key_map.changes()))

    def on_terminal_background(self, message: TerminalBackground) -> None:
        """Choose the usual theme after the terminal's background."""
        message.stop()
        self.usual_theme.take(message)

    def _use_usual_theme(self) -> None:
        self.run_worker(self.preferences.use_usual_theme(), group="theme")

    def action_show_settings(self) -> None:
        """Open the settings."""
        self.run_worker(self._show_settings(), group="popup", exclusive=True)

    def action_choose_theme(self) -> None:
        """Open the choice of themes."""
        self.run_worker(self._pick_theme(), group="popup", exclusive=True)

    async def _show_settings(self) -> None:
        make_screen = await load_settings_screen()
        await self.push_screen_wait(make_screen(self.preferences, self._pick_theme))

    async def _pick_theme(self) -> None:
        """Let a person choose a theme, and remember it."""
        make_screen = await load_theme_picker()
        picker = make_screen(self.theme_choice, is_without_colour=self.no_color)
        name = await self.push_screen_wait(picker)
        if name is None:
            return
        try:
            winner = await self.preferences.save(("ui", "theme"), name)
        except HarnError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        if winner:
            self.notify(f"The next start has the theme of {winner}, which wins.", markup=False)

    def action_next_theme(self) -> None:
        """Switch to the next theme."""
        name = self.theme_choice.next_name()
        if name is not None:
            self.choose_theme(name)

    def choose_theme(self, name: str) -> None:
        """Switch to the theme called ``name``; what is wrong with it is told."""
        try:
            self.theme_choice.show(name)
        except ThemeError as error:
            self.notify(str(error), severity="warning", markup=False)

    def watch_app_focus(self, is_focused: bool) -> None:
        """Look at the theme's file while a person looks at the screen, else call them."""
        self.theme_choice.watch()
        self.attention.focus_changed(is_focused=is_focused)

    async def on_event(self, event: events.Event) -> None:
        """Hold input back while the screen that takes it is to come, as before the first frame."""
        is_input = isinstance(event, events.Key | events.Paste)
        if self._early_input is not None and is_input and not self._leaves(event):
            self._early_input.append(event)
        else:
            await super().on_event(event)

    def _leaves(self, event: events.Event) -> bool:
        """Whether ``event`` is the key that leaves, on a screen that knows it."""
        is_key = isinstance(event, events.Key) and event.key in self.key_map["quit"].keys
        return is_key and isinstance(self.screen, ScopedScreen)

    def hold_input(self) -> None:
        """Hold back what is typed from here on, until ``release_input``."""
        if self._early_input is None:
            self._early_input, self._is_early = [], False

    async def release_input(self) -> None:
        """Hand what was typed meanwhile to the screen in front, once that is painted."""
        painted = asyncio.Event()
        self.screen.call_after_refresh(painted.set)
        await painted.wait()
        await self._release_input()

    async def enter(self, screen: Screen[None]) -> None:
        """Put ``screen`` in the place of the first one, and hand it what was typed meanwhile."""
        await self.push_screen(screen)
        await self.release_input()

    async def _release_input(self) -> None:
        early, self._early_input = self._early_input or [], None
        for event in early:
            await super().on_event(_as_typed(event) if self._is_early else event)

    async def _start(self) -> None:
        if not self._holds_input:
            await self._release_input()
        self.usual_theme.ask(os.environ.get("TERM", ""))
        self.run_worker(self._after_first_frame(), group="start", exit_on_error=True)
