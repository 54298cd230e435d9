"""One session as the store keeps it."""

from dataclasses import dataclass, field

from harn_tui.json_types import JsonObject
from harn_tui.transcripts.transcript import Transcript


@dataclass(slots=True, eq=False)
class StoredSession:
    """A session's transcript, its place among the other sessions, and who is using it.

    Read it; change it through the store. Times are seconds of the store's clock.
    ``branched_at_event_index`` is the number of events of the parent that a branch began with,
    ``None`` when the session is none. ``active_skills`` are names,
    ``loaded_tools`` those of the tools that searches have loaded, the oldest first.
    """

    id: str
    transcript: Transcript
    created_at: float
    last_accessed: float
    parent_id: str | None = None
    child_ids: list[str] = field(default_factory=list)
    branched_at_event_index: int | None = None
    active_skills: tuple[str, ...] = ()
    loaded_tools: tuple[str, ...] = ()
    waiting: list[JsonObject] = field(default_factory=list)
    """Messages that came while a loop is running, until that loop reads them."""
    run: object | None = None
    """The run that may write into the transcript, ``None`` while no loop is running."""
    pins: int = 0
    """How many have asked for the session not to be evicted, its run not counted."""

    @property
    def is_pinned(self) -> bool:
        """Whether the session must not be evicted."""
        return self.run is not None or self.pins > 0

    @property
    def length(self) -> int:
        """The number of messages, waiting ones included."""
        return len(self.transcript.messages) + len(self.waiting)

    def put(self, transcript: Transcript) -> None:
        """Put another transcript in the place of this one; a run of the old one ends with it."""
        self.transcript = transcript
        self.waiting = []
        self.run = None

    def whole_transcript(self, transcript_id: str) -> Transcript:
        """Return a copy of the transcript, waiting messages at its end."""
        copy = self.transcript.copy(transcript_id)
        for message in self.waiting:
            copy.append_message(message)
        return copy
