"""What the next model call will add to the conversation, exactly as it will be sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from harn_tui.console.plain_text import revealed
from harn_tui.console.screens.text_popup import TextPopup
from harn_tui.view.context import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from harn_tui.json_types import JsonObject


class InjectionPreview(TextPopup):
    """Shows the messages in their order with role and size."""

    def __init__(self, messages: Sequence[JsonObject], is_paused: bool) -> None:
        """``messages`` are neutral messages with text as their content."""
        when = "once the queue is resumed" if is_paused else "with the next model call"
        super().__init__(f"Sent {when}", preview_content(messages))


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
