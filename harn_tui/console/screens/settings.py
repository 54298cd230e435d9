"""Every setting with its value and where it comes from; those of the console can be changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar, TypeAlias

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from harn_tui.config.describe import DEFAULT, Setting, settings_of
from harn_tui.console.plain_text import one_line
from harn_tui.console.preferences import Preferences
from harn_tui.console.screens.note_room import share_rows
from harn_tui.console.screens.popup import Popup
from harn_tui.errors import HarnError
from harn_tui.json_types import JsonValue
from harn_tui.kinds import Notifications

KEY_WIDTH = 26
VALUE_WIDTH = 24
NARROW_COLUMNS = 66
"""Below, a row says the last part of the key, and the note below the list says the rest."""

ChooseTheme: TypeAlias = Callable[[], Awaitable[None]]

_CHOICES: Mapping[str, Sequence[JsonValue]] = {
    "ui.show_timestamps": (False, True),
    "ui.reduced_motion": (False, True),
    "ui.vim_mode": (False, True),
    "ui.notifications": tuple(way.value for way in Notifications),
}
"""What Enter goes through, by key."""

_HELP = {
    "ui.theme": "Enter chooses a theme.",
    "ui.show_timestamps": "Your lines and the calls carry the time of day.",
    "ui.reduced_motion": "Text and durations change seldom instead of flowing.",
    "ui.vim_mode": "The prompt is edited with vim's keys; Esc leaves insert mode first.",
    "ui.notifications": "How you are called when the terminal is not in front.",
}
_UNSET_THEME = Setting("ui.theme", "dark or light, as the terminal is", DEFAULT)


class SettingsScreen(Popup[None]):
    """A list over the screen. Changes are written to the person's own file at once."""

    CLOSE_ACTION = "dismiss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,f3", "dismiss", "Close", show=False, priority=True),
    ]

    DEFAULT_CSS = """
    SettingsScreen { align: center middle; background: $background 70%; }
    SettingsScreen > Vertical {
        width: 100; max-width: 100%; height: auto; max-height: 100%; background: $surface;
        border: round $primary; border-title-color: $primary; border-subtitle-color: $muted;
    }
    SettingsScreen OptionList, SettingsScreen OptionList:focus {
        height: auto; background: $surface; background-tint: $foreground 0%; border: none;
        padding: 0; scrollbar-size-vertical: 1;
    }
    SettingsScreen Static { height: auto; min-height: 2; padding: 0 1; color: $muted; }
    """

    def __init__(self, preferences: Preferences, choose_theme: ChooseTheme) -> None:
        super().__init__()
        self._preferences = preferences
        self._choose_theme = choose_theme
        self._settings: list[Setting] = []
        self._said = ""

    def compose(self) -> ComposeResult:
        """Compose the list and the note on the setting under the cursor."""
        with Vertical() as box:
            box.border_title = Content(" Settings ")
            box.border_subtitle = Content(" Enter changes · Esc closes ")
            yield OptionList()
            yield Static(id="settings-note", markup=False)

    def on_mount(self) -> None:
        """Show the settings in force."""
        self.query_one(OptionList).focus()
        self.refresh_settings()

    def on_resize(self, event: events.Resize) -> None:
        """Fit the rows to the new width, and leave room for the note below them."""
        note = self.query_one("#settings-note", Static)
        share_rows(self.query_one(OptionList), note, event.size)
        self.refresh_settings()

    def refresh_settings(self) -> None:
        """Show the settings as they are now; the cursor stays where it is."""
        loaded = self._preferences.loaded
        found = settings_of(loaded) if loaded is not None else []
        if loaded is not None and not any(one.key == "ui.theme" for one in found):
            found.append(_UNSET_THEME)
        mine = [one for one in found if one.key in _HELP]
        others = [one for one in found if one.key not in _HELP]
        mine.sort(key=lambda one: list(_HELP).index(one.key))
        others.sort(key=lambda one: one.origin == DEFAULT)
        self._settings = [*mine, *others]
        options = self.query_one(OptionList)
        place = options.highlighted
        options.clear_options()
        options.add_options(Option(self._row(one), one.key) for one in self._settings)
        if self._settings:
            options.highlighted = min(place or 0, len(self._settings) - 1)
        else:
            self._note("The configuration is not loaded yet.")

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Say in full what the row under the cursor is."""
        message.stop()
        setting = self._settings[message.option_index]
        whole = f"{setting.key} = {setting.value} · {setting.origin}"
        more = _HELP.get(setting.key) or f"To change it, edit {self._preferences.user_file}"
        self._note(f"{one_line(whole)}\n{one_line(self._said or more)}")
        self._said = ""

    @work(exclusive=True)
    async def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Change the setting under the cursor."""
        message.stop()
        key = message.option.id or ""
        if key == "ui.theme":
            await self._choose_theme()
        elif key in _CHOICES:
            await self._change(key)
        self.refresh_settings()

    async def _change(self, key: str) -> None:
        choices = _CHOICES[key]
        setting = next(one for one in self._settings if one.key == key)
        now = [_literal(choice) for choice in choices].index(setting.value)
        try:
            winner = await self._preferences.save(
                tuple(key.split(".")), choices[(now + 1) % len(choices)]
            )
        except HarnError as error:
            self._said = str(error)
        else:
            file = self._preferences.user_file
            self._said = f"Written to {file}" + (f", but {winner} wins." if winner else ".")

    def _row(self, setting: Setting) -> Content:
        is_narrow = self.size.width < NARROW_COLUMNS
        key, value = one_line(setting.key), one_line(setting.value)
        if is_narrow:
            return Content.assemble(
                (key.rpartition(".")[2], "" if setting.key in _HELP else "$muted"),
                (f" {value}", "$accent"),
            ).truncate(max(8, self.size.width - 4), ellipsis=True)
        row = Content.assemble(
            (_cell(key, KEY_WIDTH), "" if setting.key in _HELP else "$muted"),
            (_cell(value, VALUE_WIDTH), "$accent"),
            (one_line(setting.origin), "$muted"),
        )
        return row.truncate(min(self.size.width, 100) - 4, ellipsis=True)

    def _note(self, text: str) -> None:
        self.query_one("#settings-note", Static).update(Content(text))


def _cell(text: str, width: int) -> str:
    shown = text if len(text) < width else text[: width - 2] + "…"
    return f"{shown:<{width}}"


def _literal(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"'
