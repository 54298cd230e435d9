"""Opens the sessions of one console: the first one, and those that it goes on with."""

import argparse
import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harn_tui.events.record import Record
    from harn_tui.session.handle import SessionHandle
    from harn_tui.wiring.session_request import SessionRequest


class ConsoleSessions:
    """``opened`` gets the id of every session that is opened, in that order, with its folder.

    ``options`` name the session that was opened last, and ``cwd`` is the folder that a person
    wants to work in whatever the session, ``None`` for the session's own.
    ``request`` says what to open first. ``divert`` sends what others print to a folder's log.
    What a session needs is imported when the first one is opened: the screen comes before that.
    """

    def __init__(
        self,
        options: argparse.Namespace,
        request: "Callable[[], SessionRequest]",
        divert: Callable[[Path], None],
        opened: dict[str, Path],
        cwd: Path | None,
    ) -> None:
        self._options = options
        self._request = request
        self._divert = divert
        self._opened = opened
        self._cwd = cwd

    async def open_first(self) -> "SessionHandle":
        """Open the session that was asked for. Raises HarnError."""
        from harn_tui.cli.program_log import open_program_log
        from harn_tui.paths import log_directory
        from harn_tui.wiring.open_session import open_session

        await asyncio.to_thread(open_program_log)
        await asyncio.to_thread(self._divert, log_directory())
        session = await asyncio.to_thread(lambda: open_session(self._request()))
        self._note(session)
        return session

    async def open_other(self, session_id: str) -> "SessionHandle":
        """Open a stored session in place of the one before. Raises HarnError."""
        session = await asyncio.to_thread(self._open, session_id)
        self._options.session, self._options.continue_last = session_id, False
        self._options.cwd = session.cwd
        self._note(session)
        return session

    def _open(self, session_id: str) -> "SessionHandle":
        from dataclasses import replace

        from harn_tui.cli.resuming import own_folder
        from harn_tui.paths import sessions_directory
        from harn_tui.store.session_folder import find_session_folder
        from harn_tui.wiring.open_session import open_session

        folder = find_session_folder(sessions_directory(), session_id)
        cwd = (self._cwd or own_folder(folder) or Path.cwd()).resolve()
        other = replace(self._request(), cwd=cwd, session_id=session_id, continue_last=False)
        return open_session(other)

    def _note(self, session: "SessionHandle") -> None:
        # Not the session itself: it holds all that was said in it.
        if session.folder is not None:
            self._opened[session.session_id] = session.folder

    def read_tail(self) -> "Sequence[Record]":
        """Return the last records of the session that was asked for. Reads the disk."""
        from harn_tui.wiring.past_tail import past_tail, resolved

        request = resolved(self._request())
        # The same session is opened, though another may be used meanwhile.
        self._options.session = request.session_id
        self._options.continue_last = request.continue_last
        return past_tail(request)
