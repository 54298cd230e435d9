"""One session's transcript: its messages, and everything that happened, in the order it did."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from harn_tui.errors import UsageError
from harn_tui.ids import new_uuid7
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import SUMMARY_KIND
from harn_tui.transcripts.call_pairs import cut_after, cut_before, with_every_call_answered
from harn_tui.transcripts.interleaving import Entry, interleaved
from harn_tui.transcripts.transcript_asset import transcript_asset
from harn_tui.transcripts.transcript_event import MESSAGE_KINDS, TranscriptEvent

TRANSCRIPT_TYPE = "transcript"
TRANSCRIPT_VERSION = 2


class TranscriptState(StrEnum):
    """Where a transcript stands; a fresh one has no state."""

    ACTIVE = "active"
    PAUSED = "paused"
    FORKED = "forked"
    ARCHIVED = "archived"
    ABANDONED = "abandoned"


class Transcript:
    """Messages, events, assets, summary, metadata and state of one session.

    ``id`` is the session's. Appending costs the same however long the transcript is. Stored
    messages are never changed, only replaced, so they may be shared with who appended them.
    """

    def __init__(self, transcript_id: str | None = None) -> None:
        """Start empty; an id of ``None`` is minted."""
        self.id = transcript_id or new_uuid7()
        self.metadata: JsonObject = {}
        self.state: TranscriptState | None = None
        self._messages: list[JsonObject] = []
        self._entries: list[Entry] = []
        self._assets: dict[str, JsonObject] = {}
        self._summary = ""

    @property
    def messages(self) -> Sequence[JsonObject]:
        """The messages, oldest first: the list itself, to be read, not changed or kept."""
        return self._messages

    @property
    def events(self) -> tuple[TranscriptEvent, ...]:
        """All events, those of the messages among them, in the order in which they happened."""
        return tuple(entry.event for entry in self._entries)

    @property
    def entries(self) -> Sequence[Entry]:
        """The events with the messages that they stand for; to be read, not changed or kept."""
        return self._entries

    @property
    def assets(self) -> tuple[JsonObject, ...]:
        """The assets, in the order in which their ids were first added."""
        return tuple(self._assets.values())

    @property
    def summary(self) -> str | None:
        """What stands for messages that are gone, ``None`` when nothing does.

        A message of kind ``compaction_summary`` is the summary: beside it there is no other text
        that could differ from it. Setting counts while there is no such message.
        """
        for message in self._messages:
            if message.get("kind") == SUMMARY_KIND:
                content = message.get("content")
                return content if isinstance(content, str) else None
        return self._summary if self._summary.strip() else None

    @summary.setter
    def summary(self, text: str | None) -> None:
        self._summary = text or ""

    def append_message(
        self, message: JsonObject, event: TranscriptEvent | None = None
    ) -> TranscriptEvent:
        """Append ``message`` and return its event: a new one, or the one it had elsewhere.

        Raises UsageError when it has no role.
        """
        entry = Entry.of_message(message) if event is None else Entry(event, message)
        self._messages.append(message)
        self._entries.append(entry)
        return entry.event

    def append_event(self, event: TranscriptEvent) -> None:
        """Append what is no message. Raises UsageError for the kind of one that is."""
        if event.kind in MESSAGE_KINDS:
            raise UsageError(
                f"event kind `{event.kind}` belongs to messages",
                hint="Append the message; its event comes with it.",
            )
        self._entries.append(Entry(event))

    def add_asset(self, value: JsonValue) -> str:
        """Keep an asset (see ``transcript_asset``) instead of one with its id; return the id."""
        asset = transcript_asset(value)
        asset_id = str(asset["id"])
        self._assets[asset_id] = asset
        return asset_id

    def take_back(self, message: JsonObject) -> bool:
        """Remove ``message``, the very object, that was appended last of its kind.

        Returns whether it was there. Costs as many steps as came after it.
        """
        for place in range(len(self._entries) - 1, -1, -1):
            if self._entries[place].message is message:
                del self._entries[place]
                behind = sum(entry.message is not None for entry in self._entries[place:])
                del self._messages[len(self._messages) - 1 - behind]
                return True
        return False

    def replace_messages(self, messages: Iterable[JsonObject], summary: str | None = None) -> None:
        """Put ``messages`` in the place of those that there are; other events keep their places.

        ``summary`` ``None`` keeps the summary that there is, also when the message that was it
        is gone.
        """
        kept_summary = self.summary if summary is None else summary
        replacement = list(messages)
        self._entries = interleaved(self._entries, replacement)
        self._messages = replacement
        self._summary = kept_summary or ""

    def branch_index(self, keep_first: int) -> int:
        """Return how many events stand up to the ``keep_first``-th message, its own included."""
        if keep_first <= 0:
            return 0
        left = keep_first
        for index, entry in enumerate(self._entries):
            left -= entry.message is not None
            if left == 0:
                return index + 1
        return len(self._entries)

    def keep_first(self, count: int) -> int:
        """Go back to the state after the first ``count`` messages; return the branch index.

        Events that came later are gone. A result stays with its call, so more messages than
        ``count`` may be kept.
        """
        kept_summary = self.summary
        cut = cut_after(self._messages, count)
        index = self.branch_index(cut)
        self._messages = self._messages[:cut]
        self._entries = self._entries[:index]
        self._summary = kept_summary or ""
        return index

    def keep_last(self, count: int) -> None:
        """Drop all but the last ``count`` messages; other events stay.

        A call stays with its results, so more messages than ``count`` may be kept.
        """
        self.replace_messages(self._messages[cut_before(self._messages, count) :])

    def answer_open_calls(self) -> None:
        """Answer each call that has no result, and drop results that belong to no call."""
        valid = with_every_call_answered(self._messages)
        if len(valid) != len(self._messages) or any(
            one is not other for one, other in zip(valid, self._messages, strict=True)
        ):
            self.replace_messages(valid)

    def copy(self, transcript_id: str) -> "Transcript":
        """Return a copy under another id; it shares the messages, which nobody changes."""
        copy = Transcript(transcript_id)
        copy.metadata = dict(self.metadata)
        copy.state = self.state
        copy._messages = list(self._messages)
        copy._entries = list(self._entries)
        copy._assets = dict(self._assets)
        copy._summary = self._summary
        return copy

    def as_json(self) -> JsonObject:
        """Return the transcript as a JSON object; its parts are shared, so copy to change them."""
        fields: JsonObject = {
            "_type": TRANSCRIPT_TYPE,
            "version": TRANSCRIPT_VERSION,
            "id": self.id,
            "messages": list(self._messages),
            "events": [entry.event.as_json() for entry in self._entries],
            "assets": list(self._assets.values()),
        }
        summary = self.summary
        if summary is not None:
            fields["summary"] = summary
        if self.metadata:
            fields["metadata"] = dict(self.metadata)
        if self.state is not None:
            fields["state"] = self.state.value
        return fields
