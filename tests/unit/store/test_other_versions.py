"""Files of a newer program: read as far as they can be, told, and never changed."""

import json
from pathlib import Path

import pytest

from harn_tui.errors import StoreError
from harn_tui.events.host import SCHEMA_VERSION, SessionStart
from harn_tui.store.history import check_version
from harn_tui.store.listing import summarize_session
from harn_tui.store.log_reader import read_records
from harn_tui.store.renaming import rename_session
from harn_tui.store.session_folder import SessionFolder, create_session_folder
from harn_tui.store.state_file import STATE_VERSION, SessionState, load_state, save_state
from tests.unit.store.log_building import numbered, write_log

NEWER_STATE = {
    "schema_version": STATE_VERSION + 1,
    "title": "a title",
    "draft": "words",
    "marks": [{"at": 3}],
}


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    return create_session_folder(tmp_path / "sessions", "one")


def test_a_newer_state_is_read_told_and_not_overwritten(folder: SessionFolder) -> None:
    folder.state_file.write_text(json.dumps(NEWER_STATE))
    before = folder.state_file.read_bytes()

    state, warning = load_state(folder.state_file)
    assert (state.title, state.draft, state.extra) == ("a title", "words", {"marks": [{"at": 3}]})
    assert "written by a newer program" in str(warning)

    with pytest.raises(StoreError, match="it was left as it is"):
        save_state(folder.state_file, state)
    with pytest.raises(StoreError, match="it was left as it is"):
        rename_session(folder, "another")
    assert folder.state_file.read_bytes() == before


def test_a_state_without_a_version_is_written_with_ours(folder: SessionFolder) -> None:
    folder.state_file.write_text('{"title": "a title"}')
    state, warning = load_state(folder.state_file)
    assert warning is None

    save_state(folder.state_file, state)

    assert json.loads(folder.state_file.read_bytes())["schema_version"] == STATE_VERSION


def test_a_session_of_a_newer_log_is_listed_read_and_not_continued(folder: SessionFolder) -> None:
    newer = SessionStart("one", "/w", "m", "p", "native", schema_version=SCHEMA_VERSION + 1)
    before = write_log(folder.event_log, numbered([newer]))
    records = list(read_records(folder.event_log))

    assert "written by a newer program" in " ".join(summarize_session(folder).problems)
    assert [record.event for record in records] == [newer]
    with pytest.raises(StoreError, match=r"is not continued.*harn-tui replay one"):
        check_version("one", records)
    assert folder.event_log.read_bytes() == before


def test_a_log_of_another_session_is_listed_under_its_folder_and_told(
    folder: SessionFolder,
) -> None:
    write_log(folder.event_log, numbered([SessionStart("else", "/w", "m", "p", "native")]))

    summary = summarize_session(folder)

    assert summary.session_id == "one"
    assert summary.problems == ("The log is that of another session, else.",)


def test_a_state_of_this_version_stays_writable(folder: SessionFolder) -> None:
    save_state(folder.state_file, SessionState(title="t"))
    state, warning = load_state(folder.state_file)
    assert warning is None
    assert not state.is_newer
