"""The first picture: what the chat screen will look like, painted before its files are read.

Keys are kept by the app until the chat screen is there, so nothing here takes any.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from harn_tui.console.breakpoints import SHORT_ROWS
from harn_tui.console.opening_words import (
    IDLE_HINT,
    OPENING,
    OPENING_GLYPH,
    TYPE_ALREADY,
    welcome,
)


class OpeningScreen(Screen[None]):
    """Welcome, prompt and status line, without anything behind them."""

    DEFAULT_CSS = """
    OpeningScreen { background: $background; color: $foreground; overflow: hidden; }
    OpeningScreen #opening-welcome { height: 1fr; padding: 1 3; color: $muted; }
    OpeningScreen #opening-prompt {
        height: 3; margin: 0 1; padding: 0 1; border: round $primary; color: $faint;
    }
    OpeningScreen #opening-status { height: 1; padding: 0 2; color: $muted; }
    OpeningScreen.-short #opening-welcome { padding: 0 1; }
    OpeningScreen.-short #opening-prompt {
        border: none; border-left: wide $primary; height: 1; margin: 0; padding: 0 0 0 1;
    }
    OpeningScreen.-short #opening-status { padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (SHORT_ROWS, "-tall")]

    def compose(self) -> ComposeResult:
        """Compose the picture from top to bottom."""
        yield Static(welcome(Content(TYPE_ALREADY)), id="opening-welcome", markup=False)
        yield Static(Content(IDLE_HINT).stylize("reverse", 0, 1), id="opening-prompt")
        yield Static(Content(f"{OPENING_GLYPH} {OPENING}"), id="opening-status")
