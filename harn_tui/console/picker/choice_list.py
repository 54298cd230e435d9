"""The list of the picker: its cursor moves while the focus is in the box above."""

from __future__ import annotations

from harn_tui.console.panels.listing import Listing


class ChoiceList(Listing):
    """Rows of sessions or hits, one of them always chosen."""

    DEFAULT_CSS = "ChoiceList { background: $surface; }"

    @property
    def shows_cursor(self) -> bool:
        """Always: what is typed acts on the row under it."""
        return True

    def go_to(self, entry: int) -> None:
        """Choose the ``entry``-th entry, the last one when there are fewer."""
        self.move_cursor(entry - self.cursor)
