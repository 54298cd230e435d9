import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import UsageError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.transcripts.session_store import SessionStore
from harn_tui.transcripts.transcript import Transcript, TranscriptState
from harn_tui.transcripts.transcript_event import transcript_event
from harn_tui.transcripts.transcript_export import (
    export_transcript,
    import_transcript,
    transcript_from_json,
)
from harn_tui.transcripts.transcript_views import transcript_stats
from tests.unit.transcripts.messages import assistant, contents, kinds, texts, user

JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    transcript = Transcript(draw(st.text(min_size=1, max_size=5)))
    roles = st.sampled_from(["user", "assistant", "tool", "tool_result", "system", ""])
    for _ in range(draw(st.integers(0, 8))):
        if draw(st.booleans()):
            transcript.append_message({"role": draw(roles), "content": draw(JSON)})
        else:
            metadata = draw(st.none() | st.dictionaries(st.text(max_size=5), JSON, max_size=3))
            transcript.append_event(
                transcript_event("note", text=draw(st.text(max_size=5)), metadata=metadata)
            )
    for asset in draw(st.lists(JSON, max_size=3)):
        transcript.add_asset(asset)
    transcript.summary = draw(st.none() | st.text(max_size=5))
    transcript.metadata = draw(st.dictionaries(st.text(max_size=5), JSON, max_size=3))
    transcript.state = draw(st.none() | st.sampled_from(TranscriptState))
    return transcript


@given(transcripts())
def test_what_was_exported_is_imported_whole(transcript: Transcript) -> None:
    assert import_transcript(export_transcript(transcript)).as_json() == transcript.as_json()


def test_an_export_is_for_people() -> None:
    transcript = Transcript("t")
    transcript.append_message(user("жук"))
    text = export_transcript(transcript)
    assert text.startswith('{\n  "_type": "transcript",\n  "version": 2,')
    assert "жук" in text


def test_half_a_surrogate_pair_can_be_written_to_a_file() -> None:
    transcript = Transcript("t")
    transcript.append_message(user("\ud83d"))
    text = export_transcript(transcript)
    assert import_transcript(text.encode().decode()).messages == transcript.messages


def test_missing_keys_count_as_empty() -> None:
    transcript = import_transcript('{"_type": "transcript"}')
    assert transcript.id
    assert set(transcript_stats(transcript).as_json().values()) == {0}


def test_events_that_come_behind_all_messages_stay_there() -> None:
    """As the reference writes them: first one event a message, then the others."""
    events: list[JsonValue] = [
        {"kind": "message", "role": "user", "text": text} for text in ("one", "two")
    ]
    transcript = transcript_from_json(
        {
            "_type": "transcript",
            "messages": [user("one"), user("two")],
            "events": [*events, {"kind": "plan", "text": "p"}],
        }
    )
    assert texts(transcript) == ["one", "two", "p"]


def test_messages_and_events_that_do_not_match_lose_no_message() -> None:
    transcript = transcript_from_json(
        {
            "_type": "transcript",
            "messages": [user("one"), assistant("two")],
            "events": [{"kind": "message", "role": "assistant", "text": "?"}, {"kind": "plan"}],
        }
    )
    assert contents(transcript.messages) == ["one", "two"]
    assert kinds(transcript) == ["message", "plan", "message"]
    assert texts(transcript) == ["one", "", "two"]


def test_an_event_without_a_message_is_left_out() -> None:
    fields: JsonObject = {"_type": "transcript", "events": [{"kind": "message"}]}
    assert transcript_from_json(fields).events == ()


def test_an_imported_transcript_can_be_put_into_a_session() -> None:
    source = Transcript("old")
    source.append_message(user("hello"))
    store = SessionStore()
    store.open("new")
    store.store_transcript("new", import_transcript(export_transcript(source)))
    snapshot = store.snapshot("new")
    assert snapshot is not None
    assert (snapshot["id"], snapshot["messages"]) == ("new", [user("hello")])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"_type": "asset"}, "argument must be a transcript"),
        ({"version": 3}, "version 3 is not known"),
        ({"messages": {}}, "`messages` must be a list"),
        ({"messages": [{}]}, "message 1 must be an object with a string `role`"),
        ({"events": [{"kind": "plan"}, 3]}, "event 2 must be an object with a string `kind`"),
        ({"state": "asleep"}, "state 'asleep' is not known"),
    ],
)
def test_what_is_no_transcript_is_refused(change: JsonObject, said: str) -> None:
    fields: Any = {"_type": "transcript", "version": 2, "id": "t", **change}
    with pytest.raises(UsageError, match="^transcript_import: ") as caught:
        import_transcript(json.dumps(fields))
    assert said in caught.value.message


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[]", "null"])
def test_text_that_holds_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="^transcript_import: "):
        import_transcript(text)
