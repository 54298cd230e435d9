"""Something over the screen that can be closed with a click beside it, as with Escape."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

ResultT = TypeVar("ResultT")


class Popup(ModalScreen[ResultT]):
    """Closes once, whatever comes while it closes."""

    CLOSE_ACTION: ClassVar[str] = ""
    """Textual's name of the action that closes it without a result, for a click beside it.

    Empty where a person types a text: a click must not lose it.
    """

    async def on_click(self, event: events.Click) -> None:
        """Close on a click beside the box."""
        under_pointer, _ = self.get_widget_at(event.screen_x, event.screen_y)
        if self.CLOSE_ACTION and under_pointer is self:
            event.stop()
            await self.run_action(self.CLOSE_ACTION)

    def dismiss(self, result: ResultT | None = None) -> AwaitComplete:
        """Close with ``result``.

        The second click of a double click chooses again when the popup has gone; Textual would
        close what is in front then, or end the program when nothing is.
        """
        return super().dismiss(result) if self.is_current else AwaitComplete()
