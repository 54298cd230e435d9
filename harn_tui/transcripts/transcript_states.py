"""Transcripts in another state: each function returns a new one and leaves its argument alone."""

from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUMMARY_KIND
from harn_tui.transcripts.transcript import Transcript, TranscriptState
from harn_tui.transcripts.transcript_event import TranscriptEventKind, transcript_event


def forked(
    transcript: Transcript, *, retain_messages: bool = True, retain_summary: bool = True
) -> Transcript:
    """Return it as ``forked``, under the same id, perhaps without its messages or summary."""
    copy = transcript.copy(transcript.id)
    messages = list(copy.messages) if retain_messages else []
    if not retain_summary:
        messages = [message for message in messages if message.get("kind") != SUMMARY_KIND]
    copy.replace_messages(messages, summary=None if retain_summary else "")
    return _in_state(copy, TranscriptState.FORKED, TranscriptEventKind.TRANSCRIPT_FORK, "forked")


def archived(transcript: Transcript) -> Transcript:
    """Return it as ``archived``."""
    copy = transcript.copy(transcript.id)
    kind = TranscriptEventKind.TRANSCRIPT_ARCHIVE
    return _in_state(copy, TranscriptState.ARCHIVED, kind, "archived")


def abandoned(transcript: Transcript) -> Transcript:
    """Return it as ``abandoned``."""
    copy = transcript.copy(transcript.id)
    kind = TranscriptEventKind.TRANSCRIPT_ABANDON
    return _in_state(copy, TranscriptState.ABANDONED, kind, "abandoned")


def resumed(transcript: Transcript) -> Transcript:
    """Return it as ``active``."""
    copy = transcript.copy(transcript.id)
    kind = TranscriptEventKind.TRANSCRIPT_RESUME
    return _in_state(copy, TranscriptState.ACTIVE, kind, "resumed")


def reset(metadata: JsonObject | None = None) -> Transcript:
    """Return a transcript with a new id, ``active``, in which there is nothing yet."""
    transcript = Transcript()
    transcript.metadata = dict(metadata or {})
    kind = TranscriptEventKind.TRANSCRIPT_RESET
    return _in_state(transcript, TranscriptState.ACTIVE, kind, "reset")


def _in_state(
    transcript: Transcript, state: TranscriptState, kind: TranscriptEventKind, verb: str
) -> Transcript:
    transcript.state = state
    transcript.append_event(transcript_event(kind, text=f"transcript {verb}"))
    return transcript
