"""The line that what is looked for is typed into, over the last row of the transcript."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static, TextArea

from harn_tui.console.action import Scope
from harn_tui.console.actions import key_map_in_force
from harn_tui.console.harmless_box import HarmlessBox
from harn_tui.console.keys_in_order import run_own_binding

_NOT_TYPED_PREFIXES = ("alt+", "ctrl+", "super+", "hyper+", "meta+")
MAX_NEEDLE_CHARS = 500


class FindLine(HarmlessBox, can_focus=False):
    """One line of text; its keys are those of the scope ``FIND``."""

    BINDINGS: ClassVar = []

    def __init__(self) -> None:
        super().__init__(soft_wrap=False, show_line_numbers=False, highlight_cursor_line=False)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        action_id = key_map_in_force().id_in(Scope.FIND, event.key)
        if action_id is not None:
            event.prevent_default()
            event.stop()
            await self.run_action(f"screen.perform({action_id!r})")
        elif await run_own_binding(self, event):
            return
        elif event.key.startswith(_NOT_TYPED_PREFIXES) or event.key in {"tab", "shift+enter"}:
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        lines = event.text[:MAX_NEEDLE_CHARS].splitlines()
        if lines:
            self.replace(lines[0], *self.selection, maintain_selection_offset=False)


class FindBar(Horizontal):
    """The line, and beside it how many places were found. ``on_typed`` gets each new text."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    FindBar {
        layer: above; dock: bottom; display: none; width: 100%; height: 1; background: $panel;
    }
    FindBar #find-mark { width: 9; padding: 0 1; color: $primary; text-style: bold; }
    FindBar FindLine, FindBar FindLine:focus {
        width: 1fr; height: 1; border: none; padding: 0; background: $panel;
        scrollbar-size: 0 0;
    }
    FindBar #find-count { width: auto; padding: 0 1; color: $muted; }
    """

    def __init__(self, on_typed: Callable[[str], object], on_left: Callable[[], object]) -> None:
        super().__init__(id="find-bar")
        self.is_open = False
        """Whether it is shown."""
        self._said = ""
        self._on_typed = on_typed
        self._on_left = on_left

    def compose(self) -> ComposeResult:
        """Compose mark, line and count."""
        yield Static("Find  /", id="find-mark", markup=False)
        yield FindLine()
        yield Static("", id="find-count", markup=False)

    @property
    def line(self) -> FindLine:
        """Where the text is typed."""
        return self.query_one(FindLine)

    def open(self) -> None:
        """Show an empty line and give it the keys."""
        self.is_open = self.display = True
        self.line.load_text("")
        self.line.can_focus = True
        self.line.focus()
        self.say("a capital: case counts · tool: file: is:error by:me")

    def close(self) -> None:
        """Hide it."""
        self.is_open = self.display = False
        self.line.can_focus = False

    def say(self, text: str) -> None:
        """Show ``text`` at the end of the line."""
        if text != self._said:
            self._said = text
            self.query_one("#find-count", Static).update(Content(text))

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """Look for what stands in the line now."""
        message.stop()
        if self.is_open:
            self._on_typed(self.line.text.partition("\n")[0][:MAX_NEEDLE_CHARS])

    def on_descendant_blur(self) -> None:
        """Tell when the keys went elsewhere, but not with the focus of the whole program."""
        if self.is_open and self.app.app_focus:
            self._on_left()
