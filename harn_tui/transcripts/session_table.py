"""Sessions by id in the order of their last use, and who makes room for a new one."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping

from harn_tui.transcripts.lineage import take_up_id
from harn_tui.transcripts.stored_session import StoredSession
from harn_tui.transcripts.transcript import Transcript

_log = logging.getLogger("agent.sessions")


class SessionTable(Mapping[str, StoredSession]):
    """A mapping of ids to sessions, the one that was used longest ago first.

    Reading it is no use. ``cap`` and ``on_removed`` are explained in ``SessionStore``.
    """

    def __init__(
        self, cap: int, clock: Callable[[], float], on_removed: Callable[[str], None] | None
    ) -> None:
        self._cap = cap
        self._clock = clock
        self._on_removed = on_removed
        self._sessions: OrderedDict[str, StoredSession] = OrderedDict()

    def __getitem__(self, session_id: str) -> StoredSession:
        return self._sessions[session_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sessions)

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, session_id: str) -> StoredSession:
        """Return the session, which is used by that; a new one first makes others leave."""
        session = self._sessions.get(session_id)
        if session is not None:
            self.refresh(session)
            return session
        self._make_room()
        now = self._clock()
        session = StoredSession(
            session_id, Transcript(session_id), created_at=now, last_accessed=now
        )
        self._sessions[session_id] = session
        take_up_id(self._sessions, session)
        return session

    def refresh(self, session: StoredSession) -> None:
        """Note that the session is being used."""
        session.last_accessed = self._clock()
        self._sessions.move_to_end(session.id)

    def remove(self, session_id: str) -> None:
        """Remove a session that is there, detach its run, and tell ``on_removed``."""
        self._sessions.pop(session_id).run = None
        if self._on_removed is None:
            return
        try:
            self._on_removed(session_id)
        except Exception:  # noqa: BLE001 - boundary: the session is gone all the same
            _log.exception("on_removed failed session_id=%s", session_id)

    def _make_room(self) -> None:
        while len(self._sessions) >= self._cap:
            victim = next((s for s in self._sessions.values() if not s.is_pinned), None)
            if victim is None:
                return
            self.remove(victim.id)
