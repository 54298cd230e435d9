"""The transcript: one line-API widget that draws the blocks of a session.

No widget is mounted for a block, and nothing but what is in view is laid out (docs:
architecture, "transcript"). The widget only hands out rows that are already there; ``Viewport``
finds them, ``Document`` lays them out.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var

from harn_tui.console.transcript import look
from harn_tui.console.transcript.block_source import block_source
from harn_tui.console.transcript.document import Document
from harn_tui.console.transcript.engines import Engines
from harn_tui.console.transcript.palette import Palette
from harn_tui.console.transcript.pen import Pen
from harn_tui.console.transcript.reader import Reader
from harn_tui.console.transcript.row_view import RowView
from harn_tui.console.transcript.scene import Scene
from harn_tui.console.transcript.unseen import Unseen
from harn_tui.console.transcript.viewport import Screenful, Spot, Viewport
from harn_tui.view.model import SessionView


class Transcript(RowView, can_focus=True):
    """Draws a ``SessionView``, following its end until the reader scrolls up.

    ``update_blocks`` is called once a frame. Whatever arrives, the first visible row stays where
    it is unless ``follow`` is set.
    """

    DEFAULT_CSS = look.CSS
    COMPONENT_CLASSES: ClassVar[set[str]] = set(look.COMPONENT_CLASSES)
    ALLOW_SELECT = False

    follow: var[bool] = var(True)
    """Whether the end is in view and stays there. Set it to return to the end."""

    unseen_count: var[int] = var(0)
    """Blocks with something new below the window since the end was last in view."""

    shows_time: var[bool] = var(False, init=False)
    """Whether user lines and tool calls carry the time of day."""

    class FoldChanged(Message):
        """A block was folded or opened; ``is_folded`` says which."""

        def __init__(self, index: int, is_folded: bool) -> None:
            super().__init__()
            self.index = index
            self.is_folded = is_folded

    class BlockClicked(Message):
        """A block was clicked where nothing folds; ``link`` is the address under the mouse."""

        def __init__(self, index: int, link: str | None) -> None:
            super().__init__()
            self.index = index
            self.link = link

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._document = Document(Pen(0, Palette({})))
        self._viewport = Viewport(self._document)
        self._unseen = Unseen()
        self._scene = Scene(self._document, self._viewport, self._draw, self.set_timer)
        self._reader = Reader(self._scene)
        self._has_palette = False

    # What the screens call

    @property
    def reader(self) -> Reader:
        """The cursor, the selection and the search of the person who reads."""
        return self._reader

    @property
    def _screenful(self) -> Screenful:
        return self._scene.screenful

    def show(self, view: SessionView) -> None:
        """Draw ``view`` from scratch, its end in view. Only what is visible is laid out."""
        self._document.attach(view.blocks)
        # Without a size nothing is drawn yet, and what was in view names blocks that may be gone.
        self._scene.screenful = Screenful()
        self._viewport.reset()
        self._viewport.height = self.window.height
        self._reader.reset()
        self._draw()

    def update_blocks(self, changed: Collection[int]) -> None:
        """Draw changed blocks again and take up new ones; once a frame, with all changes.

        A block that is out of view is only measured, not laid out.
        """
        self._document.update(changed)
        self._reader.update(changed)
        if not self._viewport.follow:
            last = self._screenful.spots[-1].block if self._screenful.spots else 0
            self._unseen.changed(set(changed), last)
        self._draw()

    def toggle_fold(self, index: int) -> bool:
        """Fold or open one block; the first visible row stays. False when it shows all there is."""
        if not 0 <= index < len(self._document.blocks):
            return False
        self._leave_end()
        is_changed = self._document.toggle_fold(index)
        if is_changed:
            self._viewport.block_was_renewed(index)
            block = self._document.blocks[index]
            is_folded = self._document.folds.is_folded(index, block)
            self.post_message(self.FoldChanged(index, is_folded))
        self._draw()
        return is_changed

    def toggle_all(self) -> None:
        """Open all blocks, or fold all when they are open; the first visible block stays."""
        self._leave_end()
        self._document.toggle_all()
        self._viewport.block_was_renewed(self._viewport.anchor.block)
        self._draw()

    def jump_to(self, index: int) -> None:
        """Bring one block to the top of the window, or as near to it as the end allows."""
        if 0 <= index < len(self._document.blocks):
            self._viewport.jump_to(index)
            self._draw()

    def copy_block(self, index: int) -> str:
        """Return the source text of a block, as it is to be copied. Raises IndexError."""
        return block_source(self._document.blocks[index])

    def block_at(self, row: int) -> int | None:
        """Return the block that is drawn in a row of the window, ``None`` for a blank one."""
        spots = self._screenful.spots
        return spots[row].block if 0 <= row < len(spots) else None

    def use_engines(self, engines: Engines) -> None:
        """Draw Markdown and syntax colours from now on: the start-up room loaded them."""
        self._document.pen.engines = engines
        self._document.redraw()
        self._draw()

    def tick(self, now_ms: int) -> None:
        """Count running durations up to ``now_ms``; at most a few times a second.

        Draws nothing when no call that is in view runs.
        """
        self._document.pen.now_ms = now_ms
        self._document.tick({spot.block for spot in self._screenful.spots})
        self._draw()

    # What Textual calls

    def freshen_rows(self) -> None:
        """Lay rows out again before they are handed out when the theme may have changed."""
        if not self._has_palette:
            self._draw()

    def notify_style_update(self) -> None:
        """Read the theme again before the next row is drawn."""
        super().notify_style_update()
        self._has_palette = False

    def on_resize(self) -> None:
        """Lay out what is visible for the new width; the first visible text stays."""
        width, height = self.window
        self._viewport.height = height
        if width != self._document.pen.width:
            self._document.pen.width = width
            self._document.redraw()
            self._read_theme()
            self._viewport.keep_place()
        self._draw(is_resized=True)

    def on_click(self, event: events.Click) -> None:
        """Fold or open what was clicked, else tell others of the click."""
        if not 0 <= event.y < len(self._screenful.spots):
            return
        event.stop()
        spot = self._screenful.spots[event.y]
        units = self._document.open(spot.block).units
        if spot.unit < len(units) and units[spot.unit].is_toggle and self._is_text(spot):
            self.toggle_fold(spot.block)
        else:
            link = event.style.link if isinstance(event.style, Style) else None
            self.post_message(self.BlockClicked(spot.block, link))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Take up a position that a key, the wheel or the scroll bar asked for."""
        del old_value
        if self.window != Size(self._document.pen.width, self._viewport.height):
            return
        target, top = round(new_value), self._viewport.top_row
        if target == top:
            return
        if abs(target - top) <= 2 * self._viewport.height:
            self._viewport.scroll(target - top)
        else:
            self._viewport.scroll_to_row(target)
        self._draw()

    def watch_follow(self, follow: bool) -> None:
        """Return to the end when somebody set ``follow``."""
        if follow and not self._viewport.follow:
            self._viewport.to_end()
            self._draw()

    def watch_shows_time(self) -> None:
        """Draw everything again, with or without times."""
        self._document.shows_time = self.shows_time
        self._document.restart()
        self._viewport.block_was_renewed(self._viewport.anchor.block)
        self._draw()

    def action_scroll_home(self) -> None:
        """Show the beginning."""
        self._viewport.jump_to(0)
        self._draw()

    def action_scroll_end(self) -> None:
        """Show the end and follow it."""
        self._viewport.to_end()
        self._draw()

    # One frame

    def _leave_end(self) -> None:
        """Hold on to the first visible row, so that what is folded below does not move it."""
        self._viewport.follow = False

    def _is_text(self, spot: Spot) -> bool:
        return spot.row >= self._document.open(spot.block).units[spot.unit].gap

    def _read_theme(self) -> None:
        if self._has_palette or not self.is_attached:
            return
        self._has_palette = True
        palette = look.read_palette(self)
        if not palette.looks_like(self._document.pen.palette):
            self._document.pen.palette = palette
            self._document.redraw()

    def _draw(self, *, is_resized: bool = False) -> None:
        """Find the visible rows and have those repainted that differ from the last frame."""
        if self._document.pen.width <= 0 or self._viewport.height <= 0:
            return
        self._read_theme()
        self._scene.screenful = self._viewport.compose()
        viewport = self._viewport
        top, height = viewport.top_row, viewport.height
        total = max(self._document.heights.total, top + height + viewport.has_more_below)
        if viewport.follow:
            top = max(0, total - height)
        self.set_rows(self._reader.marked(), top, total, is_all=is_resized)
        self._tell()

    def _tell(self) -> None:
        blocks = len(self._document.blocks)
        if self._viewport.follow:
            self._unseen.all_seen(blocks)
        elif self._screenful.spots:
            self._unseen.scrolled(self._screenful.spots[-1].block)
        self.follow = self._viewport.follow
        self.unseen_count = self._unseen.count(blocks)
        self._reader.place.drawn()
