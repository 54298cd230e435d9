"""Sessions by id, how many there are, and which one makes room (section 3.1)."""

from collections.abc import Callable

import pytest

from harn_tui.errors import UsageError
from harn_tui.transcripts.session_store import DEFAULT_CAP, SessionStore
from harn_tui.transcripts.transcript import Transcript, TranscriptState
from harn_tui.transcripts.transcript_event import transcript_event
from tests.unit.transcripts.messages import Clock, filled, stored, user

Use = Callable[[SessionStore], object]


def store_of(*session_ids: str, cap: int = 3) -> SessionStore:
    store = SessionStore(cap=cap, clock=Clock())
    for session_id in session_ids:
        store.open(session_id)
    return store


def victim_after(use: Use) -> str:
    """Use a full store of a, b, c (in that order), open one more, and return who is gone."""
    store = store_of()
    for session_id in "abc":
        filled(store, session_id, "first", "second")
    use(store)
    before = set(store)
    store.open("new")
    (gone,) = before - set(store)
    return gone


def test_events_3_1_the_default_cap_is_128() -> None:
    store = SessionStore()
    for number in range(DEFAULT_CAP + 1):
        store.open(f"s{number}")
    assert DEFAULT_CAP == len(store) == 128
    assert not store.exists("s0")


def test_events_3_1_the_cap_is_at_least_one() -> None:
    with pytest.raises(UsageError, match="cap of a session store is 0"):
        SessionStore(cap=0)


def test_events_3_1_a_new_session_has_an_empty_transcript_and_no_relations() -> None:
    store = SessionStore(clock=Clock())
    store.open("a")
    session = store.get("a")
    assert session is not None
    assert session.transcript.messages == []
    assert session.transcript.events == ()
    assert (session.parent_id, session.child_ids, session.branched_at_event_index) == (
        None,
        [],
        None,
    )
    assert session.active_skills == ()
    assert session.created_at == session.last_accessed


def test_events_3_1_times_are_those_of_the_clock() -> None:
    store = SessionStore(clock=iter([5.0, 7.5]).__next__)
    store.open("a")
    store.open("a")
    session = store.get("a")
    assert session is not None
    assert (session.created_at, session.last_accessed) == (5.0, 7.5)


def test_events_3_1_creating_one_too_many_evicts_the_one_used_longest_ago() -> None:
    store = store_of("a", "b", "c", "d")
    assert list(store) == ["b", "c", "d"]


def test_events_3_1_opening_a_known_id_evicts_nobody() -> None:
    store = store_of("a", "b", "c")
    store.open("b")
    assert sorted(store) == ["a", "b", "c"]


USES: dict[str, Use] = {
    "open": lambda s: s.open("a"),
    "reset": lambda s: s.reset("a"),
    "trim": lambda s: s.trim("a", 1),
    "inject": lambda s: s.inject("a", user("third")),
    "append_event": lambda s: s.append_event("a", transcript_event("note")),
    "store_transcript": lambda s: s.store_transcript("a", Transcript()),
    "set_active_skills": lambda s: s.set_active_skills("a", ["x"]),
    "fork onto itself": lambda s: s.fork("a", "a"),
    "fork_at onto itself": lambda s: s.fork_at("a", 1, "a"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_events_3_1_an_operation_that_uses_a_session_refreshes_it(use: Use) -> None:
    assert victim_after(use) == "b"


def test_events_3_1_a_fork_refreshes_the_source_and_then_the_destination() -> None:
    store = store_of("a", "b", "c")
    store.fork("a", "b")
    assert list(store) == ["c", "a", "b"]


def test_events_3_1_what_a_run_records_refreshes_its_session() -> None:
    store = store_of("a", "b", "c")
    with store.begin_run("a") as run:
        store.open("b")
        run.record_message(user("hello"))
        assert list(store) == ["c", "b", "a"]
        store.open("b")
        run.record_event(transcript_event("note"))
        assert list(store) == ["c", "b", "a"]
        store.open("b")
        run.replace_messages([])
        assert list(store) == ["c", "b", "a"]
        store.open("b")
        run.end(TranscriptState.ACTIVE)
    assert list(store) == ["c", "b", "a"]


READS: dict[str, Use] = {
    "exists": lambda s: s.exists("a"),
    "get": lambda s: s.get("a"),
    "length": lambda s: s.length("a"),
    "snapshot": lambda s: s.snapshot("a"),
    "ancestry": lambda s: s.ancestry("a"),
    "prompt_state": lambda s: s.prompt_state("a"),
    "iteration": list,
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_events_3_1_a_pure_read_does_not_refresh(read: Use) -> None:
    assert victim_after(read) == "a"


def test_events_3_1_the_source_is_never_the_victim_of_its_own_fork() -> None:
    store = store_of("a", "b", "c")
    store.fork("a", "d")
    assert list(store) == ["c", "a", "d"]


def test_events_3_1_with_a_cap_of_one_the_source_is_the_victim_and_the_copy_is_whole() -> None:
    store = SessionStore(cap=1, clock=Clock())
    filled(store, "a", "hello")
    assert store.fork("a", "b") == "b"
    assert list(store) == ["b"]
    assert store.length("b") == 1
    assert store.ancestry("b") is not None


def test_events_3_1_the_victims_transcript_and_lineage_are_lost_and_references_dangle() -> None:
    store = store_of("a", "b")
    filled(store, "a", "hello")
    store.fork("a", "c")
    store.open("b")
    store.open("c")
    store.open("d")
    assert not store.exists("a")
    child = store.get("c")
    assert child is not None
    assert child.parent_id == "a"
    store.open("a")
    assert stored(store, "a").messages == []


def test_a_session_that_a_loop_is_running_in_is_never_evicted() -> None:
    store = store_of("a", "b", cap=2)
    with store.begin_run("a") as run:
        store.open("c")
        assert list(store) == ["a", "c"]
        run.end(TranscriptState.ACTIVE)
    store.open("d")
    store.open("e")
    assert list(store) == ["d", "e"]


def test_a_pinned_session_is_never_evicted() -> None:
    store = store_of("a", "b", cap=2)
    with store.pinned("a"), store.pinned("a"):
        store.open("c")
        assert list(store) == ["a", "c"]
    store.open("d")
    assert list(store) == ["c", "d"]


def test_more_than_the_cap_are_kept_only_while_they_are_in_use() -> None:
    store = store_of("a", "b", cap=2)
    with store.pinned("a"), store.pinned("b"):
        store.open("c")
        assert len(store) == 3
    store.open("d")
    assert list(store) == ["c", "d"]


def test_reset_all_forgets_everything() -> None:
    store = store_of("a", "b")
    run = store.begin_run("c")
    store.reset_all()
    assert len(store) == 0
    assert run.record_message(user("late")) is False
