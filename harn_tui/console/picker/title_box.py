"""Asks for another title of a session."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from harn_tui.console.keys_in_order import InputLine
from harn_tui.console.plain_text import one_line
from harn_tui.console.screens.popup import Popup


class TitleBox(Popup[str | None]):
    """One line over the screen; gives the title, ``None`` when it was closed or is the same."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "close", "Close", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    TitleBox { align: center middle; background: $background 70%; }
    TitleBox Input, TitleBox Input:focus {
        width: 72; max-width: 100%; height: 3; border: round $primary; background: $surface;
        border-title-color: $primary; border-subtitle-color: $muted;
    }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """Compose the line, with the title that there is."""
        box = InputLine(one_line(self._title))
        box.border_title = Content(" Title ")
        box.border_subtitle = Content(" Enter keeps · Esc closes ")
        yield box

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Give the title."""
        message.stop()
        title = message.value.strip()
        self.dismiss(title if title and title != one_line(self._title) else None)

    def action_close(self) -> None:
        """Leave the title as it is."""
        self.dismiss(None)
