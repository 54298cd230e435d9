"""Writes or changes the comment on a hunk."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import TextArea

from harn_tui.console.harmless_box import HarmlessBox
from harn_tui.console.keys_in_order import KeysInOrder
from harn_tui.console.screens.popup import Popup

MAX_CHARACTERS = 20_000
"""Characters of a comment; what is longer is refused when it is saved."""


class _Editor(KeysInOrder, HarmlessBox):
    """A text area where Enter ends the writing."""

    async def _on_key(self, event: events.Key) -> None:
        # A binding would meet the text without what was typed just before the key, or with what
        # was typed after it.
        if event.key not in {"enter", "ctrl+j", "shift+enter"}:
            return
        event.prevent_default()
        event.stop()
        if event.key == "enter":
            await self.run_action("screen.save")
        else:
            self.insert("\n")


class CommentEditor(Popup[str | None]):
    """A box over the review; gives the text, ``None`` when nothing is to be changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "cancel", "Cancel", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    CommentEditor { align: center bottom; background: $background 40%; }
    CommentEditor TextArea, CommentEditor TextArea:focus {
        width: 100%; max-width: 100; height: 8; padding: 0 1; background: $surface;
        border: round $primary; border-title-color: $primary; border-subtitle-color: $muted;
    }
    """

    def __init__(self, title: str, text: str) -> None:
        """``title`` names the hunk, without anything that acts on a terminal."""
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """Compose the box."""
        editor = _Editor(self._text, soft_wrap=True, show_line_numbers=False)
        editor.border_title = Content(f" Comment on {self._title} ")
        editor.border_subtitle = Content(" Enter keeps it · Ctrl+j new line · Esc leaves it ")
        yield editor

    def on_mount(self) -> None:
        """Go on at the end."""
        editor = self.query_one(TextArea)
        editor.move_cursor(editor.document.end)
        editor.focus()

    def action_save(self) -> None:
        """Give the text."""
        text = self.query_one(TextArea).text
        if len(text) > MAX_CHARACTERS:
            self.app.notify(
                f"A comment has at most {MAX_CHARACTERS:,} characters; this has {len(text):,}.",
                severity="warning",
                markup=False,
            )
        else:
            self.dismiss(text)

    def action_cancel(self) -> None:
        """Leave the comment as it was."""
        self.dismiss(None)
