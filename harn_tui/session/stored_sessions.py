"""The stored sessions as a front end lets a person choose among them.

Every method reads or moves files: call them in a thread.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from harn_tui.store.fork import fork_session
from harn_tui.store.index.query import parse_query
from harn_tui.store.index.search import SearchResult
from harn_tui.store.index.session_index import SessionIndex
from harn_tui.store.index.session_rows import SessionList
from harn_tui.store.last_words import LastWords, last_words
from harn_tui.store.listing import SessionSummary
from harn_tui.store.outside_delivery import rename_anywhere
from harn_tui.store.session_folder import SessionFolder
from harn_tui.store.trash import move_to_trash, with_agents


class StoredSessions:
    """All sessions of ``directory``, with their index and their trash.

    ``here`` is the folder that a person works in; ``now`` gives local time.
    """

    def __init__(
        self,
        directory: Path,
        index: Path,
        trash: Path,
        *,
        here: Path,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self._directory = directory
        self._index = SessionIndex(directory, index)
        self._trash = trash
        self._now = now
        self.here = here

    def sessions(self) -> SessionList:
        """Return all sessions, newest first. Raises StoreError when they cannot be listed."""
        return self._index.sessions()

    def read_logs(
        self, on_progress: Callable[[int, int], object], is_stopped: Callable[[], bool]
    ) -> None:
        """Read what is new in the logs, for ``search``. Raises StoreError."""
        self._index.update(on_progress=on_progress, is_stopped=is_stopped)

    def search(self, text: str) -> SearchResult:
        """Return where a query that is being typed is found so far. Raises StoreError."""
        query = parse_query(text, now=self._now(), cwd=self.here, is_being_typed=True)
        return self._index.search(query)

    def last_words(self, session: SessionSummary, count: int) -> list[LastWords]:
        """Return what was said last. Raises StoreError."""
        return last_words(session.folder, count)

    def rename(self, session: SessionSummary, title: str) -> None:
        """Give the session another title, an open one too. Raises HarnError."""
        rename_anywhere(session.folder, title)

    def fork(self, folder: Path) -> str:
        """Start another session from all that was said in that of ``folder``; return its id.

        Raises StoreError.
        """
        log = SessionFolder(folder.name, folder).event_log
        now_ms = round(self._now().timestamp() * 1_000)
        return fork_session(log, self._directory, at_index=None, now_ms=now_ms).session_id

    def delete(self, session: SessionSummary) -> list[str]:
        """Move the session and its agents' to the trash; return the ids of what was moved.

        Raises StoreError, SessionLockedError when one is open; those before it are moved.
        """
        summaries = self._index.sessions().summaries
        folders = {summary.session_id: summary.folder for summary in summaries}
        ids = with_agents(session, summaries)
        for session_id in ids:
            move_to_trash(folders.get(session_id, session.folder), self._trash)
        return ids
