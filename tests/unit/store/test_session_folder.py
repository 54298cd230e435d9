import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import StoreError
from harn_tui.ids import new_session_id
from harn_tui.store.session_folder import (
    create_session_folder,
    folder_name,
    list_session_folders,
    open_session_folder,
)


def test_folders_are_for_the_user_alone(tmp_path: Path) -> None:
    folder = create_session_folder(tmp_path / "data" / "sessions", new_session_id())
    for path in (folder.path, folder.path.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_a_session_is_found_again_by_its_id(tmp_path: Path) -> None:
    created = create_session_folder(tmp_path, "a/b")
    assert open_session_folder(tmp_path, "a/b") == created
    assert created.event_log.parent == created.path


def test_an_id_that_is_taken_and_one_that_is_unknown_are_errors(tmp_path: Path) -> None:
    create_session_folder(tmp_path, "s")
    with pytest.raises(StoreError, match="already"):
        create_session_folder(tmp_path, "s")
    with pytest.raises(StoreError, match="no session"):
        open_session_folder(tmp_path, "t")


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made"):
        create_session_folder(tmp_path / "file" / "sessions", "s")


@pytest.mark.parametrize("session_id", ["s-1", "agent_session_0190", "a.b", "A" * 120])
def test_a_plain_id_names_its_folder(session_id: str) -> None:
    assert folder_name(session_id) == session_id


@given(st.text(max_size=300))
def test_events_2_7_no_id_leaves_the_folder_of_sessions(session_id: str) -> None:
    name = folder_name(session_id)
    assert 0 < len(name) < 200
    assert "/" not in name
    assert "\0" not in name
    assert not name.startswith(".")


@given(st.text("a/_.\0", max_size=4), st.text("a/_.\0", max_size=4))
def test_different_ids_have_different_folders(first: str, second: str) -> None:
    assert (folder_name(first) == folder_name(second)) is (first == second)


def test_folders_are_listed_latest_first_without_files_and_hidden_ones(tmp_path: Path) -> None:
    sessions = tmp_path / "sessions"
    ids = [new_session_id() for _ in range(3)]
    for session_id in ids:
        create_session_folder(sessions, session_id)
    (sessions / ".hidden").mkdir()
    (sessions / "file").touch()
    listed = [folder.session_id for folder in list_session_folders(sessions)]
    assert listed == sorted(ids, reverse=True)


def test_no_folder_of_sessions_is_no_sessions(tmp_path: Path) -> None:
    assert list_session_folders(tmp_path / "missing") == []
