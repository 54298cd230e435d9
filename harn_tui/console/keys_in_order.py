"""Has boxes of text carry out their own keys in the order in which they came.

A binding runs only when its key has climbed to the app. By then what was typed after it is in the
text: Backspace and a letter that arrive together, as they do over a slow line, would act in the
other order.
"""

from __future__ import annotations

from typing import cast

from textual import events
from textual.widget import Widget
from textual.widgets import Input


async def run_own_binding(box: Widget, event: events.Key) -> bool:
    """Do what the box itself does at this key; false when it has no binding for it.

    Actions of the screen are not the box's own: the key map says which keys they have. Nor is
    Enter, which must not overtake them: what it sends comes when its key has climbed as they do.
    """
    bound = box._bindings.key_to_bindings.get(event.key, ())  # noqa: SLF001 - no other way to ask
    for binding in bound:
        name = binding.action.partition("(")[0]
        is_own = "." not in name and name != "submit"
        if is_own and await box.app.run_action(binding.action, box):
            event.prevent_default()
            event.stop()
            return True
    return False


class KeysInOrder:
    """Comes before a box's own class among its bases."""

    async def _on_key(self, event: events.Key) -> None:
        await run_own_binding(cast("Widget", self), event)


class InputLine(KeysInOrder, Input):
    """A line of text."""
