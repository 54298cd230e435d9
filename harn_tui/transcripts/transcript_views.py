"""A transcript in figures and in words."""

from dataclasses import asdict, dataclass

from harn_tui.json_types import JsonObject
from harn_tui.transcripts.call_pairs import is_result
from harn_tui.transcripts.transcript import Transcript
from harn_tui.transcripts.transcript_event import TranscriptEvent, Visibility


@dataclass(frozen=True, slots=True)
class TranscriptStats:
    """How much a transcript holds. User-facing messages are the user's and the assistant's."""

    message_count: int = 0
    user_message_count: int = 0
    assistant_message_count: int = 0
    user_facing_message_count: int = 0
    tool_result_message_count: int = 0
    tool_call_count: int = 0
    visible_event_count: int = 0

    def as_json(self) -> JsonObject:
        """Return the counts by their names."""
        return asdict(self)


def transcript_stats(transcript: Transcript | None) -> TranscriptStats:
    """Count what ``transcript`` holds; ``None`` holds nothing."""
    if transcript is None:
        return TranscriptStats()
    messages = transcript.messages
    roles = [message.get("role") for message in messages]
    users, assistants = roles.count("user"), roles.count("assistant")
    return TranscriptStats(
        message_count=len(messages),
        user_message_count=users,
        assistant_message_count=assistants,
        user_facing_message_count=users + assistants,
        tool_result_message_count=sum(map(is_result, messages)),
        tool_call_count=sum(map(_call_count, messages)),
        visible_event_count=sum(map(_is_public, transcript.events)),
    )


def render_visible(transcript: Transcript) -> str:
    """Return the public events that say something, one ``role: text`` a line."""
    return "\n".join(
        f"{event.role}: {event.text}"
        for event in transcript.events
        if _is_public(event) and event.text
    )


def render_full(transcript: Transcript) -> str:
    """Return all events, private ones too, one ``[visibility] role: text`` a line."""
    return "\n".join(
        f"[{event.visibility}] {event.role}: {event.text}" for event in transcript.events
    )


def _call_count(message: JsonObject) -> int:
    calls = message.get("tool_calls")
    return len(calls) if isinstance(calls, list) else 0


def _is_public(event: TranscriptEvent) -> bool:
    return event.visibility == Visibility.PUBLIC
