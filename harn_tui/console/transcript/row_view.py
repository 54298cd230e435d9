"""A scrolling widget that hands out rows which were laid out before.

It takes the shortest way through Textual 8.2.8: cached strips are returned as they are, only rows
that changed are repainted, and the scroll position is set without the layout of the whole screen
that assigning ``virtual_size`` costs.
"""

from __future__ import annotations

from textual.filter import ANSIToTruecolor
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget


class RowView(ScrollView):
    """Base of the transcript. It has no border and no padding: rows are drawn with theirs."""

    auto_links = False

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._rows: list[Strip] = []
        self._bar = (0, 0)

    @property
    def window(self) -> Size:
        """Columns and rows that are free for rows."""
        return self.scrollable_content_region.size

    def freshen_rows(self) -> None:
        """Call ``set_rows`` when the rows are out of date; called before they are handed out."""

    def set_rows(self, rows: list[Strip], top: int, total: int, *, is_all: bool = False) -> None:
        """Show ``rows``, which are number ``top`` and following of ``total``.

        Rows that look as before are not repainted, unless ``is_all``.
        """
        before, self._rows = self._rows, rows
        if is_all:
            self.refresh()
        else:
            self._repaint_changed(before, rows)
        self._move_scroll_bar(top, total)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows in ``crop``; the same strips until they change."""
        self.freshen_rows()
        width = self.window.width
        strips = self._rows[crop.y : crop.bottom]
        if len(strips) < crop.height:
            blank = Strip.blank(width, self.visual_style.rich_style)
            strips = strips + [blank] * (crop.height - len(strips))
        # Themes are resolved to true colours, so what maps terminal colours to them is not needed.
        filters = [it for it in self.get_line_filters() if not isinstance(it, ANSIToTruecolor)]
        if filters:
            background = self.background_colors[1]
            for line_filter in filters:
                strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.x or crop.right < width:
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """Return one row of the window."""
        return self.render_lines(Region(0, y, self.window.width, 1))[0]

    def scroll_to(self, *args: object, **kwargs: object) -> None:
        """Scroll at once: an animated pager lags behind the key."""
        kwargs["animate"] = False
        super().scroll_to(*args, **kwargs)  # type: ignore[arg-type]

    def _repaint_changed(self, before: list[Strip], rows: list[Strip]) -> None:
        both = min(len(before), len(rows))
        changed = [
            row
            for row in range(max(len(before), len(rows)))
            if row >= both or (before[row] is not rows[row] and before[row] != rows[row])
        ]
        if changed:
            width = self.window.width
            self.refresh(*[Region(0, y, width, count) for y, count in stretches(changed)])

    def _move_scroll_bar(self, top: int, total: int) -> None:
        width, height = self.window
        self.set_reactive(Widget.virtual_size, Size(width, total))
        self.set_reactive(Widget.scroll_y, top)
        self.set_reactive(Widget.scroll_target_y, top)
        # The bar is redrawn when it would look different by half a cell.
        steps = height * 2
        bar = (steps * height // max(1, total), steps * top // max(1, total))
        if bar != self._bar and self.show_vertical_scrollbar:
            self._bar = bar
            self.vertical_scrollbar.window_virtual_size = total
            self.vertical_scrollbar.position = top


def stretches(rows: list[int]) -> list[tuple[int, int]]:
    """Return ``(first, count)`` of each stretch of neighbours in ascending ``rows``."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and sum(found[-1]) == row:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((row, 1))
    return found
