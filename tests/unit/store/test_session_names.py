"""Which session a person means by what they type."""

from pathlib import Path

import pytest

from harn_tui.errors import SessionNotFoundError, StoreError
from harn_tui.events.host import SessionStart, UserMessage
from harn_tui.events.record import Event
from harn_tui.kinds import HostMessageMode
from harn_tui.paths import HOME_VARIABLE
from harn_tui.store.renaming import rename_session
from harn_tui.store.session_folder import SessionFolder, create_session_folder
from harn_tui.store.session_names import find_log, find_named_session
from harn_tui.wiring.last_session import last_session_of
from tests.unit.store.log_building import numbered, write_log


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    """Three sessions of a person, the last one being written last, and a newer one of an agent."""
    directory = tmp_path / "sessions"
    for number, (session_id, text, agent) in enumerate(
        (
            ("0199-aaaa", "Count the apples", None),
            ("0199-bbbb", "Count the pears", None),
            ("0200-cccc", "Fix the parser", None),
            ("0200-dddd", "Fix the parser", "scout"),
        )
    ):
        folder = create_session_folder(directory, session_id)
        events: list[Event] = [
            SessionStart(session_id, "/code", "m", "p", "native", worker_name=agent),
            UserMessage(session_id, text, HostMessageMode.FINISH_STEP),
        ]
        write_log(folder.event_log, numbered(events, start_ms=1_000 * (number + 1)))
    return directory


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("0199-bbbb", "0199-bbbb"),
        ("0199-a", "0199-aaaa"),
        ("0200-dddd", "0200-dddd"),
        ("last", "0200-cccc"),
        ("Fix the parser", "0200-cccc"),
        ("  fix   THE parser ", "0200-cccc"),
        ("count the p", "0199-bbbb"),
    ],
)
def test_a_session_goes_by_id_start_title_and_last(sessions: Path, name: str, wanted: str) -> None:
    assert find_named_session(sessions, name).session_id == wanted
    assert find_log(name, sessions) == sessions / wanted / "event_log.jsonl"


@pytest.mark.parametrize(
    ("name", "wanted"), [("last", "0200-cccc"), ("Count the apples", "0199-aaaa")]
)
def test_a_folder_without_a_log_does_not_hide_a_session_of_its_name(
    sessions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, wanted: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / name
    folder.mkdir()
    assert find_log(name, sessions) == sessions / wanted / "event_log.jsonl"
    for log in ("event_log-one.jsonl", "event_log-two.jsonl", "event_log.jsonl"):
        (folder / log).touch()
        if log.endswith("two.jsonl"):
            with pytest.raises(StoreError, match="holds no event_log.jsonl"):
                find_log(name, sessions)
        else:
            assert find_log(name, sessions) == Path(name, log)


def test_a_folder_without_a_log_is_named_when_no_session_is_called_so(
    sessions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    with pytest.raises(StoreError, match="The folder docs holds no event_log.jsonl"):
        find_log("docs", sessions)


def test_last_is_the_same_wherever_the_sessions_are(
    sessions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "elsewhere"))
    assert last_session_of(Path("/code"), sessions) == "0200-cccc"
    assert not (tmp_path / "elsewhere").exists()
    assert find_named_session(sessions, "last").session_id == "0200-cccc"


@pytest.mark.parametrize("name", ["", " ", "apples", "0199-zzzz", "cou\0nt", "x" * 5_000, "../.."])
def test_what_names_no_session_is_told(sessions: Path, name: str) -> None:
    with pytest.raises(SessionNotFoundError, match="There is no session"):
        find_named_session(sessions, name)


def test_what_names_several_asks_for_more(sessions: Path) -> None:
    with pytest.raises(StoreError, match="2 sessions start with 0199"):
        find_named_session(sessions, "0199")
    with pytest.raises(StoreError, match="2 sessions have a title that fits 'count'"):
        find_named_session(sessions, "count")


def test_an_id_comes_before_a_title_and_last(sessions: Path, tmp_path: Path) -> None:
    rename_session(SessionFolder("0199-aaaa", sessions / "0199-aaaa"), "0199-bbbb")
    assert find_named_session(sessions, "0199-bbbb").session_id == "0199-bbbb"
    create_session_folder(sessions, "last")
    assert find_named_session(sessions, "last").path == sessions / "last"
    with pytest.raises(SessionNotFoundError):
        find_named_session(tmp_path / "nothing", "last")
