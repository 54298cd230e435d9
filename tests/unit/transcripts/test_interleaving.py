import copy

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject
from harn_tui.transcripts.interleaving import Entry, interleaved
from harn_tui.transcripts.transcript_event import transcript_event
from tests.unit.transcripts.messages import user


def entries_of(pattern: str) -> list[Entry]:
    """Return entries by letters: a small one is a message of that text, any other an event."""
    return [
        Entry.of_message(user(letter)) if letter.islower() else Entry(transcript_event(letter))
        for letter in pattern
    ]


def pattern_of(entries: list[Entry]) -> str:
    return "".join(entry.event.text or entry.event.kind for entry in entries)


def messages_of(entries: list[Entry]) -> list[JsonObject]:
    return [entry.message for entry in entries if entry.message is not None]


def test_a_summary_follows_the_events_of_the_time_that_it_sums_up() -> None:
    entries = entries_of("aXbYcZd")
    messages = messages_of(entries)
    assert pattern_of(interleaved(entries, [user("s"), *messages[2:]])) == "XYscZd"


def test_messages_behind_the_last_known_one_stand_at_the_end() -> None:
    entries = entries_of("aXbY")
    assert pattern_of(interleaved(entries, [*messages_of(entries), user("c")])) == "aXbYc"


def test_without_messages_only_the_other_events_are_left() -> None:
    assert pattern_of(interleaved(entries_of("aXbY"), [])) == "XY"


def test_equal_messages_that_are_other_objects_keep_their_events() -> None:
    entries = entries_of("aXbY")
    copies = copy.deepcopy(messages_of(entries))
    result = interleaved(entries, copies)
    assert [entry.event for entry in result] == [entry.event for entry in entries]


def test_of_equal_messages_the_same_object_is_found() -> None:
    entries = entries_of("aXaYa")
    last = messages_of(entries)[-1]
    assert [entry.event for entry in interleaved(entries, [last])] == [
        entries[1].event,
        entries[3].event,
        entries[4].event,
    ]


@given(st.text("abcXYZ", max_size=12), st.data())
def test_messages_are_as_asked_and_other_events_stay_in_order(
    pattern: str, data: st.DataObject
) -> None:
    entries = entries_of(pattern)
    known = messages_of(entries)
    one = st.builds(user, st.sampled_from("abcs"))
    messages = data.draw(st.lists(st.one_of(one, st.sampled_from(known)) if known else one))
    result = interleaved(entries, messages)
    assert messages_of(result) == messages
    assert [e for e in result if e.message is None] == [e for e in entries if e.message is None]
    assert len({entry.event.id for entry in result}) == len(result)


@given(st.text("abcXYZ", max_size=12), st.data())
def test_what_stays_keeps_its_event_and_its_place(pattern: str, data: st.DataObject) -> None:
    entries = entries_of(pattern)
    stays = [
        entry.message is None or data.draw(st.booleans(), label=f"{entry.event.text} stays")
        for entry in entries
    ]
    kept = [entry for entry, is_kept in zip(entries, stays, strict=True) if is_kept]
    assert interleaved(entries, messages_of(kept)) == kept
