"""A row of keys and what each does, as many as fit; a click on one does it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from harn_tui.console.actions import key_of
from harn_tui.console.click_target import clickable


def key_hints(hints: Sequence[tuple[str, str]], width: int) -> Content:
    """Return what fits into ``width`` cells of ``hints``: ids of actions, and a word for each.

    The last ones are left out first.
    """
    shown = [
        clickable(
            Content.assemble((key_of(action_id), "$accent"), (f" {word}", "$muted")), action_id
        )
        for action_id, word in hints
    ]
    while shown:
        line = Content("  ").join(shown)
        if line.cell_length <= width:
            return line
        shown.pop()
    return Content("")
