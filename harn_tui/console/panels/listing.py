"""Draws the rows of a tab, only those in the window; a cursor while it has the focus."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from harn_tui.console.action import Scope
from harn_tui.console.actions import bindings_of
from harn_tui.console.panels.rows import Look, Row, RowList, Run

_COLORS = {
    Look.PLAIN: "$foreground",
    Look.STRONG: "$foreground",
    Look.MUTED: "$muted",
    Look.GOOD: "$success",
    Look.BAD: "$error",
    Look.BUSY: "$primary",
    Look.ASKING: "$warning",
}


_CURSOR = "listing--cursor"


class Listing(ScrollView, can_focus=False):
    """Rows of a ``RowList``. A click or Enter on one tells what it is about."""

    BINDINGS: ClassVar = bindings_of(Scope.PANEL)
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        _CURSOR,
        *(f"listing--{look}" for look in Look),
    }
    DEFAULT_CSS = """
    Listing {
        height: 1fr; padding: 0; scrollbar-size-vertical: 1; overflow-x: hidden;
        background: $surface;
    }
    Listing .listing--cursor {
        color: $block-cursor-foreground; background: $block-cursor-background;
        text-style: $block-cursor-text-style;
    }
    """ + "\n".join(
        f"Listing .listing--{look} {{ color: {color}; background: $surface; }}"
        for look, color in _COLORS.items()
    )

    class Chosen(Message):
        """A row was chosen; ``block`` is the index of what it is about, ``None`` for nothing.

        ``is_double``: with the second of two clicks.
        """

        def __init__(
            self, source: RowList, row: int, block: int | None, *, is_double: bool = False
        ) -> None:
            super().__init__()
            self.is_double = is_double
            self.source = source
            self.row = row
            self.block = block

    def __init__(self) -> None:
        super().__init__(id="listing")
        self._source: RowList | None = None
        self._painted: dict[int, tuple[tuple[Run, ...], bool]] = {}
        self.cursor = 0
        """The row that the keys act on, counted in entries."""

    def show(self, source: RowList) -> None:
        """Draw the rows of ``source``, which has looked at the view; stays at the end if there."""
        is_other = source is not self._source
        was_at_end = is_other or self.scroll_offset.y >= self.max_scroll_y
        self._source = source
        self._fit(source)
        if is_other:
            self.cursor = max(0, self._entries - 1) if source.follows_end else 0
        if is_other or (source.follows_end and was_at_end):
            place = self.max_scroll_y if source.follows_end else 0
            self.scroll_to(y=place, animate=False, force=True, immediate=True)
        self.cursor = max(0, min(self.cursor, self._entries - 1))
        self._repaint_changed()

    def on_resize(self) -> None:
        """Scroll no further than the rows go."""
        if self._source is not None:
            self._fit(self._source)

    def _fit(self, source: RowList) -> None:
        # A change of this size lays out the whole screen: not for rows that fit into the window.
        rows = max(1, source.count(), self.size.height)
        self.virtual_size = Size(self.size.width, rows)

    def _repaint_changed(self) -> None:
        """Have the lines drawn that would look otherwise than they were drawn last."""
        for y in range(self.size.height):
            if self._painted.get(y) != self._content(y):
                self.refresh(Region(0, y, self.size.width, 1))

    @property
    def source(self) -> RowList | None:
        """What is drawn."""
        return self._source

    @property
    def shows_cursor(self) -> bool:
        """Whether the row under the cursor is marked."""
        return self.has_focus

    @property
    def _entries(self) -> int:
        source = self._source
        return 0 if source is None else source.count() // source.rows_per_entry

    def enter(self) -> None:
        """Move the focus here: only a person does that."""
        self.can_focus = True
        self.focus()
        self.refresh()

    def on_blur(self) -> None:
        """Cannot be reached by Tab: focus is deliberate."""
        self.can_focus = False
        self.refresh()

    def move_cursor(self, step: int) -> None:
        """Go ``step`` entries down; stops at the ends."""
        self.cursor = max(0, min(self.cursor + step, self._entries - 1))
        per_entry = self._source.rows_per_entry if self._source else 1
        place = Region(0, self.cursor * per_entry, 1, per_entry)
        self.scroll_to_region(place, animate=False, force=True, immediate=True)
        self.refresh()

    def move_page(self, direction: int) -> None:
        """Go a window down (1) or up (-1)."""
        per_entry = self._source.rows_per_entry if self._source else 1
        self.move_cursor(direction * max(1, self.size.height // per_entry - 1))

    def choose(self) -> None:
        """Take the entry under the cursor."""
        self._choose(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """Take the entry under the pointer."""
        if self._source is not None:
            entry = (event.y + self.scroll_offset.y) // self._source.rows_per_entry
            self._choose(entry, is_double=event.chain > 1)

    def _choose(self, entry: int, *, is_double: bool = False) -> None:
        source = self._source
        if source is not None and 0 <= entry < self._entries:
            self.cursor = entry
            row = entry * source.rows_per_entry
            self.refresh()
            chosen = self.Chosen(source, row, source.target(row), is_double=is_double)
            self.post_message(chosen)

    def render_line(self, y: int) -> Strip:
        """Return one row of the window."""
        runs, is_under_cursor = self._painted[y] = self._content(y)
        width = self.scrollable_content_region.width
        segments = self._segments(runs) or [Segment("", self._style(Look.MUTED))]
        strip = Strip(segments).adjust_cell_length(width, self._style(Look.PLAIN))
        if not is_under_cursor:
            return strip
        # All in one look: its colours turned round, each run would stand on another ground.
        return Strip([Segment(strip.text, self.get_component_rich_style(_CURSOR))])

    def _content(self, y: int) -> tuple[tuple[Run, ...], bool]:
        """Return what stands in a row of the window, and whether the cursor does."""
        number = y + self.scroll_offset.y
        source = self._source
        if source is None or number >= source.count():
            text = "" if source is None or number else f" {source.empty_text}"
            return (Run(text, Look.MUTED),), False
        is_under_cursor = self.shows_cursor and number // source.rows_per_entry == self.cursor
        return tuple(source.row(number, self.scrollable_content_region.width)), is_under_cursor

    def _segments(self, row: Row) -> list[Segment]:
        return [Segment(run.text, self._style(run.look)) for run in row if run.text]

    def _style(self, look: Look) -> Style:
        style = self.get_component_rich_style(f"listing--{look}")
        return style + Style(bold=True) if look is Look.STRONG else style
