"""What the next model call will add to the conversation, exactly as it will be sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from harn_tui.console.plain_text import revealed
from harn_tui.view.context import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from harn_tui.json_types import JsonObject


class InjectionPreview(ModalScreen[None]):
    """Shows the messages in their order with role and size; Escape goes back."""

    BINDINGS: ClassVar = [("escape,q,enter", "dismiss", "Close")]
    DEFAULT_CSS = """
    InjectionPreview { align: center middle; background: $background 60%; }
    InjectionPreview VerticalScroll {
        width: 90%; max-width: 110; height: auto; max-height: 90%; padding: 0 1;
        border: round $accent; background: $background; border-title-style: bold;
        border-subtitle-color: $muted;
    }
    """

    def __init__(self, messages: Sequence[JsonObject], is_paused: bool) -> None:
        """``messages`` are neutral messages with text as their content."""
        super().__init__()
        self._messages = messages
        self._is_paused = is_paused

    def compose(self) -> ComposeResult:
        """Compose the messages in a box that scrolls."""
        box = VerticalScroll(Static(preview_content(self._messages), markup=False))
        when = "once the queue is resumed" if self._is_paused else "with the next model call"
        box.border_title = f"Sent {when}"
        box.border_subtitle = "Esc closes"
        yield box


def preview_content(messages: Sequence[JsonObject]) -> Content:
    """Return the messages, each below a line with its place, role and estimated size."""
    if not messages:
        return Content.styled("No line is waiting for the next model call.", "$muted")
    parts: list[Content] = []
    for number, message in enumerate(messages, start=1):
        text = str(message.get("content", ""))
        size = f"~{max(1, len(text) // CHARACTERS_PER_TOKEN):,} tokens"
        heading = f"{number} of {len(messages)} · role {message.get('role')} · {size}"
        parts.append(Content.styled(heading, "$muted") + Content("\n") + Content(revealed(text)))
    return Content("\n\n").join(parts)
