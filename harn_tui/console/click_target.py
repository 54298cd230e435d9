"""Text that can be clicked: a piece of a row remembers the action that it stands for.

The action is kept in the style of the drawn cells, so a click finds it however the row wraps or
scrolls. ``PerformingScreen`` performs it.
"""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.style import Style

_ACTION = "harn_action"


def clickable(content: Content, action_id: str) -> Content:
    """Return ``content`` so that a click on it performs an action of the key map."""
    return content.stylize(Style.from_meta({_ACTION: action_id}))


def clicked_action(event: events.Click) -> str | None:
    """Return the id of the action that stands under the pointer, ``None`` where there is none."""
    action_id = event.style.meta.get(_ACTION) if event.button == 1 else None
    return action_id if isinstance(action_id, str) else None
