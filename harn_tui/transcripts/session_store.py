"""The sessions of one process, by id: what a program that embeds the loop keeps between runs.

In memory only, and for one thread, that of the event loop (docs/session_store.md).
"""

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from harn_tui.errors import LoopConfigError, SessionNotFoundError, UsageError
from harn_tui.ids import new_session_id
from harn_tui.json_types import JsonObject
from harn_tui.transcripts.lineage import Ancestry, ancestry, link
from harn_tui.transcripts.prompt_state import PromptState, prompt_state
from harn_tui.transcripts.session_key import session_key
from harn_tui.transcripts.session_run import SessionRun
from harn_tui.transcripts.session_table import SessionTable
from harn_tui.transcripts.stored_session import StoredSession
from harn_tui.transcripts.transcript import Transcript
from harn_tui.transcripts.transcript_event import TranscriptEvent, event_from_json, message_role

DEFAULT_CAP = 128


class SessionStore:
    """Sessions by id, at most ``cap`` of them; the one that was used longest ago makes room.

    A session that is pinned, or that a loop is running in, is never evicted, so there may be
    more than ``cap`` while so many are in use. ``on_removed`` is told the id of each session that
    was closed or evicted, so that its queue and sinks can go with it; what it raises is logged.

    An id of ``None``, of blanks or ``nil`` is unset. Unless said otherwise an unknown id raises
    SessionNotFoundError, and what is no id, no count or no message UsageError.
    """

    def __init__(
        self,
        cap: int = DEFAULT_CAP,
        clock: Callable[[], float] = time.monotonic,
        on_removed: Callable[[str], None] | None = None,
    ) -> None:
        """Start empty. Raises UsageError for a cap below 1."""
        if cap < 1:
            raise UsageError(f"The cap of a session store is {cap}.", hint="It is at least 1.")
        self._sessions = SessionTable(cap, clock, on_removed)

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[str]:
        """Yield the ids, the one that was used longest ago first."""
        return iter(tuple(self._sessions))

    def reset_all(self) -> None:
        """Forget all sessions; runs that are under way are detached."""
        for session_id in self:
            if session_id in self._sessions:  # `on_removed` may have closed it by now
                self._sessions.remove(session_id)

    def open(self, session_id: str | None = None) -> str:
        """Return the id of a session that now exists; an unset id is minted."""
        key = session_key("open", session_id) or new_session_id()
        self._sessions.open(key)
        return key

    def open_child(self, parent_id: str, session_id: str | None = None) -> str:
        """Fork ``parent_id`` and return the child's id; an unknown parent gives an empty child."""
        parent = session_key("open_child", parent_id, name="parent_id")
        if parent is not None and parent in self._sessions:
            return self.fork(parent, session_id)
        child = self._sessions.open(session_key("open_child", session_id) or new_session_id())
        if parent is not None:
            link(self._sessions, parent, child)
        return child.id

    def exists(self, session_id: str) -> bool:
        """Whether there is such a session."""
        return self.get(session_id) is not None

    def get(self, session_id: str) -> StoredSession | None:
        """Return the session to be read, ``None`` when there is none."""
        key = session_key("get", session_id)
        return None if key is None else self._sessions.get(key)

    def length(self, session_id: str) -> int:
        """Return the number of messages."""
        return self._known("length", session_id).length

    def snapshot(self, session_id: str) -> JsonObject | None:
        """Return the transcript with the session's lineage as a JSON object of its own.

        ``None`` for an unknown id.
        """
        session = self.get(session_id)
        if session is None:
            return None
        fields = session.whole_transcript(session.id).as_json()
        fields["parent_id"] = session.parent_id
        fields["child_ids"] = list(session.child_ids)
        fields["branched_at_event_index"] = session.branched_at_event_index
        return copy.deepcopy(fields)

    def ancestry(self, session_id: str) -> Ancestry | None:
        """Return where the session comes from, ``None`` for an unknown id."""
        session = self.get(session_id)
        return None if session is None else ancestry(self._sessions, session)

    def prompt_state(self, session_id: str) -> PromptState:
        """Return what the next run of the session starts from."""
        session = self._known("prompt_state", session_id)
        messages = [*session.transcript.messages, *session.waiting]
        return prompt_state(messages, session.transcript.summary)

    def reset(self, session_id: str) -> None:
        """Give the session a fresh, empty transcript; its lineage and skills stay."""
        session = self._known("reset", session_id)
        session.put(Transcript(session.id))
        self._sessions.refresh(session)

    def store_transcript(self, session_id: str, transcript: Transcript) -> None:
        """Put ``transcript``, an imported one perhaps, in the place of the session's."""
        session = self._known("store_transcript", session_id)
        session.put(transcript.copy(session.id))
        self._sessions.refresh(session)

    def fork(self, source_id: str, destination_id: str | None = None) -> str:
        """Copy a session under another id, overwriting one that exists; return that id.

        The copy has the source for its parent, and none of its skills.
        """
        source = self._known("fork", source_id)
        key = session_key("fork", destination_id, name="dst") or new_session_id()
        if key == source.id:
            self._sessions.refresh(source)
            return key
        return self._branch(source, source.whole_transcript(key), branch_index=None)

    def fork_at(self, source_id: str, keep_first: int, destination_id: str | None = None) -> str:
        """Fork a session as it was after its first ``keep_first`` messages; return the id.

        A tool call is not parted from its results: the branch then has them too.
        """
        source = self._known("fork_at", source_id)
        _check_count("fork_at", "keep_first", keep_first)
        key = session_key("fork_at", destination_id, name="dst") or new_session_id()
        branch = source.whole_transcript(key)
        branch_index = branch.keep_first(keep_first)
        branch.answer_open_calls()
        return self._branch(source, branch, branch_index)

    def trim(self, session_id: str, keep_last: int) -> int:
        """Keep the last ``keep_last`` messages and return how many there are now.

        A tool call is not parted from its results: it then stays too.
        """
        session = self._known("trim", session_id)
        _check_count("trim", "keep_last", keep_last)
        kept = min(keep_last, len(session.waiting))
        del session.waiting[: len(session.waiting) - kept]
        session.transcript.keep_last(keep_last - kept)
        if session.run is None:
            session.transcript.answer_open_calls()
        self._sessions.refresh(session)
        return session.length

    def inject(self, session_id: str, message: JsonObject) -> None:
        """Append a message; while a loop is running in the session, for its next preflight."""
        session = self._known("inject", session_id)
        with _named("inject"):
            message_role(message)
        own = copy.deepcopy(message)
        if session.run is None:
            session.transcript.append_message(own)
        else:
            session.waiting.append(own)
        self._sessions.refresh(session)

    def append_event(self, session_id: str, event: TranscriptEvent | JsonObject) -> None:
        """Append what is no message to the transcript's events."""
        session = self._known("append_event", session_id)
        with _named("append_event"):
            if not isinstance(event, TranscriptEvent):
                event = event_from_json(copy.deepcopy(event))
            session.transcript.append_event(event)
        self._sessions.refresh(session)

    def set_active_skills(self, session_id: str, names: Iterable[str]) -> None:
        """Keep the names of the skills that are active, each once."""
        session = self._known("set_active_skills", session_id)
        session.active_skills = tuple(dict.fromkeys(names))
        self._sessions.refresh(session)

    def close(self, session_id: str) -> None:
        """Remove the session; its children stay."""
        self._sessions.remove(self._known("close", session_id).id)

    def begin_run(self, session_id: str) -> SessionRun:
        """Open the session for a loop that is about to run in it; it is not evicted meanwhile.

        Raises LoopConfigError while another loop is running in it, and for an unset id.
        """
        key = session_key("begin_run", session_id)
        if key is None:
            raise LoopConfigError(
                "A run without a session id has nothing to store.",
                hint="Give an id, or run without a session store.",
            )
        session = self._sessions.open(key)
        if session.run is not None:
            raise LoopConfigError(
                f"A loop is already running in session {key}.",
                hint="Wait for it to end, or run in a fork or a child of the session.",
            )
        return SessionRun(session, self.prompt_state(key), self._sessions.refresh)

    @contextmanager
    def pinned(self, session_id: str) -> Iterator[None]:
        """Keep the session from being evicted inside the ``with`` block."""
        session = self._known("pinned", session_id)
        session.pins += 1
        try:
            yield
        finally:
            session.pins -= 1

    def _known(self, operation: str, session_id: str) -> StoredSession:
        key = session_key(operation, session_id)
        session = None if key is None else self._sessions.get(key)
        if session is None:
            raise SessionNotFoundError(
                f"agent_session_{operation}: unknown session id '{session_id}'",
                hint="It was never opened, was closed, or made room for others.",
            )
        return session

    def _branch(self, source: StoredSession, branch: Transcript, branch_index: int | None) -> str:
        """Put ``branch``, a copy of the source's transcript, under its id."""
        self._sessions.refresh(source)
        destination = self._sessions.open(branch.id)
        if destination is not source:
            branch.metadata["parent_session_id"] = source.id
            destination.branched_at_event_index = branch_index
        destination.put(branch)
        link(self._sessions, source.id, destination)
        self._sessions.refresh(destination)
        return destination.id


@contextmanager
def _named(operation: str) -> Iterator[None]:
    """Say in a UsageError which operation it belongs to."""
    try:
        yield
    except UsageError as error:
        text = f"agent_session_{operation}: {error.message}"
        raise UsageError(text, hint=error.hint) from None


def _check_count(operation: str, name: str, count: int) -> None:
    if isinstance(count, bool) or not isinstance(count, int):
        raise UsageError(f"agent_session_{operation}: `{name}` must be an integer")
    if count < 0:
        raise UsageError(f"agent_session_{operation}: `{name}` must be >= 0")
