"""Brings the lines of earlier starts into the history, and keeps those of this one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Protocol

from harn_tui.console.prompt.history import PromptHistory
from harn_tui.console.prompt.history_entry import HistoryEntry
from harn_tui.errors import HarnError

_CLOSE_PATIENCE_S = 2.0


class StoredLines(Protocol):
    """What was kept, and how much of it could not be read."""

    @property
    def entries(self) -> tuple[HistoryEntry, ...]:
        """The lines, the oldest first."""
        ...

    @property
    def damaged_lines(self) -> int:
        """How many were left out."""
        ...


class HistoryStore(Protocol):
    """Where lines are kept. Both methods wait for the disk and raise HarnError."""

    def load(self) -> StoredLines:
        """Return what was kept."""
        ...

    def append(self, entry: HistoryEntry) -> None:
        """Keep one more line."""
        ...


class HistoryKeeper:
    """Owns the task that reads and writes. What goes wrong is told once, and stops nothing."""

    def __init__(self, history: PromptHistory, tell: Callable[[str], None]) -> None:
        self._history = history
        self._tell = tell
        self._waiting: asyncio.Queue[HistoryEntry | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._has_told = False
        history.on_add = self._waiting.put_nowait

    def open(self, find_store: Callable[[], Awaitable[HistoryStore]]) -> None:
        """Begin to read from and write to a store; lines added before go there too."""
        self._task = asyncio.create_task(self._work(find_store), name="prompt history")

    async def close(self) -> None:
        """Write what waits, for a moment; a disk that hangs does not keep the console open."""
        task, self._task = self._task, None
        if task is not None:
            self._waiting.put_nowait(None)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(task, _CLOSE_PATIENCE_S)

    async def _work(self, find_store: Callable[[], Awaitable[HistoryStore]]) -> None:
        store = await find_store()
        await self._read(store)
        while (entry := await self._waiting.get()) is not None:
            try:
                await asyncio.to_thread(store.append, entry)
            except HarnError as error:
                self._tell_once(str(error))

    async def _read(self, store: HistoryStore) -> None:
        try:
            stored = await asyncio.to_thread(store.load)
        except HarnError as error:
            self._tell_once(str(error))
            return
        self._history.seed(stored.entries)
        if stored.damaged_lines:
            self._tell_once(
                f"{stored.damaged_lines} lines of the prompt's history could not be read. The "
                "others are there; the old file is kept beside the new one as .damaged."
            )

    def _tell_once(self, text: str) -> None:
        if not self._has_told:
            self._has_told = True
            self._tell(text)
