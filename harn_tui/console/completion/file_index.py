"""The files that can be mentioned: listed in the background, matched in a thread when many."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence

from harn_tui.console.completion.fuzzy import Texts
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
        self._texts = Texts(())
        self._read_at_ms: int | None = None
        self._is_reading = False
        self._fitting: tuple[str, Sequence[int]] | None = None
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
        return len(self._texts) > MAX_AT_ONCE

    async def read(self) -> None:
        """Read the list again; the old one is used meanwhile."""
        if self.list_files is None or self._is_reading:
            return
        self._is_reading = True
        if self._read_at_ms is None:
            self.note = "Listing the files…"
        try:
            listed = await self.list_files()
            self._texts = await asyncio.to_thread(lambda: Texts(_with_folders(listed.paths)))
            limit = f"Only the first {len(listed.paths):,} files are listed."
            self.note = "" if listed.is_complete else limit
        except HarnError as error:
            self.note = str(error)
        finally:
            self._is_reading = False
            self._fitting = None
            self._read_at_ms = self._now_ms()

    def match(self, query: str, recent: Collection[str], limit: int) -> list[str]:
        """Return the paths that fit best; folders end with a slash."""
        found, _ = self._texts.best(query, dict.fromkeys(recent, RECENT_BONUS), limit)
        return found

    async def match_in_thread(self, query: str, recent: Collection[str], limit: int) -> list[str]:
        """Return what ``match`` does, without holding up the event loop."""
        texts, within = self._texts, self._candidates(query)
        bonus = dict.fromkeys(recent, RECENT_BONUS)
        found, fitting = await asyncio.to_thread(texts.best, query, bonus, limit, within)
        if texts is self._texts:
            self._fitting = (query, fitting)
        return found

    def _candidates(self, query: str) -> Sequence[int] | None:
        """Return what can fit: a longer query fits nothing that its beginning did not fit."""
        if self._fitting is not None and query.startswith(self._fitting[0]):
            return self._fitting[1]
        return None


def _with_folders(paths: Iterable[str]) -> Iterator[str]:
    folders: set[str] = set()
    for path in paths:
        place = path.find("/") + 1
        while place:
            folder = path[:place]
            if folder not in folders:
                folders.add(folder)
                yield folder
            place = path.find("/", place) + 1
        yield path
