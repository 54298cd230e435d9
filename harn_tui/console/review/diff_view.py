"""Draws a review, only the rows in the window, with a mark beside the current hunk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from harn_tui.console.action import Scope
from harn_tui.console.actions import bindings_of
from harn_tui.console.review.changes import HunkKey, Review
from harn_tui.console.review.drawing import Cell, Look, Piece, draw_row
from harn_tui.console.review.rows import ReviewRows
from harn_tui.console.review.verdicts import Verdicts

_SIDEWAYS_STEP = 8

_STYLES = {
    Look.PLAIN: "color: $foreground",
    Look.MUTED: "color: $text-muted",
    Look.MARK: "color: $primary",
    Look.FILE: "color: $foreground; background: $panel; text-style: bold",
    Look.HUNK: "color: $text-secondary; background: $surface",
    Look.ADDED: "color: $text-success; background: $success 12%",
    Look.ADDED_WORD: "color: $foreground; background: $success 40%; text-style: bold",
    Look.REMOVED: "color: $text-error; background: $error 12%",
    Look.REMOVED_WORD: "color: $foreground; background: $error 40%; text-style: bold",
    Look.ACCEPTED: "color: $text-success; text-style: bold",
    Look.REJECTED: "color: $text-error; text-style: bold",
    Look.COMMENTED: "color: $text-warning",
}


class DiffView(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of a review. ``on_move`` is called when another hunk became the current one."""

    BINDINGS: ClassVar = bindings_of(Scope.REVIEW)
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"diff--{look}" for look in Look}
    DEFAULT_CSS = """
    DiffView {
        height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: scroll;
        background: $background;
    }
    """ + "\n".join(f"DiffView .diff--{look} {{ {style}; }}" for look, style in _STYLES.items())

    def __init__(self, verdicts: Verdicts, on_move: Callable[[], object]) -> None:
        super().__init__()
        self._verdicts = verdicts
        self._on_move = on_move
        self._rows = ReviewRows(Review(), is_split=False)
        self._sideways = 0
        self.current: int | None = None
        """The hunk that the keys act on, as its place in the review; ``None`` without hunks."""

    @property
    def is_split(self) -> bool:
        """Whether old and new stand side by side."""
        return self._rows.is_split

    def show(self, review: Review, *, is_split: bool) -> None:
        """Draw ``review``; the current hunk stays where it was in the window."""
        before, offset = self._current_key(), self._offset_of_current()
        self._rows = ReviewRows(review, is_split=is_split)
        places = {hunk.key: place for place, hunk in enumerate(review.hunks)}
        self.current = places.get(before) if before is not None else None
        is_kept = self.current is not None
        if self.current is None and places:
            self.current = 0
        self.virtual_size = Size(self.size.width, max(1, self._rows.count))
        if is_kept and self.current is not None:
            self._show_from(self._rows.span(self.current)[0] - offset)
        self.refresh()
        self._on_move()

    def _current_key(self) -> HunkKey | None:
        hunks = self._rows.review.hunks
        return None if self.current is None else hunks[self.current].key

    def _offset_of_current(self) -> int:
        return 0 if self.current is None else self._rows.span(self.current)[0] - self._top

    @property
    def _top(self) -> int:
        return round(self.scroll_offset.y)

    def go_to(self, hunk: int) -> None:
        """Make a hunk the current one and bring it into the window, as much as fits."""
        count = len(self._rows.review.hunks)
        if not count:
            return
        self.current = max(0, min(hunk, count - 1))
        first, height = self._rows.span(self.current)
        window = max(1, self.size.height)
        if first < self._top + 1:
            # The heading of the file stays in sight above its first hunk.
            self._show_from(first - 1)
        elif first + height > self._top + window:
            self._show_from(min(first - 1, first + height - window + 1))
        self.refresh()
        self._on_move()

    def step_hunk(self, step: int) -> None:
        """Go ``step`` hunks on; stops at the ends."""
        if self.current is not None:
            self.go_to(self.current + step)

    def step_file(self, step: int) -> None:
        """Go to the first hunk of the next file (1) or of the one before (-1)."""
        review = self._rows.review
        if self.current is None:
            return
        firsts = [0]
        for file in review.files:
            firsts.append(firsts[-1] + len(file.hunks))
        starts = sorted({first for first in firsts if first < len(review.hunks)})
        here = max(place for place, first in enumerate(starts) if first <= self.current)
        self.go_to(starts[max(0, min(here + step, len(starts) - 1))])

    def scroll_rows(self, rows: int) -> None:
        """Move the window; the first hunk in it becomes the current one if that is out of it."""
        self._show_from(self._top + rows)
        self._follow_window()

    def scroll_pages(self, pages: int) -> None:
        """Move the window by its height."""
        self.scroll_rows(pages * max(1, self.size.height - 1))

    def scroll_sideways(self, direction: int) -> None:
        """Show what is further right (1) or left (-1) in long lines."""
        self._sideways = max(0, self._sideways + direction * _SIDEWAYS_STEP)
        self.refresh()

    def _show_from(self, row: int) -> None:
        self.scroll_to(y=max(0, row), animate=False, force=True, immediate=True)

    def _follow_window(self) -> None:
        if self.current is None:
            return
        first, height = self._rows.span(self.current)
        if first + height <= self._top or first >= self._top + self.size.height:
            in_window = self._rows.hunk_from(self._top)
            self.current = self.current if in_window is None else in_window
        self.refresh()
        self._on_move()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll by the wheel."""
        event.stop()
        event.prevent_default()
        self.scroll_rows(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll by the wheel."""
        event.stop()
        event.prevent_default()
        self.scroll_rows(3)

    def on_click(self, event: events.Click) -> None:
        """Make the hunk under the pointer the current one."""
        place = self._rows.at(event.y + self._top)
        if place is not None and place.hunk is not None:
            self.go_to(place.hunk)

    def render_line(self, y: int) -> Strip:
        """Return one row of the window."""
        width = self.scrollable_content_region.width
        cells = draw_row(self._rows, y + self._top, self._verdicts, self.current, width)
        return Strip.join([self._strip(cell) for cell in cells])

    def _strip(self, cell: Cell) -> Strip:
        fill = self._style(cell.fill)
        head, tail = Strip(self._segments(cell.head)), Strip(self._segments(cell.tail, fill))
        # What was said about a hunk is worth more than where the hunk comes from.
        head_room = max(0, cell.width - tail.cell_length)
        if head.cell_length > head_room:
            head = head.crop(0, head_room)
        room = max(0, cell.width - head.cell_length - tail.cell_length)
        body = Strip(self._segments(cell.body))
        if self._sideways and cell.body:
            body = body.crop(self._sideways, max(self._sideways, body.cell_length))
        if body.cell_length > room > 0:
            mark = Segment("…", self._style(Look.MUTED) + Style(bgcolor=fill.bgcolor))
            body = Strip.join([body.crop(0, room - 1), Strip([mark])])
        strip = Strip.join([head, body.adjust_cell_length(room, fill), tail])
        return strip.adjust_cell_length(cell.width, fill)

    def _segments(self, pieces: Sequence[Piece], ground: Style | None = None) -> list[Segment]:
        """Return pieces with their styles; with ``ground`` on its background."""
        over = None if ground is None else Style(bgcolor=ground.bgcolor)
        styles = ((piece.text, self._style(piece.look)) for piece in pieces if piece.text)
        return [Segment(text, style if over is None else style + over) for text, style in styles]

    def _style(self, look: Look) -> Style:
        return self.get_component_rich_style(f"diff--{look}")
