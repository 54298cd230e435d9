"""Short ways to write messages and to read transcripts."""

from collections.abc import Iterator, Sequence

from harn_tui.json_types import JsonObject
from harn_tui.transcripts.session_store import SessionStore
from harn_tui.transcripts.transcript import Transcript


def user(content: str, **more: str) -> JsonObject:
    return {"role": "user", "content": content, **more}


def assistant(content: str, *call_ids: str) -> JsonObject:
    message: JsonObject = {"role": "assistant", "content": content}
    if call_ids:
        message["tool_calls"] = [
            {"id": call_id, "name": "read_file", "arguments": {}} for call_id in call_ids
        ]
    return message


def result(call_id: str, content: str = "ok") -> JsonObject:
    return {"role": "tool", "tool_call_id": call_id, "tool_name": "read_file", "content": content}


def contents(messages: Sequence[JsonObject]) -> list[object]:
    return [message["content"] for message in messages]


def kinds(transcript: Transcript) -> list[str]:
    return [event.kind for event in transcript.events]


def texts(transcript: Transcript) -> list[str]:
    return [event.text for event in transcript.events]


def filled(store: SessionStore, session_id: str, *messages: JsonObject | str) -> str:
    """Open a session and put messages into it; a string is a user's."""
    store.open(session_id)
    for message in messages:
        store.inject(session_id, user(message) if isinstance(message, str) else message)
    return session_id


def stored(store: SessionStore, session_id: str) -> Transcript:
    session = store.get(session_id)
    assert session is not None
    return session.transcript


class Clock:
    """A clock that goes on by one second with each look at it."""

    def __init__(self) -> None:
        self._seconds: Iterator[int] = iter(range(10**9))

    def __call__(self) -> float:
        return float(next(self._seconds))
