"""Up and Down in the prompt: rows of the text first, then the lines that were sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harn_tui.console.prompt.history_entry import HistoryEntry

if TYPE_CHECKING:
    from harn_tui.console.prompt.prompt import Prompt


class Recall:
    """Brings older lines into a prompt and its draft back."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self.on_shown: Callable[[], object] = lambda: None
        """Called when an older line is in the prompt."""

    def back(self) -> None:
        """Go up a row; from the first row to the line before that begins like this one."""
        prompt = self._prompt
        if not prompt.navigator.is_first_wrapped_line(prompt.cursor_location):
            prompt.action_cursor_up()
            return
        typed = prompt.text
        entry = prompt.past.back(typed, typed[: prompt.cursor_index])
        if entry is not None:
            self.show(entry)

    def forward(self) -> None:
        """Go down a row; from the last row to the line after, at last to the draft."""
        prompt = self._prompt
        if not prompt.navigator.is_last_wrapped_line(prompt.cursor_location):
            prompt.action_cursor_down()
        elif (entry := prompt.past.forward(prompt.text)) is not None:
            self.show(entry)

    def take(self, entry: HistoryEntry) -> None:
        """Put ``entry`` in the place of the draft, which is then the next line back."""
        self._prompt.past.add(self._prompt.text)
        self.show(entry)

    def show(self, entry: HistoryEntry) -> None:
        """Put ``entry`` into the prompt as it stood there; its pastes stay folded."""
        self._prompt.write_over(self._prompt.tokens.adopt(entry))
        self.on_shown()
