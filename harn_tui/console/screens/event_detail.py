"""One event in full, as indented JSON."""

from __future__ import annotations

import json
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from harn_tui.console.plain_text import plain

_MAX_CHARACTERS = 200_000


class EventDetail(ModalScreen[None]):
    """Shows a line of the log; Escape goes back."""

    BINDINGS: ClassVar = [("escape,q,enter", "dismiss", "Close")]
    DEFAULT_CSS = """
    EventDetail { align: center middle; background: $background 60%; }
    EventDetail VerticalScroll {
        width: 90%; max-width: 110; height: auto; max-height: 90%; padding: 0 1;
        border: round $primary; background: $background; border-title-style: bold;
        border-subtitle-color: $muted;
    }
    """

    def __init__(self, title: str, line: str) -> None:
        """``line`` is the record as it stands in the log."""
        super().__init__()
        self._title = title
        self._line = line

    def compose(self) -> ComposeResult:
        """Compose the text in a box that scrolls."""
        box = VerticalScroll(Static(_indented(self._line), markup=False))
        box.border_title = self._title
        box.border_subtitle = "Esc closes"
        yield box


def _indented(line: str) -> str:
    text = json.dumps(json.loads(line), indent=2, ensure_ascii=False)
    if len(text) > _MAX_CHARACTERS:
        hidden = len(text) - _MAX_CHARACTERS
        text = f"{text[:_MAX_CHARACTERS]}\n… {hidden:,} more characters are in the log"
    return plain(text)
