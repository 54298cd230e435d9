"""The headings of the side panel's tabs; a click on one opens it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual import events
from textual.content import Content
from textual.widget import Widget

from harn_tui.console.panels.tabs import PanelTab

_GAP = 2


class Heading(NamedTuple):
    """A tab and what it is called now."""

    tab: PanelTab
    text: str


class TabHeading(Widget):
    """All headings, over as many rows as they need."""

    DEFAULT_CSS = """
    TabHeading { height: auto; background: $surface; padding: 0 1; margin-bottom: 1; }
    """

    def __init__(self, open_tab: Callable[[PanelTab], None]) -> None:
        super().__init__()
        self._open_tab = open_tab
        self._headings: Sequence[Heading] = ()
        self._current = PanelTab.TOOLS

    def show(self, headings: Sequence[Heading], current: PanelTab) -> None:
        """Show these headings, ``current`` as the one that is open."""
        if (headings, current) == (self._headings, self._current):
            return
        rows_before = len(self._rows(self._width))
        self._headings, self._current = headings, current
        self.refresh(layout=len(self._rows(self._width)) != rows_before)

    def render(self) -> Content:
        """Return the headings."""
        return Content("\n").join(
            Content(" " * _GAP).join(self._styled(heading) for heading in row)
            for row in self._rows(self._width)
        )

    def on_click(self, event: events.Click) -> None:
        """Open the tab under the pointer."""
        rows = self._rows(self._width)
        if not 0 <= event.y < len(rows):
            return
        column = 1
        for heading in rows[event.y]:
            if column <= event.x < column + len(heading.text) + _GAP:
                self._open_tab(heading.tab)
                return
            column += len(heading.text) + _GAP

    @property
    def _width(self) -> int:
        return self.content_size.width or 36

    def _styled(self, heading: Heading) -> Content:
        is_open = heading.tab is self._current
        return Content.styled(heading.text, "bold $primary underline" if is_open else "$muted")

    def _rows(self, width: int) -> list[list[Heading]]:
        rows: list[list[Heading]] = [[]]
        free = width
        for heading in self._headings:
            if len(heading.text) > free and rows[-1]:
                rows.append([])
                free = width
            rows[-1].append(heading)
            free -= len(heading.text) + _GAP
        return rows
