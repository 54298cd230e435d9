"""Lines that were sent, and the unsent one that waits while a person looks at them."""

from collections.abc import Iterable

MAX_ENTRIES = 500


class PromptHistory:
    """A cursor over sent lines. Moving off the newest end stashes the draft; coming back gives it.

    Equal neighbours are kept once.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._entries: list[str] = []
        self._position = 0
        self._stash = ""
        for entry in entries:
            self.add(entry)

    def add(self, text: str) -> None:
        """Append a sent line and go to the newest end."""
        if text.strip() and (not self._entries or self._entries[-1] != text):
            self._entries.append(text)
            del self._entries[:-MAX_ENTRIES]
        self.leave()

    def leave(self) -> None:
        """Go to the newest end and forget the stashed draft."""
        self._position = len(self._entries)
        self._stash = ""

    def seed(self, entries: Iterable[str]) -> None:
        """Put older lines before those already here."""
        newer = self._entries
        self._entries = []
        for entry in (*entries, *newer):
            self.add(entry)

    def back(self, draft: str) -> str | None:
        """Return the line before; ``None`` at the oldest. ``draft`` is what is typed now."""
        if self._position == 0:
            return None
        if self._position == len(self._entries):
            self._stash = draft
        self._position -= 1
        return self._entries[self._position]

    def forward(self) -> str | None:
        """Return the line after, at last the stashed draft; ``None`` at the newest end."""
        if self._position == len(self._entries):
            return None
        self._position += 1
        if self._position == len(self._entries):
            return self._stash
        return self._entries[self._position]
