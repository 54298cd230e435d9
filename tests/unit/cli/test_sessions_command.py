"""The command `sessions` on a home of its own, from words typed to lines printed."""

import json
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from harn_tui.cli.main import main
from harn_tui.events.agent import AgentMessageChunk
from harn_tui.events.host import PermissionRequest, SessionStart, UserMessage
from harn_tui.events.record import Event
from harn_tui.kinds import Boundary, HostMessageMode
from harn_tui.paths import HOME_VARIABLE
from harn_tui.store.feedback_journal import load_pending_feedback
from harn_tui.store.lock import SessionLock
from harn_tui.store.renaming import rename_session
from harn_tui.store.session_folder import SessionFolder, create_session_folder
from tests.unit.store.log_building import numbered, write_log


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path


def add(
    home: Path, session_id: str, text: str = "Count the apples", *, end: Event | None = None
) -> SessionFolder:
    folder = create_session_folder(home / "sessions", session_id)
    events: list[Event] = [
        SessionStart(session_id, "/code/project", "m", "p", "native"),
        UserMessage(session_id, text, HostMessageMode.FINISH_STEP),
        AgentMessageChunk(session_id, "There are \x1b[31mseven apples."),
        *([] if end is None else [end]),
    ]
    write_log(folder.event_log, numbered(events))
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["sessions", *words])
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    return code, printed.out, printed.err


def test_search_prints_hits_with_their_place_and_no_control_characters(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(home, "first-session")

    code, out, _ = run(capsys, "search", "seven", "apples")

    assert code == 0
    assert "first-session" in out
    assert "event 2, turn 0" in out
    assert "harn-tui replay first-session --at 2" in out
    assert "\x1b" not in out


def test_search_prints_json_for_programs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(home, "first-session")

    _, out, _ = run(capsys, "search", "--json", "by:me", "apples")

    hits = [json.loads(line) for line in out.splitlines()]
    assert [hit["event_index"] for hit in hits] == [1]
    assert hits[0]["session_id"] == "first-session"
    assert hits[0]["excerpt"] == "Count the apples"


def test_what_is_wrong_with_a_query_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "search", "is:odd", '"', "NEAR(")

    assert code == 0
    assert "Nothing was found." in out
    assert "is:odd is not known" in err
    assert run(capsys, "search", "--limit", "0", "x")[0] == 2


def test_sessions_are_deleted_listed_in_the_trash_and_restored(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(home, "first-session")
    add(home, "other-session")

    assert run(capsys, "rm", "first-session", "other") == (
        0,
        "first-session is in the trash.\nother-session is in the trash.\n",
        "",
    )
    assert "No sessions are stored yet" in run(capsys, "list")[1]
    assert len(run(capsys, "list", "--trash", "--json")[1].splitlines()) == 2
    assert run(capsys, "restore", "first") == (0, "first-session is back.\n", "")
    assert run(capsys, "empty-trash")[0] == 2
    assert run(capsys, "empty-trash", "--yes")[1] == "1 sessions were deleted.\n"
    assert "first-session" in run(capsys, "list")[1]


def test_an_open_session_is_not_deleted_and_the_others_are(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = add(home, "first-session")
    add(home, "other-session")

    with SessionLock(folder.lock_file):
        code, out, err = run(capsys, "rm", "first-session", "nothing", "other-session")

    assert code == 1
    assert out == "other-session is in the trash.\n"
    assert "is open in process" in err
    assert "There is no session nothing" in err


def test_a_session_is_renamed_and_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(home, "first-session")

    assert run(capsys, "rename", "first", "Apples", "and", "pears")[0] == 0

    assert "Apples and pears" in run(capsys, "list")[1]
    shown = run(capsys, "show", "first-session")[1]
    assert "Apples and pears" in shown
    assert "m on p" in shown
    assert "turns" not in shown
    run(capsys, "search", "apples")
    assert "turns      0" in run(capsys, "show", "first-session")[1]
    assert json.loads(run(capsys, "show", "first", "--json")[1])["title"] == "Apples and pears"


def test_only_the_sessions_of_this_folder_can_be_listed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(home, "first-session")

    assert run(capsys, "list", "--here")[1] == "No sessions are here.\n"


def test_the_index_can_be_made_anew(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(home, "first-session")

    code, out, _ = run(capsys, "reindex")

    assert code == 0
    assert out.startswith("1 sessions are in ")
    assert (home / "session_index.sqlite").is_file()


def test_an_index_that_cannot_be_used_is_told_and_sessions_are_listed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(home, "first-session")
    (home / "session_index.sqlite").mkdir()

    code, out, err = run(capsys, "list")
    assert (code, "first-session" in out) == (0, True)
    assert "cannot be used" in err

    code, out, err = run(capsys, "search", "seven")
    assert (code, "first-session" in out) == (0, True)
    assert "All logs were read instead" in err
    assert len(err.splitlines()) == 1

    code, _, err = run(capsys, "reindex")
    assert code == 1
    assert "cannot be removed" in err


def test_a_replay_without_a_screen_ends_at_the_event(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    add(home, "first-session")

    assert main(["replay", "--headless", "--at", "1", "first-session"]) == 0
    text = capfd.readouterr().out
    assert "Count the apples" in text
    assert "seven" not in text

    assert main(["replay", "--headless", "--json", "--at", "1", "first-session"]) == 0
    assert [json.loads(line)["index"] for line in capfd.readouterr().out.splitlines()] == [0, 1]

    for options in (["--headless"], ["--headless", "--json"]):
        assert main(["replay", *options, "--at", "9", "first-session"]) == 2
        assert "There is no event 9" in capfd.readouterr().err


def test_watching_prints_all_rows_and_then_what_changes(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(home, "first-session")
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: add(home, "second-session", "Count the pears"),
        lambda: run_rename(home),
        lambda: main(["sessions", "rm", "first-session"]),
    ]
    printed: list[str] = []

    def run_rename(home: Path) -> None:
        folder = SessionFolder("first-session", home / "sessions" / "first-session")
        rename_session(folder, "Apples")

    def pause(_: float) -> None:
        printed.append(capsys.readouterr().out)
        if not steps:
            raise KeyboardInterrupt
        steps.pop(0)()

    monkeypatch.setattr(time, "sleep", pause)
    code, _, _ = run(capsys, "list", "--watch")

    assert code == 0
    first, nothing, second, renamed, removed = printed
    assert first.splitlines() == [line for line in first.splitlines() if "first-session" in line]
    assert nothing == ""
    assert "Count the pears" in second
    assert len(second.splitlines()) == 1
    assert "Apples" in renamed
    assert removed.splitlines()[-1] == "first-session  is gone"


@pytest.mark.parametrize("is_open", [False, True])
def test_a_line_for_a_session_that_nobody_hears_is_kept(
    home: Path, capsys: pytest.CaptureFixture[str], is_open: bool
) -> None:
    folder = add(home, "first-session")
    with SessionLock(folder.lock_file) if is_open else nullcontext():
        assert (
            main(["feedback", "--json", "count the apples", "--when", "after-run", "Now pears"])
            == 0
        )
    said = json.loads(capsys.readouterr().out)
    assert said["state"] == "kept"
    assert said["kept"] == ("unheard" if is_open else "closed")
    (item,) = load_pending_feedback(folder.feedback_journal).items
    assert (item.feedback_id, item.content) == (said["feedback_id"], "Now pears")
    assert (item.session_id, item.boundary) == ("first-session", Boundary.AFTER_RUN)
    assert "1 lines, for the next run" in run(capsys, "show", "last")[1]


def test_a_torn_journal_takes_a_line_beside_its_owner(home: Path) -> None:
    folder = add(home, "first-session")
    folder.feedback_journal.write_bytes(b'{"feedback_id":"feedback_')
    with SessionLock(folder.lock_file):
        assert main(["feedback", "last", "whole", "line"]) == 0
    found = load_pending_feedback(folder.feedback_journal)
    assert [item.content for item in found.items] == ["whole line"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("last", "  "), 2, "There is nothing to say."),
        (("nowhere", "x"), 2, "There is no session nowhere."),
        (("last", "x" * 1_000_000), 2, "longer than 1,000,000 bytes"),
        (("last", "--agent", "worker_1", "x"), 1, "an agent is at work only while"),
        (("last", "--agent", "worker_1", "--when", "now", "x"), 2, "Leave out --when."),
        (("newer", "x"), 1, "written by a newer program"),
        (("broken", "x"), 1, "feedback.jsonl"),
    ],
)
def test_a_line_that_cannot_be_brought_is_told_and_kept_nowhere(
    home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    newer = add(home, "newer-session", "newer one")
    newer.state_file.write_text('{"schema_version": 99}')
    add(home, "broken-session", "broken one").feedback_journal.mkdir()
    add(home, "zz-plain", "plain")

    assert main(["feedback", *words]) == code

    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert not list(home.glob("sessions/*/feedback.jsonl/*"))
    assert all(not path.is_file() for path in home.glob("sessions/*/feedback.jsonl"))


def test_a_session_that_waits_for_an_approval_says_so_in_list_and_show(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(home, "other")
    add(home, "asking", end=PermissionRequest("asking", "r", "t", "run_command", "", "rm \x1b[m"))

    for _ in range(2):  # from the log, then from the index
        _, out, _ = run(capsys, "list")
        assert [(row.split()[0], row.split()[3]) for row in sorted(out.splitlines())] == [
            ("asking", "approval"),
            ("other", "-"),
        ]
    _, out, _ = run(capsys, "show", "asking")
    assert "status     waits for an approval: run_command: rm" in out
    assert "\x1b" not in out
    _, out, _ = run(capsys, "list", "--json")
    assert {row["session_id"]: row["waits_for"] for row in map(json.loads, out.splitlines())} == {
        "asking": "run_command: rm \x1b[m",
        "other": None,
    }


def test_a_list_of_all_folders_names_them_where_there_is_room(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(home, "first")
    shown = {}
    for columns in ("80", "140"):
        monkeypatch.setenv("COLUMNS", columns)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        shown[columns] = run(capsys, "list")[1]
    assert shown["80"].split()[4:] == ["Count", "the", "apples"]
    assert shown["140"].split()[4:] == ["project", "Count", "the", "apples"]
