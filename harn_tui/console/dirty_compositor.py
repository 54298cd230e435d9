"""A compositor that draws again what changed, and not all that stands beside it.

Textual 8.2.8 asks every visible widget for all of its rows at each partial update, and throws away
those that did not change: with a side panel, prompt and status line that was a fourth of the CPU of
streamed text. What is written to the terminal is the same (a test compares the bytes).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class DirtyCompositor(Compositor):
    """Leaves out the widgets, and the rows of them, that no dirty region touches."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted: list[Region] | None = None

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return what to write for the regions that are dirty, ``None`` for nothing."""
        screen = self.size.region
        self._wanted = [one.intersection(screen) for one in self._dirty_regions]
        try:
            return super().render_partial_update()
        finally:
            self._wanted = None

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if self._wanted is None:
            yield from super()._get_renders(crop)
            return
        left = self._wanted
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            rows = _touched(shown, left)
            if rows is not None:
                place = Region(rows.x - region.x, rows.y - region.y, rows.width, rows.height)
                yield region, rows, widget.render_lines(place)
                # Widgets come from front to back: nothing shows behind one that covers it.
                left = [one for one in left if not shown.contains_region(one)]
                if not left:
                    return


def _touched(shown: Region, wanted: Sequence[Region]) -> Region | None:
    """Return the rows of ``shown`` from the first to the last that ``wanted`` touches."""
    touched = [one for one in wanted if one.overlaps(shown)] if shown else []
    if not touched:
        return None
    top = max(shown.y, min(one.y for one in touched))
    bottom = min(shown.bottom, max(one.bottom for one in touched))
    return Region(shown.x, top, shown.width, bottom - top)
