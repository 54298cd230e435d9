"""What stands in the prompt for something larger: folded pastes and images, as tokens."""

from __future__ import annotations

from harn_tui.console.prompt.history_entry import HistoryEntry
from harn_tui.console.prompt.image_tokens import ImageTokens
from harn_tui.console.prompt.pastes import PasteFolder


class TokenBook:
    """Knows the tokens of one prompt. A token is deleted and passed as one character."""

    def __init__(self) -> None:
        self.pastes = PasteFolder()
        self.images = ImageTokens()

    def entry_of(self, text: str) -> HistoryEntry:
        """Return ``text`` with what its tokens stand for, to be kept in the history."""
        return HistoryEntry(text, self.pastes.texts_in(text), self.images.as_mentions(text))

    def adopt(self, entry: HistoryEntry) -> str:
        """Return the text of ``entry`` with tokens that are known here."""
        return self.pastes.adopt(entry.text, entry.pastes)

    def ending_at(self, line: str, column: int) -> tuple[int, int] | None:
        """Return start and end column of a token that ends at ``column``, else ``None``."""
        return next((span for span in self.spans(line) if span[1] == column), None)

    def starting_at(self, line: str, column: int) -> tuple[int, int] | None:
        """Return start and end column of a token that starts at ``column``, else ``None``."""
        return next((span for span in self.spans(line) if span[0] == column), None)

    def around(self, line: str, column: int) -> tuple[int, int] | None:
        """Return start and end column of a token that ``column`` is inside of, else ``None``."""
        return next((span for span in self.spans(line) if span[0] < column < span[1]), None)

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Return start and end of each token in ``line``, or in a whole text."""
        return [*self.pastes.spans(line), *self.images.spans(line)]
