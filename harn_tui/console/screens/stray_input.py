"""Text that is typed or pasted where nothing takes it: it goes to the prompt."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from harn_tui.console.prompt.prompt import Prompt


class StrayInput:
    """Brings keys and pastes home. ``is_taken`` says whether something else has the keys."""

    def __init__(self, prompt: Prompt, is_taken: Callable[[], bool]) -> None:
        self._prompt = prompt
        self._is_taken = is_taken

    def take_key(self, event: events.Key) -> None:
        """Type a printable key into the prompt."""
        is_text = event.is_printable and "+" not in event.key
        if is_text and event.character and not self._prompt.has_focus and not self._is_taken():
            event.stop()
            self._prompt.focus()
            self._prompt.type_in(event.character)

    def take_paste(self, event: events.Paste) -> None:
        """Paste into the prompt, wherever the focus is."""
        if not self._prompt.has_focus:
            event.stop()
            self._prompt.focus()
            self._prompt.post_message(events.Paste(event.text))
