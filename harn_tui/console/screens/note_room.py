"""Shares a popup's rows between a list and the note below it."""

from __future__ import annotations

from textual.geometry import Size
from textual.widgets import OptionList, Static

from harn_tui.console.breakpoints import SHORT_ROWS

BORDER_ROWS = 2
TALL_NOTE_ROWS, SHORT_NOTE_ROWS = 4, 2
LEAST_LIST_ROWS = 3


def share_rows(options: OptionList, note: Static, screen: Size) -> None:
    """Let the list have what the screen and a note of the most rows leave; a longer note is cut."""
    note_rows = TALL_NOTE_ROWS if screen.height >= SHORT_ROWS else SHORT_NOTE_ROWS
    note.styles.max_height = note_rows
    options.styles.max_height = max(LEAST_LIST_ROWS, screen.height - BORDER_ROWS - note_rows)
