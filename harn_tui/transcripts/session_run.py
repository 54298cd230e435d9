"""A loop's hand on the session that it is running in."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from harn_tui.json_types import JsonObject
from harn_tui.transcripts.prompt_state import PromptState, sendable_messages
from harn_tui.transcripts.stored_session import StoredSession
from harn_tui.transcripts.transcript import TranscriptState
from harn_tui.transcripts.transcript_event import TranscriptEvent


class SessionRun:
    """Writes what one loop does into its session, as it happens; nothing is ever written over.

    While it is attached the session is not evicted, and what others inject waits for
    ``take_injected``. Once the session was closed, reset or overwritten the run is detached:
    everything is still answered, and nothing is stored. As a context manager it ends itself as
    ``paused`` when nobody has ended it before.
    """

    def __init__(
        self,
        session: StoredSession,
        start: PromptState,
        on_write: Callable[[StoredSession], None],
    ) -> None:
        """Attach to ``session``; ``on_write`` is told of each write."""
        self._session = session
        self._on_write = on_write
        self.transcript = session.transcript
        """What the run writes into; once it is detached, as that stood then."""
        self.start = start
        """What the session held when the run began."""
        session.run = self
        self.transcript.state = TranscriptState.ACTIVE

    @property
    def session_id(self) -> str:
        """The id of the session."""
        return self._session.id

    @property
    def active_skills(self) -> tuple[str, ...]:
        """The names of the skills that the session has active."""
        return self._session.active_skills

    @property
    def loaded_tools(self) -> tuple[str, ...]:
        """The names of the tools that searches have loaded, the oldest first."""
        return self._session.loaded_tools

    @property
    def is_attached(self) -> bool:
        """Whether what is recorded still reaches the session."""
        return self._session.run is self

    @property
    def has_injected(self) -> bool:
        """Whether ``take_injected`` would return anything."""
        return self.is_attached and bool(self._session.waiting)

    def record_message(self, message: JsonObject) -> bool:
        """Append a message; ``False`` when the run is detached."""
        if self._may_write():
            self.transcript.append_message(message)
            return True
        return False

    def take_back(self, message: JsonObject) -> bool:
        """Remove a message, the very object, of a request that was never accepted.

        Returns whether it was there.
        """
        return self._may_write() and self.transcript.take_back(message)

    def record_event(self, event: TranscriptEvent) -> bool:
        """Append what is no message; ``False`` when the run is detached."""
        if self._may_write():
            self.transcript.append_event(event)
            return True
        return False

    def transcript_json(self) -> JsonObject:
        """Return what the run writes into as JSON, without what waits; its parts are shared."""
        return self.transcript.as_json()

    def take_injected(self) -> tuple[JsonObject, ...]:
        """Append what others injected since the last time, and return it as it can be sent.

        To be called where the next request is built, so that the transcript has the order in
        which the model reads. Results of tool calls that were not injected too are not sent.
        """
        if not self.has_injected:
            return ()
        waiting, self._session.waiting = self._session.waiting, []
        for message in waiting:
            self.record_message(message)
        return tuple(sendable_messages(waiting))

    def replace_messages(self, messages: Iterable[JsonObject], summary: str | None = None) -> bool:
        """Put ``messages`` in the place of the recorded ones, as a compaction does.

        Other events keep their places, and what waits goes on waiting. ``summary`` ``None``
        keeps the one that there is; one of the messages that has the kind
        ``compaction_summary`` wins over both. ``False`` when the run is detached.
        """
        if self._may_write():
            self.transcript.replace_messages(messages, summary)
            return True
        return False

    def end(
        self,
        state: TranscriptState,
        active_skills: Iterable[str] | None = None,
        loaded_tools: Iterable[str] | None = None,
    ) -> tuple[JsonObject, ...]:
        """Leave the session in ``state`` and detach.

        ``active_skills`` and ``loaded_tools`` ``None`` leave the session's as they are. Returns
        what was injected and no request has carried; it stays at the end of the transcript for
        the next run. A run that is detached changes nothing.
        """
        if not self._may_write():
            return ()
        left = self.take_injected()
        self.transcript.state = state
        if active_skills is not None:
            self._session.active_skills = tuple(dict.fromkeys(active_skills))
        if loaded_tools is not None:
            self._session.loaded_tools = tuple(dict.fromkeys(loaded_tools))
        self._session.run = None
        return left

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end(TranscriptState.PAUSED)

    def _may_write(self) -> bool:
        if not self.is_attached:
            return False
        self._on_write(self._session)
        return True
