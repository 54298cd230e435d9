"""What each operation returns and how it refuses (section 3.3)."""

from collections.abc import Callable
from typing import Any

import pytest

from harn_tui.errors import HarnError, SessionNotFoundError, StoreError, UsageError
from harn_tui.transcripts.session_store import SessionStore
from harn_tui.transcripts.transcript import Transcript
from tests.unit.transcripts.messages import contents, filled, stored, user

Call = Callable[[Any], object]

ROLES = "user|assistant|tool|tool_result|system"


@pytest.fixture
def store() -> SessionStore:
    return SessionStore()


def test_events_3_3_exists_is_false_for_an_unknown_id(store: SessionStore) -> None:
    assert store.exists("a") is False
    store.open("a")
    assert store.exists("a") is True


def test_events_3_3_length_counts_messages_and_not_events(store: SessionStore) -> None:
    filled(store, "a", "one", "two")
    store.append_event("a", {"kind": "note"})
    assert store.length("a") == 2


def test_events_3_3_a_snapshot_is_the_transcript_with_its_lineage(store: SessionStore) -> None:
    filled(store, "a", "one")
    store.fork_at("a", 1, "b")
    snapshot = store.snapshot("b")
    assert snapshot is not None
    assert snapshot.items() >= stored(store, "b").as_json().items()
    assert (snapshot["parent_id"], snapshot["child_ids"]) == ("a", [])
    assert snapshot["branched_at_event_index"] == 1


def test_events_3_3_a_snapshot_and_an_ancestry_of_an_unknown_id_are_none(
    store: SessionStore,
) -> None:
    assert store.snapshot("a") is None
    assert store.ancestry("a") is None


def test_a_snapshot_is_the_callers_own(store: SessionStore) -> None:
    filled(store, "a", "one")
    snapshot: Any = store.snapshot("a")
    snapshot["messages"][0]["content"] = "changed"
    snapshot["events"].clear()
    assert contents(stored(store, "a").messages) == ["one"]
    assert len(stored(store, "a").events) == 1


def test_events_3_3_ancestry_has_parent_children_and_root(store: SessionStore) -> None:
    store.open("a")
    store.fork("a", "b")
    store.fork("b", "c")
    found = store.ancestry("b")
    assert found is not None
    assert found.as_json() == {"parent_id": "a", "child_ids": ["c"], "root_id": "a"}


def test_events_3_3_reset_empties_the_transcript_and_keeps_id_lineage_and_skills(
    store: SessionStore,
) -> None:
    filled(store, "a", "one")
    store.fork_at("a", 1, "b")
    store.fork("b", "c")
    store.set_active_skills("b", ["review"])
    store.reset("b")
    session = store.get("b")
    assert session is not None
    assert session.transcript.as_json() == Transcript("b").as_json()
    assert (session.parent_id, session.child_ids) == ("a", ["c"])
    assert session.branched_at_event_index == 1
    assert session.active_skills == ("review",)


def test_events_3_3_close_removes_the_session_and_leaves_its_children(store: SessionStore) -> None:
    store.open("a")
    store.fork("a", "b")
    store.close("a")
    assert store.exists("a") is False
    assert store.exists("b") is True


def test_events_3_3_trim_keeps_the_last_messages_and_returns_how_many(store: SessionStore) -> None:
    filled(store, "a", "one", "two", "three")
    assert store.trim("a", 2) == 2
    assert contents(stored(store, "a").messages) == ["two", "three"]
    assert store.trim("a", 5) == 2
    assert store.trim("a", 0) == 0


def test_events_3_3_inject_appends_a_message_of_any_role(store: SessionStore) -> None:
    filled(store, "a", "one", {"role": "narrator", "content": None})
    assert stored(store, "a").messages[-1] == {"role": "narrator", "content": None}


def test_an_injected_message_is_the_sessions_own(store: SessionStore) -> None:
    message = user("one")
    filled(store, "a", message)
    message["content"] = "changed"
    assert contents(stored(store, "a").messages) == ["one"]


def test_active_skills_are_kept_once_each_in_order(store: SessionStore) -> None:
    store.open("a")
    store.set_active_skills("a", ["x", "y", "x"])
    session = store.get("a")
    assert session is not None
    assert session.active_skills == ("x", "y")


NEEDS_SESSION: dict[str, Call] = {
    "length": lambda s: s.length("gone"),
    "reset": lambda s: s.reset("gone"),
    "fork": lambda s: s.fork("gone"),
    "fork_at": lambda s: s.fork_at("gone", 1),
    "close": lambda s: s.close("gone"),
    "trim": lambda s: s.trim("gone", 1),
    "inject": lambda s: s.inject("gone", user("x")),
    "append_event": lambda s: s.append_event("gone", {"kind": "x"}),
    "set_active_skills": lambda s: s.set_active_skills("gone", []),
    "prompt_state": lambda s: s.prompt_state("gone"),
    "store_transcript": lambda s: s.store_transcript("gone", Transcript()),
    "pinned": lambda s: s.pinned("gone").__enter__(),
}


@pytest.mark.parametrize(("operation", "call"), NEEDS_SESSION.items())
def test_events_3_3_an_unknown_id_is_refused_by_name(operation: str, call: Call) -> None:
    store = SessionStore()
    with pytest.raises(SessionNotFoundError) as caught:
        call(store)
    assert isinstance(caught.value, StoreError)
    assert caught.value.message == f"agent_session_{operation}: unknown session id 'gone'"
    assert caught.value.hint
    assert len(store) == 0


WRONG: dict[str, tuple[Call, str]] = {
    "id": (lambda s: s.open(7), "agent_session_open: `id` must be a string"),
    "src": (lambda s: s.fork(7), "agent_session_fork: `id` must be a string"),
    "dst": (lambda s: s.fork("a", 7), "agent_session_fork: `dst` must be a string"),
    "keep_first": (
        lambda s: s.fork_at("a", -1),
        "agent_session_fork_at: `keep_first` must be >= 0",
    ),
    "keep_last": (lambda s: s.trim("a", -1), "agent_session_trim: `keep_last` must be >= 0"),
    "no count": (lambda s: s.trim("a", True), "agent_session_trim: `keep_last` must be an integer"),
    "no dict": (
        lambda s: s.inject("a", "hello"),
        "agent_session_inject: message must be a dict",
    ),
    "no role": (
        lambda s: s.inject("a", {"content": "x"}),
        f"agent_session_inject: message must have a string `role` ({ROLES})",
    ),
    "no event": (
        lambda s: s.append_event("a", "x"),
        "agent_session_append_event: event must be a dict",
    ),
    "no kind": (
        lambda s: s.append_event("a", {}),
        "agent_session_append_event: event must have a string `kind`",
    ),
    "a message's kind": (
        lambda s: s.append_event("a", {"kind": "message"}),
        "agent_session_append_event: event kind `message` belongs to messages",
    ),
}


@pytest.mark.parametrize(("call", "text"), WRONG.values(), ids=WRONG)
def test_events_3_3_a_wrong_argument_is_refused_by_name(call: Call, text: str) -> None:
    store: Any = SessionStore()
    filled(store, "a", "one")
    with pytest.raises(UsageError) as caught:
        call(store)
    assert isinstance(caught.value, HarnError)
    assert caught.value.message == text
    assert store.length("a") == 1
    assert len(store) == 1
