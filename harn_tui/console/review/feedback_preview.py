"""Shows what a review tells the model, before it is sent."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from harn_tui.console.plain_text import revealed
from harn_tui.console.screens.popup import Popup


class FeedbackPreview(Popup[bool]):
    """The text exactly as it will be sent; gives whether to send it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,s", "send", "Send", show=False),
        Binding("escape,q,ctrl+c", "go_back", "Back", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    FeedbackPreview { align: center middle; background: $background 60%; }
    FeedbackPreview VerticalScroll {
        width: 90%; max-width: 110; height: auto; max-height: 90%; padding: 0 1;
        border: round $accent; background: $background; border-title-style: bold;
        border-subtitle-color: $muted;
    }
    """

    def __init__(self, text: str, when: str) -> None:
        """``when`` says at what time the model reads it."""
        super().__init__()
        self._text = text
        self._when = when

    def compose(self) -> ComposeResult:
        """Compose the text in a box that scrolls."""
        box = VerticalScroll(Static(Content(revealed(self._text)), markup=False))
        box.border_title = Content(f" One message to the model, read {self._when} ")
        box.border_subtitle = Content(" Enter sends it · Esc goes back ")
        yield box

    def on_mount(self) -> None:
        """Let the keys scroll."""
        self.query_one(VerticalScroll).focus()

    def action_send(self) -> None:
        """Send it."""
        self.dismiss(True)

    def action_go_back(self) -> None:
        """Send nothing."""
        self.dismiss(False)
