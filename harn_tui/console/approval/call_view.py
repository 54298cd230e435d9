"""The call that waits for an answer, on the whole screen: to read, not to answer."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from harn_tui.console.screens.popup import Popup


class CallView(Popup[None]):
    """Scrolls; Escape goes back to where the call can be answered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,f,q", "dismiss", "Close", show=False, priority=True),
    ]

    SCOPED_CSS = False
    DEFAULT_CSS = """
    CallView VerticalScroll {
        width: 100%; height: 100%; background: $background; border: round $warning;
        border-title-color: $warning; border-title-style: bold; border-subtitle-color: $muted;
        padding: 0 1; scrollbar-size: 0 1; scrollbar-gutter: stable;
    }
    CallView Static { height: auto; }
    CallView #call-reasons { margin: 0 0 1 0; }
    """

    def __init__(self, title: str, reasons: Content, call: Content) -> None:
        super().__init__()
        self._title = title
        self._reasons = reasons
        self._call = call

    def show_call(self, call: Content) -> None:
        """Show the call anew: more is known of it."""
        self._call = call
        for text in self.query("#call-text").results(Static):
            text.update(call)

    def compose(self) -> ComposeResult:
        """Compose why it is asked, then the call in full."""
        with VerticalScroll() as page:
            page.border_title = Content(self._title)
            page.border_subtitle = Content("↑↓ PgUp PgDn scroll · Esc goes back to answer")
            yield Static(self._reasons, id="call-reasons", markup=False)
            yield Static(self._call, id="call-text", markup=False)
