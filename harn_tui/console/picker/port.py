"""What the picker asks of the stored sessions, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harn_tui.store.index.search import SearchResult
from harn_tui.store.index.session_rows import SessionList
from harn_tui.store.last_words import LastWords
from harn_tui.store.listing import SessionSummary


class SessionsPort(Protocol):
    """What the picker asks; ``session.stored_sessions`` has the real one. All of it blocks."""

    def sessions(self) -> SessionList:
        """Return all sessions, newest first."""
        ...

    def read_logs(
        self, on_progress: Callable[[int, int], object], is_stopped: Callable[[], bool]
    ) -> None:
        """Read what is new in the logs."""
        ...

    def search(self, text: str) -> SearchResult:
        """Return where the query is found."""
        ...

    def last_words(self, session: SessionSummary, count: int) -> list[LastWords]:
        """Return what was said last."""
        ...

    def rename(self, session: SessionSummary, title: str) -> None:
        """Give the session another title."""
        ...

    def fork(self, folder: Path) -> str:
        """Start another session from all that was said in that of ``folder``; return its id."""
        ...

    def delete(self, session: SessionSummary) -> list[str]:
        """Move the session, and those of its agents, to the trash; return their ids."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen. ``event_index`` is where a replay begins, ``None`` for its start."""

    session: SessionSummary
    replays: bool = False
    event_index: int | None = None
