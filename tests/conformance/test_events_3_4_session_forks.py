"""Forks, lineage and the branch index (section 3.4), and what the reference's own tests pin."""

from collections.abc import Callable

import pytest

from harn_tui.errors import SessionNotFoundError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUMMARY_KIND
from harn_tui.transcripts.call_pairs import NO_RESULT
from harn_tui.transcripts.session_store import SessionStore
from harn_tui.transcripts.stored_session import StoredSession
from tests.unit.transcripts.messages import (
    assistant,
    contents,
    filled,
    kinds,
    result,
    stored,
    user,
)


@pytest.fixture
def store() -> SessionStore:
    return SessionStore()


def session(store: SessionStore, session_id: str) -> StoredSession:
    found = store.get(session_id)
    assert found is not None
    return found


def with_events(store: SessionStore) -> str:
    """Fill ``a`` with [message, sub_agent_start, message, tool_execution, message]."""
    filled(store, "a", "one")
    store.append_event("a", {"kind": "sub_agent_start"})
    store.inject("a", user("two"))
    store.append_event("a", {"kind": "tool_execution"})
    store.inject("a", user("three"))
    return "a"


def test_events_3_4_a_fork_copies_the_transcript_under_its_id_and_names_its_parent(
    store: SessionStore,
) -> None:
    with_events(store)
    assert store.fork("a", "b") == "b"
    copy, source = stored(store, "b"), stored(store, "a")
    assert copy.id == "b"
    assert copy.metadata == {"parent_session_id": "a"}
    assert copy.messages == source.messages
    assert copy.events == source.events
    assert source.metadata == {}
    assert session(store, "b").branched_at_event_index is None


def test_events_3_4_a_fork_has_no_skills(store: SessionStore) -> None:
    store.open("a")
    store.set_active_skills("a", ["review"])
    store.fork("a", "b")
    assert session(store, "b").active_skills == ()


def test_events_3_4_source_and_fork_go_their_own_ways(store: SessionStore) -> None:
    filled(store, "a", "alpha", "beta")
    store.fork_at("a", 1, "b")
    store.inject("b", user("child"))
    store.inject("a", user("gamma"))
    assert contents(stored(store, "a").messages) == ["alpha", "beta", "gamma"]
    assert contents(stored(store, "b").messages) == ["alpha", "child"]


def test_events_3_4_a_fork_into_a_known_session_overwrites_its_transcript_not_its_skills(
    store: SessionStore,
) -> None:
    filled(store, "a", "new")
    filled(store, "b", "old")
    store.set_active_skills("b", ["review"])
    store.fork("a", "b")
    assert contents(stored(store, "b").messages) == ["new"]
    assert session(store, "b").active_skills == ("review",)


def test_events_3_4_a_child_is_listed_once_and_knows_its_parent(store: SessionStore) -> None:
    store.open("a")
    store.fork("a", "b")
    store.fork("a", "b")
    assert session(store, "a").child_ids == ["b"]
    assert session(store, "b").parent_id == "a"


def test_events_3_4_children_stand_in_the_order_in_which_they_came(store: SessionStore) -> None:
    store.open("a")
    for child in ("z", "y", "x"):
        store.fork("a", child)
    assert session(store, "a").child_ids == ["z", "y", "x"]


def test_events_3_4_a_fork_onto_itself_links_nothing(store: SessionStore) -> None:
    filled(store, "a", "one", "two")
    run = store.begin_run("a")
    assert store.fork("a", "a") == "a"
    assert run.is_attached
    run.end(run.transcript.state or pytest.fail("no state"))
    assert store.fork_at("a", 1, "a") == "a"
    assert (session(store, "a").parent_id, session(store, "a").child_ids) == (None, [])
    assert session(store, "a").branched_at_event_index is None
    assert stored(store, "a").metadata == {}
    assert contents(stored(store, "a").messages) == ["one"]


def test_a_session_that_is_forked_anew_changes_its_parent(store: SessionStore) -> None:
    store.open("a")
    store.open("b")
    store.fork("a", "c")
    store.fork("b", "c")
    assert session(store, "a").child_ids == []
    assert session(store, "b").child_ids == ["c"]
    assert session(store, "c").parent_id == "b"


def test_a_session_opened_again_keeps_the_children_that_name_it_and_no_parent(
    store: SessionStore,
) -> None:
    store.open("a")
    store.fork("a", "b")
    store.fork("b", "c")
    store.close("b")
    store.open("b")
    assert session(store, "a").child_ids == []
    assert (session(store, "b").parent_id, session(store, "b").child_ids) == (None, ["c"])


def test_fork_at_truncates_destination_to_keep_first(store: SessionStore) -> None:
    filled(store, "a", "one", "two", "three", "four")
    store.fork_at("a", 2, "b")
    assert contents(stored(store, "b").messages) == ["one", "two"]
    assert session(store, "b").branched_at_event_index == 2
    assert store.length("a") == 4


def test_fork_at_on_unknown_source_is_refused(store: SessionStore) -> None:
    with pytest.raises(SessionNotFoundError):
        store.fork_at("gone", 2, "b")
    assert store.exists("b") is False


def test_child_sessions_record_parent_lineage(store: SessionStore) -> None:
    store.open("parent")
    store.open_child("parent", "child")
    found = store.ancestry("child")
    parent, child = store.snapshot("parent"), store.snapshot("child")
    assert found is not None
    assert parent is not None
    assert child is not None
    assert (found.parent_id, found.root_id) == ("parent", "parent")
    assert (parent["parent_id"], parent["child_ids"]) == (None, ["child"])
    assert parent["branched_at_event_index"] is None
    assert (child["parent_id"], child["child_ids"]) == ("parent", [])


def test_branch_event_index_counts_non_message_events(store: SessionStore) -> None:
    filled(store, "a", "one")
    store.append_event("a", {"kind": "sub_agent_start"})
    store.inject("a", assistant("two"))
    store.fork_at("a", 2, "b")
    assert session(store, "b").branched_at_event_index == 3


@pytest.mark.parametrize(
    ("keep_first", "index"),
    [(0, 0), (1, 1), (2, 3), (3, 5), (9, 5)],
)
def test_events_3_4_the_branch_index_is_behind_the_last_kept_message(
    store: SessionStore, keep_first: int, index: int
) -> None:
    with_events(store)
    store.fork_at("a", keep_first, "b")
    assert session(store, "b").branched_at_event_index == index


def test_events_3_4_a_tool_result_counts_for_the_branch_index(store: SessionStore) -> None:
    filled(store, "a", assistant("", "c"))
    store.append_event("a", {"kind": "tool_execution"})
    store.inject("a", {"role": "tool_result", "tool_use_id": "c", "content": "x"})
    store.fork_at("a", 2, "b")
    assert session(store, "b").branched_at_event_index == 3


def test_events_3_4_a_branch_has_every_event_up_to_its_index(store: SessionStore) -> None:
    """Not only those of the messages: what happened before the branch happened to it too."""
    with_events(store)
    store.fork_at("a", 2, "b")
    assert stored(store, "b").events == stored(store, "a").events[:3]
    assert kinds(stored(store, "b")) == ["message", "sub_agent_start", "message"]


def test_events_3_4_summary_assets_and_metadata_stay_in_a_branch(store: SessionStore) -> None:
    filled(store, "a", "one", "two")
    transcript = stored(store, "a")
    transcript.summary = "before"
    transcript.metadata["title"] = "t"
    transcript.add_asset({"id": "x"})
    store.fork_at("a", 0, "b")
    branch = stored(store, "b")
    assert branch.messages == []
    assert branch.summary == "before"
    assert branch.metadata == {"title": "t", "parent_session_id": "a"}
    assert branch.assets == transcript.assets


def test_events_3_4_trimming_keeps_other_events_in_their_places(store: SessionStore) -> None:
    with_events(store)
    events = stored(store, "a").events
    store.trim("a", 1)
    assert stored(store, "a").events == (events[1], events[3], events[4])


def test_events_3_4_injecting_keeps_other_events_in_their_places(store: SessionStore) -> None:
    with_events(store)
    before = stored(store, "a").events
    store.inject("a", user("four"))
    assert stored(store, "a").events[:-1] == before


def test_a_summary_that_was_trimmed_away_still_leads_the_prompt(store: SessionStore) -> None:
    filled(store, "a", user("the story so far", kind=SUMMARY_KIND), "one", "two")
    assert store.trim("a", 1) == 1
    assert contents(store.prompt_state("a").messages) == ["the story so far", "two"]


TURN: list[JsonObject] = [
    user("q"),
    assistant("", "c1", "c2"),
    result("c1", "first"),
    result("c2", "second"),
    assistant("done"),
]


@pytest.mark.parametrize(("keep_first", "kept"), [(0, 0), (1, 1), (2, 4), (3, 4), (4, 4), (5, 5)])
def test_a_branch_parts_no_call_from_its_results(
    store: SessionStore, keep_first: int, kept: int
) -> None:
    filled(store, "a", *TURN)
    store.fork_at("a", keep_first, "b")
    assert list(stored(store, "b").messages) == TURN[:kept]
    assert session(store, "b").branched_at_event_index == kept


@pytest.mark.parametrize(("keep_last", "kept"), [(0, 0), (1, 1), (2, 4), (3, 4), (4, 4), (5, 5)])
def test_trimming_parts_no_call_from_its_results(
    store: SessionStore, keep_last: int, kept: int
) -> None:
    filled(store, "a", *TURN)
    assert store.trim("a", keep_last) == kept
    assert list(stored(store, "a").messages) == TURN[5 - kept :]


Cut = Callable[[SessionStore], object]


@pytest.mark.parametrize(
    "cut", [lambda s: s.fork_at("a", 2, "b"), lambda s: (s.fork("a", "b"), s.trim("b", 2))]
)
def test_a_call_that_never_got_a_result_is_answered_in_what_is_kept(
    store: SessionStore, cut: Cut
) -> None:
    filled(store, "a", "q", assistant("", "c"))
    cut(store)
    assert list(stored(store, "b").messages) == [
        user("q"),
        assistant("", "c"),
        result("c", NO_RESULT),
    ]


def test_events_3_4_the_root_is_the_oldest_ancestor(store: SessionStore) -> None:
    store.open("a")
    store.fork("a", "b")
    store.fork("b", "c")
    found = [store.ancestry(session_id) for session_id in "abc"]
    assert [ancestry.root_id for ancestry in found if ancestry] == ["a", "a", "a"]


def test_events_3_4_a_parent_that_is_gone_is_the_root(store: SessionStore) -> None:
    store.open("a")
    store.fork("a", "b")
    store.fork("b", "c")
    store.close("a")
    found = store.ancestry("c")
    assert found is not None
    assert found.root_id == "a"
    store.close("b")
    found = store.ancestry("c")
    assert found is not None
    assert (found.parent_id, found.root_id) == ("b", "b")


def test_events_3_4_sessions_that_descend_from_each_other_have_an_ancestry(
    store: SessionStore,
) -> None:
    store.open("a")
    store.fork("a", "b")
    store.fork("b", "a")
    found = store.ancestry("a")
    assert found is not None
    assert (found.parent_id, found.root_id) == ("b", "b")


def test_child_session_forks_parent_transcript(store: SessionStore) -> None:
    filled(store, "parent", "hello")
    assert store.open_child("parent", "child") == "child"
    assert contents(stored(store, "child").messages) == ["hello"]
    assert stored(store, "child").metadata["parent_session_id"] == "parent"


def test_events_3_4_a_child_of_an_unknown_parent_is_empty_and_linked(store: SessionStore) -> None:
    store.open_child("gone", "child")
    assert store.length("child") == 0
    assert session(store, "child").parent_id == "gone"
    assert store.exists("gone") is False


def test_a_child_of_nobody_is_a_session_without_a_parent(store: SessionStore) -> None:
    child = store.open_child("nil")
    assert session(store, child).parent_id is None
