"""Chooses a theme: the one under the cursor is on the screen at once, Escape takes it back."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from harn_tui.console.contrast import READABLE, weakest_text
from harn_tui.console.plain_text import one_line
from harn_tui.console.screens.note_room import share_rows
from harn_tui.console.screens.popup import Popup
from harn_tui.console.theme_choice import ThemeChoice
from harn_tui.console.themes import ThemeError, ThemeFile


class ThemePicker(Popup[str | None]):
    """A list at the edge of the screen; gives the chosen theme's name, ``None`` when closed."""

    CLOSE_ACTION = "close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,f2", "close", "Close", show=False, priority=True),
    ]

    # The session stays in sight: it is what a theme is looked at with.
    DEFAULT_CSS = """
    ThemePicker { align: right top; background: transparent; }
    ThemePicker > Vertical {
        width: 34; max-width: 100%; height: auto; max-height: 100%; background: $surface;
        border: round $primary; border-title-color: $primary; border-subtitle-color: $muted;
    }
    ThemePicker OptionList, ThemePicker OptionList:focus {
        height: auto; background: $surface; background-tint: $foreground 0%; border: none;
        padding: 0; scrollbar-size-vertical: 1;
    }
    ThemePicker Static { height: auto; min-height: 2; padding: 0 1; color: $muted; }
    """

    def __init__(self, choice: ThemeChoice, *, is_without_colour: bool = False) -> None:
        super().__init__()
        self._choice = choice
        self._before = choice.name
        self._names = choice.library.names()
        self._is_without_colour = is_without_colour

    def compose(self) -> ComposeResult:
        """Compose the list and the note on the theme under the cursor."""
        with Vertical() as box:
            box.border_title = Content(" Themes ")
            box.border_subtitle = Content(" Enter keeps · Esc back ")
            yield OptionList(*(Option(self._row(name), name) for name in self._names))
            yield Static(id="theme-note", markup=False)

    def on_mount(self) -> None:
        """Begin at the theme in force."""
        options = self.query_one(OptionList)
        if self._before in self._names:
            options.highlighted = self._names.index(self._before)
        options.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Leave room for the note below the list."""
        note = self.query_one("#theme-note", Static)
        share_rows(self.query_one(OptionList), note, event.size)

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Show the theme under the cursor."""
        message.stop()
        name = message.option.id or ""
        try:
            if name != self._choice.name:
                self._choice.show(name)
            self._say(_note(self._choice.library.read(name)))
        except ThemeError as error:
            self._say(Content.styled(str(error), "$warning"))

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Keep the theme under the cursor, if it can be used."""
        message.stop()
        if message.option.id == self._choice.name:
            self.dismiss(message.option.id)

    def action_close(self) -> None:
        """Bring the theme back that was there before."""
        if self._choice.name != self._before:
            self._choice.show(self._before)
        self.dismiss(None)

    def _row(self, name: str) -> Content:
        yours = "  yours" if self._choice.library.is_own(name) else ""
        return Content.assemble((one_line(name), ""), (yours, "$muted"))

    def _say(self, note: Content) -> None:
        if self._is_without_colour:
            note = Content("NO_COLOR is set: nothing has a colour, whatever the theme.")
        self.query_one("#theme-note", Static).update(note)


def _note(file: ThemeFile) -> Content:
    note = Content(file.description or "No description.")
    weakest = weakest_text(file.theme)
    if weakest is None or weakest[1] >= READABLE:
        return note
    name, ratio = weakest
    words = f"\n{name} has a contrast of {ratio:.1f}:1 only; text needs {READABLE}:1."
    return Content.assemble(note, (words, "$warning"))
