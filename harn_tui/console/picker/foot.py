"""The last row of the picker: what went wrong, how far the logs are read, or the keys."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from harn_tui.console.key_hints import key_hints
from harn_tui.console.plain_text import one_line

_HINTS = (
    ("picker_open", "resume"),
    ("help", "keys"),
    ("picker_search", "search"),
    ("picker_replay", "replay"),
    ("picker_scope", "folder"),
    ("picker_delete", "delete"),
    ("picker_rename", "rename"),
)
_ROOM_FOR_HINTS = 36
"""Cells that the hints need beside the counts, which else are left out."""


class Foot(Widget):
    """One row. A message stays until the next key."""

    SCOPED_CSS = False
    DEFAULT_CSS = "Foot { height: 1; padding: 0 2; } .-short Foot { padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__(id="foot")
        self._message = ""
        self._count = ""
        self._progress = ""

    @property
    def message(self) -> str:
        """What was told last."""
        return self._message

    def tell(self, message: str) -> None:
        """Show a message instead of the keys; an empty one ends it."""
        self._message = message
        self.refresh()

    def count(self, text: str) -> None:
        """Show how much there is in the list."""
        self._count = text
        self.refresh()

    def show_progress(self, done: int, total: int) -> None:
        """Show how many logs have been read of those that have to be."""
        self._progress = f"reading logs: {done} of {total} · " if done < total else ""
        self.refresh()

    def render(self) -> Content:
        """Return the row."""
        width = self.content_size.width
        if self._message:
            return Content.styled(one_line(self._message), "$warning").truncate(
                width, ellipsis=True
            )
        right = Content.styled(f"{self._progress}{self._count}", "$muted")
        if width - right.cell_length < _ROOM_FOR_HINTS:
            right = Content("")
        left = key_hints(_HINTS, width - right.cell_length - 2)
        room = width - left.cell_length - right.cell_length
        return left + Content(" " * max(0, room)) + right
