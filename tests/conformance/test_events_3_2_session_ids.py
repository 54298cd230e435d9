"""Session ids and the current session (section 3.2)."""

from uuid import UUID

import pytest

from harn_tui.errors import LoopConfigError, SessionNotFoundError
from harn_tui.loop.ambient import current_session, current_session_id
from harn_tui.transcripts.session_store import SessionStore


def test_events_3_2_opening_without_an_id_mints_a_uuid7() -> None:
    store = SessionStore()
    session_id = store.open()
    assert UUID(session_id).version == 7
    assert store.exists(session_id)


def test_events_3_2_opening_returns_the_id_and_is_idempotent() -> None:
    store = SessionStore()
    assert store.open("a") == store.open("a") == "a"
    assert len(store) == 1


@pytest.mark.parametrize("unset", [None, "", "  \n", "nil", " nil "])
def test_loop_10_34_an_unset_id_is_minted_and_never_shared(unset: str | None) -> None:
    store = SessionStore()
    first, second = store.open(unset), store.open(unset)
    assert first != second
    assert UUID(first).version == UUID(second).version == 7


@pytest.mark.parametrize("unset", ["", " ", "nil"])
def test_loop_10_34_an_unset_id_names_no_session(unset: str) -> None:
    store = SessionStore()
    store.open(unset)
    assert store.exists(unset) is False
    assert store.snapshot(unset) is None
    with pytest.raises(SessionNotFoundError):
        store.length(unset)
    with pytest.raises(LoopConfigError, match="without a session id"):
        store.begin_run(unset)


@pytest.mark.parametrize("unset", [None, "", "nil"])
def test_loop_10_34_an_unset_destination_of_a_fork_is_minted(unset: str | None) -> None:
    store = SessionStore()
    store.open("a")
    assert UUID(store.fork("a", unset)).version == 7
    assert UUID(store.fork_at("a", 0, unset)).version == 7
    assert UUID(store.open_child("a", unset)).version == 7


def test_events_3_2_blanks_around_an_id_do_not_count() -> None:
    store = SessionStore()
    assert store.open(" a ") == "a"
    assert store.exists("a\n")


def test_current_id_returns_nil_outside_active_session() -> None:
    assert current_session_id() is None


def test_current_id_returns_active_session_id() -> None:
    with current_session("outer"):
        with current_session("inner"):
            assert current_session_id() == "inner"
        assert current_session_id() == "outer"
