"""A transcript as text, and back: ours and the reference's."""

import json
from collections import deque

from harn_tui.errors import UsageError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.transcripts.transcript import (
    TRANSCRIPT_TYPE,
    TRANSCRIPT_VERSION,
    Transcript,
    TranscriptState,
)
from harn_tui.transcripts.transcript_event import (
    MESSAGE_KINDS,
    TranscriptEvent,
    event_from_json,
    message_role,
)


def export_transcript(transcript: Transcript) -> str:
    """Return the transcript as JSON for people: two blanks of indentation, keys in order."""
    text = json.dumps(transcript.as_json(), indent=2, ensure_ascii=False)
    # Half a surrogate pair has no UTF-8, so such a text keeps its escapes.
    return text if _is_encodable(text) else json.dumps(transcript.as_json(), indent=2)


def import_transcript(text: str) -> Transcript:
    """Return the transcript that ``text`` holds; events and messages find each other in order.

    Raises UsageError when it is none.
    """
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"transcript_import: the text is not JSON: {error}") from None
    return transcript_from_json(value)


def transcript_from_json(value: JsonValue) -> Transcript:
    """Return the transcript that an object such as ``Transcript.as_json`` gives describes.

    Missing keys count as empty. Raises UsageError when it is none.
    """
    if not isinstance(value, dict) or value.get("_type") != TRANSCRIPT_TYPE:
        raise UsageError("transcript_import: argument must be a transcript")
    version = value.get("version", TRANSCRIPT_VERSION)
    if version != TRANSCRIPT_VERSION:
        raise UsageError(
            f"transcript_import: version {version!r} is not known",
            hint=f"Version {TRANSCRIPT_VERSION} can be read.",
        )
    transcript_id = value.get("id")
    transcript = Transcript(transcript_id if isinstance(transcript_id, str) else None)
    _fill(transcript, _messages(value), _events(value))
    for asset in _list(value, "assets"):
        transcript.add_asset(asset)
    summary, metadata = value.get("summary"), value.get("metadata")
    transcript.summary = summary if isinstance(summary, str) else None
    transcript.metadata = metadata if isinstance(metadata, dict) else {}
    transcript.state = _state(value.get("state"))
    return transcript


def _fill(
    transcript: Transcript, messages: deque[JsonObject], events: list[TranscriptEvent]
) -> None:
    """Append events and messages, the first message to the first event that stands for one.

    An event without a message is left out; a message without an event gets one at the end.
    """
    for event in events:
        if event.kind not in MESSAGE_KINDS:
            transcript.append_event(event)
        elif messages:
            message = messages.popleft()
            is_its_own = event.role == message_role(message)
            transcript.append_message(message, event if is_its_own else None)
    for message in messages:
        transcript.append_message(message)


def _messages(value: JsonObject) -> deque[JsonObject]:
    messages: deque[JsonObject] = deque()
    for number, message in enumerate(_list(value, "messages"), start=1):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise UsageError(
                f"transcript_import: message {number} must be an object with a string `role`"
            )
        messages.append(message)
    return messages


def _events(value: JsonObject) -> list[TranscriptEvent]:
    events = []
    for number, event in enumerate(_list(value, "events"), start=1):
        if not isinstance(event, dict) or not isinstance(event.get("kind"), str):
            raise UsageError(
                f"transcript_import: event {number} must be an object with a string `kind`"
            )
        events.append(event_from_json(event))
    return events


def _list(value: JsonObject, key: str) -> list[JsonValue]:
    found = value.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        raise UsageError(f"transcript_import: `{key}` must be a list")
    return found


def _state(value: JsonValue) -> TranscriptState | None:
    if value is None:
        return None
    if isinstance(value, str) and value in set(TranscriptState):
        return TranscriptState(value)
    raise UsageError(
        f"transcript_import: state {value!r} is not known",
        hint=f"Known are {', '.join(TranscriptState)}.",
    )


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
