"""The transcript as the console uses it: with keys for browsing, and selecting by mouse."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.message import Message
from textual.timer import Timer

from harn_tui.console.action import Scope
from harn_tui.console.actions import key_map_in_force
from harn_tui.console.transcript.selection import Place
from harn_tui.console.transcript.transcript import Transcript

_EDGE_SECONDS = 1 / 20


class BrowsedTranscript(Transcript, can_focus=False):
    """Can have the focus only while a person browses: a click alone never takes it."""

    SCOPED_CSS = False
    BINDINGS: ClassVar = []

    class TypedInVain(Message):
        """A character was typed that means nothing while browsing."""

        def __init__(self, character: str) -> None:
            super().__init__()
            self.character = character

    class Selected(Message):
        """Something was selected with the mouse."""

    class Left(Message):
        """The focus went elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self._pressed: Place | None = None
        self._has_dragged = False
        self._mouse = (0, 0)
        self._edge_timer: Timer | None = None

    def take_focus(self) -> bool:
        """Take the keys, and show the cursor; false when there is no block to stand on."""
        self.reader.enter()
        if self.reader.block is None:
            self.reader.leave()
            return False
        self.can_focus = True
        self.focus()
        return True

    async def _on_key(self, event: events.Key) -> None:
        # As in the prompt: a key must act before what is typed after it.
        action_id = key_map_in_force().id_in(Scope.TRANSCRIPT, event.key)
        if action_id is not None:
            event.prevent_default()
            event.stop()
            await self.run_action(f"screen.perform({action_id!r})")
        elif event.is_printable and event.character and "+" not in event.key:
            event.prevent_default()
            event.stop()
            self.post_message(self.TypedInVain(event.character))

    def on_blur(self) -> None:
        """Hide the cursor, unless the whole program lost the focus and will get it back."""
        if self.app.app_focus:
            self.can_focus = False
            self.post_message(self.Left())

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to select; what was selected is not any more."""
        self._has_dragged = False
        if event.button == 1:
            self.reader.selecting.drop()
            self._pressed = self.reader.selecting.place_at(event.x, event.y)
            self.capture_mouse()
            if self._pressed is not None and self.reader.is_browsing:
                self.reader.stand_on(self._pressed.block)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Select up to the mouse while its button is held."""
        if self._pressed is not None and event.button == 1:
            self._mouse = (event.x, event.y)
            self._drag()
            self._watch_edges()

    def on_mouse_up(self) -> None:
        """End selecting; tell of it when anything is selected."""
        self.release_mouse()
        self._pressed = None
        self._stop_edges()
        if self._has_dragged and self.reader.selecting.selection is not None:
            self.post_message(self.Selected())

    def on_click(self, event: events.Click) -> None:
        """Fold or open what was clicked, unless the click ended a selection."""
        if self._has_dragged:
            event.stop()
            event.prevent_default()

    def _drag(self) -> None:
        head = self.reader.selecting.place_at(*self._mouse)
        if self._pressed is not None and head is not None:
            self._has_dragged = self._has_dragged or head != self._pressed
            self.reader.selecting.select(self._pressed, head)

    def _watch_edges(self) -> None:
        is_outside = not 0 <= self._mouse[1] < self.window.height
        if not is_outside:
            self._stop_edges()
        elif self._edge_timer is None:
            self._edge_timer = self.set_interval(_EDGE_SECONDS, self._scroll_on)

    def _scroll_on(self) -> None:
        """Scroll while the mouse is held above or below the window."""
        if self._mouse[1] < 0:
            self.action_scroll_up()
        else:
            self.action_scroll_down()
        self._drag()

    def _stop_edges(self) -> None:
        if self._edge_timer is not None:
            self._edge_timer.stop()
            self._edge_timer = None
