"""The files that can be mentioned: listed in the background, matched in a thread when many."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from harn_tui.console.completion.fuzzy import best_matches, fold
from harn_tui.console.ports import Clock
from harn_tui.console.prompt_ports import ListedFiles
from harn_tui.errors import HarnError

STALE_MS = 5_000
MAX_AT_ONCE = 1_000
"""So many paths are matched at once; more go to a thread."""
RECENT_BONUS = 400


class FileIndex:
    """Holds the newest list of paths, folders included; nothing here waits for a disk."""

    def __init__(self, now_ms: Clock) -> None:
        self.list_files: Callable[[], Awaitable[ListedFiles]] | None = None
        """Lists the files; ``None`` until there is a session."""
        self._now_ms = now_ms
        self._entries: list[tuple[str, str]] = []
        self._read_at_ms: int | None = None
        self._is_reading = False
        self._survivors: tuple[str, list[tuple[str, str]]] | None = None
        self.note = ""
        """What is to be known of the list: that it is not there yet, or not whole."""

    @property
    def is_stale(self) -> bool:
        """Whether the list should be read again, and nobody does."""
        if self._is_reading or self.list_files is None:
            return False
        return self._read_at_ms is None or self._now_ms() - self._read_at_ms > STALE_MS

    @property
    def is_large(self) -> bool:
        """Whether matching needs a thread."""
        return len(self._entries) > MAX_AT_ONCE

    async def read(self) -> None:
        """Read the list again; the old one is used meanwhile."""
        if self.list_files is None or self._is_reading:
            return
        self._is_reading = True
        if self._read_at_ms is None:
            self.note = "Listing the files…"
        try:
            listed = await self.list_files()
            self._entries = await asyncio.to_thread(_with_folders, listed.paths)
            limit = f"Only the first {len(listed.paths):,} files are listed."
            self.note = "" if listed.is_complete else limit
        except HarnError as error:
            self.note = str(error)
        finally:
            self._is_reading = False
            self._survivors = None
            self._read_at_ms = self._now_ms()

    def match(self, query: str, recent: Collection[str], limit: int) -> list[str]:
        """Return the paths that fit best; folders end with a slash."""
        bonus = dict.fromkeys(recent, RECENT_BONUS)
        return best_matches(query, self._candidates(query), bonus, limit)

    async def match_in_thread(self, query: str, recent: Collection[str], limit: int) -> list[str]:
        """Return what ``match`` does, without holding up the event loop."""
        entries = self._candidates(query)
        bonus = dict.fromkeys(recent, RECENT_BONUS)
        found, survivors = await asyncio.to_thread(_match, query, entries, bonus, limit)
        self._survivors = (query, survivors)
        return found

    def _candidates(self, query: str) -> list[tuple[str, str]]:
        """Return what can fit: a longer query fits nothing that its beginning did not fit."""
        if self._survivors is not None and query.startswith(self._survivors[0]):
            return self._survivors[1]
        return self._entries


def _match(
    query: str, entries: list[tuple[str, str]], bonus: Mapping[str, int], limit: int
) -> tuple[list[str], list[tuple[str, str]]]:
    wanted = fold(query)
    survivors = [entry for entry in entries if _may_fit(wanted, entry[0])]
    return best_matches(query, survivors, bonus, limit), survivors


def _may_fit(query: str, text: str) -> bool:
    place = 0
    for letter in query:
        place = text.find(letter, place) + 1
        if not place:
            return False
    return True


def _with_folders(paths: Iterable[str]) -> list[tuple[str, str]]:
    folders: set[str] = set()
    files: list[str] = []
    for path in paths:
        files.append(path)
        place = path.rfind("/")
        while place > 0 and (folder := path[: place + 1]) not in folders:
            folders.add(folder)
            place = path.rfind("/", 0, place)
    return [(fold(path), path) for path in (*files, *sorted(folders))]
