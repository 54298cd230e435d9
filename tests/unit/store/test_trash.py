from pathlib import Path

import pytest

from harn_tui.errors import SessionLockedError, SessionNotFoundError, StoreError
from harn_tui.events.host import SessionStart
from harn_tui.store.listing import list_sessions
from harn_tui.store.lock import SessionLock
from harn_tui.store.renaming import rename_session
from harn_tui.store.session_folder import SessionFolder, create_session_folder
from harn_tui.store.state_file import SessionState, load_state, save_state
from harn_tui.store.trash import (
    empty_trash,
    move_to_trash,
    restore_from_trash,
    trashed_sessions,
    with_agents,
)
from tests.unit.store.log_building import numbered, write_log


def add(directory: Path, session_id: str, parent: str | None = None) -> SessionFolder:
    folder = create_session_folder(directory, session_id)
    worker = None if parent is None else "worker"
    event = SessionStart(
        session_id, "/w", "m", "p", "native", parent_session_id=parent, worker_name=worker
    )
    write_log(folder.event_log, numbered([event]))
    return folder


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    return tmp_path / "sessions"


@pytest.fixture
def trash(tmp_path: Path) -> Path:
    return tmp_path / "trash"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "lock"}


def test_a_deleted_session_comes_back_as_it_was(sessions: Path, trash: Path) -> None:
    folder = add(sessions, "a b")
    before = contents(folder.path)

    move_to_trash(folder, trash)
    assert list_sessions(sessions) == []
    assert [summary.session_id for summary in trashed_sessions(trash)] == ["a b"]

    (restored,) = restore_from_trash("a b", trash, sessions)
    assert restored.path == folder.path
    assert contents(folder.path) == before
    assert trashed_sessions(trash) == []


def test_an_open_session_is_never_deleted(sessions: Path, trash: Path) -> None:
    folder = add(sessions, "one")

    with SessionLock(folder.lock_file), pytest.raises(SessionLockedError, match="is open in"):
        move_to_trash(folder, trash)

    assert [summary.session_id for summary in list_sessions(sessions)] == ["one"]


def test_a_lock_of_a_dead_process_stops_no_deletion(sessions: Path, trash: Path) -> None:
    folder = add(sessions, "one")
    folder.lock_file.write_text('{"pid": 4194304, "host": "here", "started_at_ms": 1}')

    move_to_trash(folder, trash)

    assert list_sessions(sessions) == []


def test_a_lock_taken_on_a_session_that_is_gone_is_refused(sessions: Path, trash: Path) -> None:
    folder = add(sessions, "one")
    moved = move_to_trash(folder, trash)

    with pytest.raises(StoreError, match="cannot be taken"):
        SessionLock(folder.lock_file)
    assert moved.is_dir()


def test_the_sessions_of_agents_go_and_come_with_theirs(sessions: Path, trash: Path) -> None:
    folders = [
        add(sessions, "root"),
        add(sessions, "kid", "root"),
        add(sessions, "grandkid", "kid"),
    ]
    add(sessions, "other")
    summaries = list_sessions(sessions)
    root = next(summary for summary in summaries if summary.session_id == "root")
    assert with_agents(root, summaries) == ["root", "kid", "grandkid"]
    for folder in folders:
        move_to_trash(folder, trash)

    restored = restore_from_trash("root", trash, sessions)

    assert [folder.session_id for folder in restored] == ["root", "kid", "grandkid"]
    assert len(list_sessions(sessions)) == 4


def test_agents_that_name_each_other_as_parents_end_somewhere(sessions: Path) -> None:
    add(sessions, "a", "b")
    add(sessions, "b", "a")
    summaries = list_sessions(sessions)

    assert sorted(with_agents(summaries[0], summaries)) == ["a", "b"]


def test_two_deleted_sessions_of_one_id_are_both_kept(sessions: Path, trash: Path) -> None:
    for _ in range(2):
        move_to_trash(add(sessions, "one"), trash)
    assert [summary.session_id for summary in trashed_sessions(trash)] == ["one", "one"]

    restore_from_trash("one", trash, sessions)
    with pytest.raises(StoreError, match="There is a session one already"):
        restore_from_trash("one", trash, sessions)

    assert len(trashed_sessions(trash)) == 1


def test_what_is_not_in_the_trash_cannot_be_restored(sessions: Path, trash: Path) -> None:
    for name in ("abcd-1", "abcd-2"):
        move_to_trash(add(sessions, name), trash)

    for missing in ("x", ""):
        with pytest.raises(SessionNotFoundError):
            restore_from_trash(missing, trash, sessions)
    with pytest.raises(StoreError, match="2 sessions in the trash start with abcd"):
        restore_from_trash("abcd", trash, sessions)


def test_a_trash_that_cannot_be_written_leaves_the_session(sessions: Path, trash: Path) -> None:
    folder = add(sessions, "one")
    trash.write_text("in the way")

    with pytest.raises(StoreError, match="cannot be moved"):
        move_to_trash(folder, trash)

    assert folder.event_log.is_file()


def test_emptying_the_trash_deletes_for_good(sessions: Path, trash: Path) -> None:
    move_to_trash(add(sessions, "one"), trash)
    add(sessions, "two")

    assert empty_trash(trash) == 1
    assert empty_trash(trash) == 0
    assert [summary.session_id for summary in list_sessions(sessions)] == ["two"]


def test_a_session_can_be_renamed_and_keeps_the_rest_of_its_state(sessions: Path) -> None:
    folder = add(sessions, "one")
    save_state(folder.state_file, SessionState(title="old", draft="words", extra={"new_key": 1}))

    assert rename_session(folder, "  a new\nname ") == "a new name"

    state, warning = load_state(folder.state_file)
    assert (state.title, state.draft, state.extra, warning) == (
        "a new name",
        "words",
        {"new_key": 1},
        None,
    )


def test_an_open_session_and_a_blank_title_are_refused(sessions: Path) -> None:
    folder = add(sessions, "one")
    with SessionLock(folder.lock_file), pytest.raises(SessionLockedError):
        rename_session(folder, "name")
    with pytest.raises(StoreError, match="cannot be blank"):
        rename_session(folder, " \n ")
