"""The index of all stored sessions as one thing: list, search, make anew.

Every method opens the file, works and closes it again: call them in a thread. Two processes may
do so at the same time.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from harn_tui.errors import StoreError
from harn_tui.store.index.database import IndexUnusableError, remove_index, with_index, with_memory
from harn_tui.store.index.query import SearchQuery
from harn_tui.store.index.search import MOST_HITS, SearchResult, search
from harn_tui.store.index.session_rows import SessionList, fresh_rows, list_with_index
from harn_tui.store.index.text_update import Progress, update_texts


class SessionIndex:
    """The index at ``path`` of the sessions in ``sessions_directory``. Neither need be there."""

    def __init__(self, sessions_directory: Path, path: Path) -> None:
        self._directory = sessions_directory
        self._path = path

    def sessions(self) -> SessionList:
        """Return all sessions, newest first, also where the index cannot be used.

        Raises StoreError only when the folder itself cannot be listed.
        """
        return list_with_index(self._directory, self._path)

    def update(
        self,
        *,
        on_progress: Progress = lambda done, total: None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Read what is new in all logs. Takes about a minute for a gigabyte of them.

        Raises StoreError, IndexUnusableError.
        """

        def work(connection: sqlite3.Connection) -> None:
            rows = fresh_rows(connection, self._directory)
            update_texts(connection, rows, on_progress=on_progress, is_stopped=is_stopped)

        with_index(self._path, work)

    def search(
        self, query: SearchQuery, *, limit: int = MOST_HITS, on_progress: Progress | None = None
    ) -> SearchResult:
        """Return where ``query`` is found.

        With ``on_progress`` after an update, and all logs are read where the index cannot be
        used; else in what has been read of the logs so far. Raises StoreError,
        IndexUnusableError.
        """

        def work(connection: sqlite3.Connection) -> SearchResult:
            rows = fresh_rows(connection, self._directory)
            if on_progress is not None:
                update_texts(connection, rows, on_progress=on_progress)
            return search(connection, rows, query, limit=limit)

        try:
            return with_index(self._path, work)
        except IndexUnusableError as error:
            if on_progress is None:
                raise
            result = with_memory(work)
            notice = f"{error.message} All logs were read instead."
            return SearchResult(result.hits, (notice, *result.problems))

    def rebuild(self, *, on_progress: Progress = lambda done, total: None) -> None:
        """Throw the index away and read all logs. Raises StoreError, IndexUnusableError."""
        try:
            remove_index(self._path)
        except OSError as error:
            raise StoreError(
                f"The index {self._path} cannot be removed: {error.strerror}.",
                hint="Check that you may write there.",
            ) from error
        self.update(on_progress=on_progress)
