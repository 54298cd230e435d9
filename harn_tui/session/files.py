"""The files of a stored session while it is open: locked, and closed together."""

import asyncio
import fcntl
import logging
import os
import shutil
from dataclasses import replace
from pathlib import Path

from harn_tui.errors import StoreError
from harn_tui.json_types import JsonObject
from harn_tui.store.feedback_journal import FeedbackJournal
from harn_tui.store.lock import SessionLock
from harn_tui.store.session_folder import SessionFolder
from harn_tui.store.state_file import SessionState, save_state

log = logging.getLogger(__name__)


class SessionFiles:
    """The lock, the feedback journal and ``state.json`` of one session.

    The state is saved in a thread, one save at a time, the newest state last. The event log
    belongs to the recorder, which is closed before these.
    """

    def __init__(
        self,
        folder: SessionFolder,
        lock: SessionLock,
        journal: FeedbackJournal,
        state: SessionState,
    ) -> None:
        self._folder = folder
        self._lock = lock
        self._journal = journal
        self._state = state
        self._is_changed = False
        self._saving: asyncio.Task[None] | None = None

    @property
    def path(self) -> Path:
        """The session's folder."""
        return self._folder.path

    @property
    def draft(self) -> str:
        """The unsent prompt text."""
        return self._state.draft

    @property
    def reading(self) -> JsonObject:
        """Where a person was reading, as a screen told it."""
        return self._state.reading

    def save_reading(self, reading: JsonObject) -> None:
        """Keep where a person is reading."""
        if reading != self._state.reading:
            self._state.reading = reading
            self._save_soon()

    def save_draft(self, text: str) -> None:
        """Keep ``text`` as the unsent prompt."""
        if text != self._state.draft:
            self._state.draft = text
            self._save_soon()

    @property
    def title(self) -> str | None:
        """What the session is called, ``None`` before its first request."""
        return self._state.title

    def rename(self, title: str) -> None:
        """Call the session by ``title``, one line. Raises StoreError when that is not kept."""
        if self._state.is_newer:
            raise StoreError(
                "A newer program wrote this session's state, so its title stays as it is."
            )
        self._state.title = title
        self._save_soon()

    def save_title(self, request: str) -> None:
        """Name the session by its first request, unless it has a name already."""
        lines = request.strip().splitlines()
        if self._state.title is None and lines:
            self._state.title = lines[0][:120]
            self._save_soon()

    def save_model(self, provider: str, model: str) -> None:
        """Say in the list of sessions which model the session goes on with."""
        self._state.provider, self._state.model = provider, model
        self._save_soon()

    async def close(self, *, is_empty: bool) -> None:
        """Save the state, flush and close the journal, then give up the lock.

        The folder of a session in which nothing was ever said is removed, unless another process
        has kept a line for it.
        """
        try:
            if self._saving is not None:
                await self._saving
            await asyncio.to_thread(self._journal.close)
            if is_empty:
                await asyncio.to_thread(self._remove_folder)
        finally:
            self._lock.release()

    def _remove_folder(self) -> None:
        """Remove the folder, unless another process has kept a line or is about to."""
        try:
            with self._folder.feedback_journal.open("rb") as journal:
                fcntl.flock(journal, fcntl.LOCK_EX)
                if os.fstat(journal.fileno()).st_size == 0:
                    shutil.rmtree(self._folder.path, ignore_errors=True)
        except OSError:
            log.exception("unused session not removed path=%s", self._folder.path)

    def _save_soon(self) -> None:
        if self._state.is_newer:  # told when the session was opened
            return
        self._is_changed = True
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save(), name="save session state")

    async def _save(self) -> None:
        while self._is_changed:
            self._is_changed = False
            snapshot = replace(self._state, extra=dict(self._state.extra))
            try:
                await asyncio.to_thread(save_state, self._folder.state_file, snapshot)
            except StoreError:
                log.exception("state not saved path=%s", self._folder.state_file)
