import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import StoreError
from harn_tui.store.state_file import SessionState, load_state, save_state


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "session").mkdir()
    return tmp_path / "session" / "state.json"


FULL = SessionState("Title", "m", "demo", "/w", 1_777_334_400_000, "a\ndraft é", {"later": [1]})


def test_what_is_saved_is_loaded(path: Path) -> None:
    save_state(path, FULL)
    assert load_state(path) == (FULL, None)


def test_no_file_is_no_warning(path: Path) -> None:
    assert load_state(path) == (SessionState(), None)


def test_the_file_is_for_the_user_alone_and_the_only_one(path: Path) -> None:
    save_state(path, FULL)
    save_state(path, SessionState())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\x00\xff", b"[" * 100_000, b'"x"'])
def test_a_damaged_file_gives_defaults_and_a_warning(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    state, warning = load_state(path)
    assert state == SessionState()
    assert warning is not None
    assert "damaged" in warning


def test_a_value_of_the_wrong_type_costs_only_itself(path: Path) -> None:
    path.write_text('{"title":3,"draft":null,"model":"m","created_at_ms":true}')
    state, warning = load_state(path)
    assert state == SessionState(model="m")
    assert warning is not None
    assert "title, created_at_ms" in warning


def test_an_unreadable_file_gives_defaults_and_a_warning(path: Path) -> None:
    path.mkdir()
    state, warning = load_state(path)
    assert state == SessionState()
    assert warning is not None


def test_a_state_that_cannot_be_written_leaves_the_old_one(path: Path) -> None:
    save_state(path, FULL)
    path.with_name(".state.json.new").mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        save_state(path, SessionState(title="new"))
    assert load_state(path)[0] == FULL


@given(st.binary(max_size=50))
def test_no_content_makes_a_session_unopenable(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("state") / "state.json"
    path.write_bytes(content)
    assert isinstance(load_state(path)[0], SessionState)


def test_a_draft_that_utf_8_cannot_carry_is_saved_all_the_same(path: Path) -> None:
    save_state(path, SessionState(draft="a\ud800b"))
    assert load_state(path)[0].draft == "a?b"
