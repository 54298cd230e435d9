"""Which lines of the history have what is looked for."""

from collections.abc import Sequence

from harn_tui.console.prompt.history_entry import HistoryEntry

MAX_MATCHES = 200
_SEARCHED_CHARS = 4000
"""A line is looked for by its beginning; what was pasted is not looked into."""


def matching(entries: Sequence[HistoryEntry], typed: str) -> list[HistoryEntry]:
    """Return those of ``entries``, oldest first, that have every word of ``typed``, newest first.

    Case counts once ``typed`` has a capital letter. ``MAX_MATCHES`` at most.
    """
    is_exact = typed != typed.lower()
    words = typed.split()
    found: list[HistoryEntry] = []
    for entry in reversed(entries):
        text = entry.text[:_SEARCHED_CHARS]
        if all(word in (text if is_exact else text.lower()) for word in words):
            found.append(entry)
            if len(found) == MAX_MATCHES:
                break
    return found
