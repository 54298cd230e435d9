"""Lines that were sent, and the unsent one that waits while a person looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harn_tui.console.prompt.history_entry import HistoryEntry

MAX_ENTRIES = 1000


class _Walk:
    """A way through older lines: those that fit, and at their end the draft."""

    def __init__(self, entries: list[HistoryEntry], draft: str) -> None:
        self.entries = entries
        self.draft = draft
        self.position = len(entries)


class PromptHistory:
    """A cursor over sent lines. Moving off the newest end stashes the draft; coming back gives it.

    A text is there once, at its newest place. ``entry_of`` makes an entry of the prompt's text.
    What is changed in an older line stays changed until a line is sent.
    """

    def __init__(
        self,
        entries: Iterable[str] = (),
        entry_of: Callable[[str], HistoryEntry] = HistoryEntry,
    ) -> None:
        self.on_add: Callable[[HistoryEntry], object] = lambda _entry: None
        """Called with each line that is added, to be kept for the next start."""
        self._entry_of = entry_of
        self._entries: dict[str, HistoryEntry] = {}
        self._walk: _Walk | None = None
        self._edits: dict[str, str] = {}
        self.seed(map(HistoryEntry, entries))

    @property
    def entries(self) -> list[HistoryEntry]:
        """All lines, the oldest first."""
        return list(self._entries.values())

    def add(self, text: str) -> None:
        """Append a line and go to the newest end. A draft that waits there comes behind it."""
        waiting = self._walk.draft if self._walk is not None else ""
        self._keep(text)
        if waiting.strip() and waiting != text:
            self._keep(waiting)
        self._walk = None
        self._edits.clear()

    def seed(self, entries: Iterable[HistoryEntry]) -> None:
        """Put older lines before those already here; a walk that is under way goes on."""
        newer = self._entries
        self._entries = {}
        for entry in (*entries, *newer.values()):
            self._put(entry)

    def back(self, typed: str, prefix: str = "") -> HistoryEntry | None:
        """Return the line before; ``None`` at the oldest. ``typed`` is what is in the prompt.

        The first step chooses the lines that begin with ``prefix``, and all when none does.
        """
        walk = self._walk or _Walk(self._fitting(typed, prefix), typed)
        if walk.position == 0:
            return None
        self._note_edit(walk, typed)
        self._walk = walk
        walk.position -= 1
        return self._shown(walk.entries[walk.position])

    def forward(self, typed: str) -> HistoryEntry | None:
        """Return the line after, at last the stashed draft; ``None`` at the newest end."""
        walk = self._walk
        if walk is None:
            return None
        self._note_edit(walk, typed)
        walk.position += 1
        if walk.position == len(walk.entries):
            self._walk = None
            return HistoryEntry(walk.draft)
        return self._shown(walk.entries[walk.position])

    def _fitting(self, typed: str, prefix: str) -> list[HistoryEntry]:
        others = [entry for entry in self._entries.values() if entry.text != typed]
        fitting = [entry for entry in others if entry.text.startswith(prefix)]
        return fitting or others

    def _note_edit(self, walk: _Walk, typed: str) -> None:
        if walk.position < len(walk.entries):
            entry = walk.entries[walk.position]
            if typed != entry.text:
                self._edits[entry.text] = typed

    def _shown(self, entry: HistoryEntry) -> HistoryEntry:
        edited = self._edits.get(entry.text)
        return entry if edited is None else self._entry_of(edited)

    def _keep(self, text: str) -> None:
        if text.strip():
            entry = self._entry_of(text)
            self._put(entry)
            self.on_add(entry)

    def _put(self, entry: HistoryEntry) -> None:
        if entry.text.strip():
            known = self._entries.pop(entry.real_text, None)
            # The one whose pastes are folded reads better.
            kept = known if known is not None and not entry.pastes else entry
            self._entries[entry.real_text] = kept
            if len(self._entries) > MAX_ENTRIES:
                del self._entries[next(iter(self._entries))]
