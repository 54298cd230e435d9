"""A text over the screen, in a box that scrolls; Escape goes back."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from harn_tui.console.screens.popup import Popup


class TextPopup(Popup[None]):
    """Shows ``text`` as it is: markup in it means nothing."""

    CLOSE_ACTION = "dismiss"
    BINDINGS: ClassVar = [("escape,q,enter", "dismiss", "Close")]
    DEFAULT_CSS = """
    TextPopup { align: center middle; background: $background 60%; }
    TextPopup VerticalScroll {
        width: 90%; max-width: 110; height: auto; max-height: 90%; padding: 0 1;
        border: round $primary; background: $background; border-title-style: bold;
        border-subtitle-color: $muted;
    }
    """

    def __init__(self, title: str, text: str | Content) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """Compose the text."""
        box = VerticalScroll(Static(self._text, markup=False))
        box.border_title = self._title
        box.border_subtitle = "Esc closes"
        yield box
