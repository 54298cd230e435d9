import pytest

from harn_tui.errors import UsageError
from harn_tui.kinds import SUMMARY_KIND
from harn_tui.transcripts.transcript import Transcript
from harn_tui.transcripts.transcript_event import (
    TranscriptEventKind,
    event_from_json,
    transcript_event,
)
from tests.unit.transcripts.messages import assistant, contents, kinds, user


def transcript_of(*texts: str) -> Transcript:
    transcript = Transcript("t")
    for text in texts:
        transcript.append_message(user(text))
    return transcript


def test_appending_a_message_returns_its_event() -> None:
    transcript = Transcript()
    event = transcript.append_message(user("hello"))
    assert transcript.events == (event,)
    assert [entry.message for entry in transcript.entries] == list(transcript.messages)


@pytest.mark.parametrize("kind", ["message", "tool_result"])
def test_an_event_that_stands_for_a_message_comes_with_one(kind: str) -> None:
    with pytest.raises(UsageError, match="belongs to messages"):
        Transcript().append_event(transcript_event(kind))


def test_a_message_without_a_role_leaves_the_transcript_as_it_was() -> None:
    transcript = Transcript()
    with pytest.raises(UsageError, match="role"):
        transcript.append_message({"content": "x"})
    assert (list(transcript.messages), transcript.events) == ([], ())


def test_taking_back_removes_that_very_message_and_its_event() -> None:
    transcript = transcript_of("one")
    again = user("one")
    transcript.append_message(again)
    transcript.append_event(transcript_event("note"))
    transcript.append_message(assistant("two"))
    assert transcript.take_back(again)
    assert contents(transcript.messages) == ["one", "two"]
    assert kinds(transcript) == ["message", "note", "message"]
    assert not transcript.take_back(user("one"))


def test_replacing_keeps_the_summary_unless_another_is_given() -> None:
    transcript = transcript_of("one")
    transcript.summary = "before"
    transcript.replace_messages([user("two")])
    assert transcript.summary == "before"
    transcript.replace_messages([], summary="after")
    assert transcript.summary == "after"


def test_replacing_can_drop_the_summary() -> None:
    transcript = transcript_of("one")
    transcript.summary = "before"
    transcript.replace_messages([], summary="")
    assert transcript.summary is None


def test_a_summary_message_is_the_summary_and_outlives_its_message() -> None:
    transcript = transcript_of("one")
    transcript.replace_messages([user("short", kind=SUMMARY_KIND)], summary="long")
    assert transcript.summary == "short"
    transcript.replace_messages([])
    assert transcript.summary == "short"


def test_a_message_can_be_taken_back_after_a_replacement_by_copies() -> None:
    transcript = transcript_of("one", "two")
    copies = [dict(message) for message in transcript.messages]
    transcript.replace_messages(copies)
    assert transcript.take_back(copies[1])
    assert contents(transcript.messages) == ["one"]


def test_going_back_before_the_summary_message_keeps_the_summary() -> None:
    transcript = transcript_of("one")
    transcript.append_message(user("short", kind=SUMMARY_KIND))
    assert transcript.keep_first(1) == 1
    assert transcript.summary == "short"


def test_a_blank_summary_is_none() -> None:
    transcript = Transcript()
    transcript.summary = " \n"
    assert "summary" not in transcript.as_json()


def test_answering_open_calls_leaves_a_valid_transcript_alone() -> None:
    transcript = transcript_of("one", "two")
    before = transcript.entries
    transcript.answer_open_calls()
    assert transcript.entries is before


def test_a_copy_goes_its_own_way() -> None:
    transcript = transcript_of("one")
    copy = transcript.copy("c")
    copy.append_message(user("two"))
    copy.metadata["k"] = 1
    copy.add_asset({"id": "a"})
    assert contents(transcript.messages) == ["one"]
    assert (transcript.metadata, transcript.assets) == ({}, ())


def test_an_event_from_json_has_defaults_and_drops_what_is_no_block() -> None:
    event = event_from_json({"kind": "note", "blocks": [{"type": "text"}, 3], "metadata": 4})
    assert (event.role, event.visibility, event.text) == ("system", "internal", "")
    assert (event.blocks, event.metadata) == (({"type": "text"},), None)
    assert event.id


def test_kinds_are_plain_strings_on_the_wire() -> None:
    assert type(transcript_event(TranscriptEventKind.PLAN).kind) is str
    assert type(Transcript().append_message(user("x")).kind) is str
