import os
from dataclasses import replace
from pathlib import Path

import pytest

from harn_tui.events.agent import AgentMessageChunk, TurnStart
from harn_tui.events.codec import encode_record
from harn_tui.events.host import (
    LoopEnd,
    LoopStart,
    MessageRecorded,
    PermissionDecision,
    PermissionRequest,
    SessionStart,
    ToolOutput,
    UserMessage,
)
from harn_tui.events.record import Event, Record
from harn_tui.kinds import Decision, DecisionScope, HostMessageMode, LoopStatus, OutputStream
from harn_tui.sinks.log_files import rotated_path
from harn_tui.store.listing import list_sessions, summarize_session
from harn_tui.store.lock import SessionLock
from harn_tui.store.session_folder import SessionFolder, create_session_folder
from harn_tui.store.state_file import SessionState, save_state
from tests.unit.store.log_building import numbered, write_log

START = SessionStart("s", "/projects/folder", "m", "demo", "native", parent_session_id="p")
MESSAGE = UserMessage("s", "fix the bug", HostMessageMode.WAIT_FOR_COMPLETION)
END = LoopEnd("s", "l", LoopStatus.STUCK, "too many nudges", 2, {})
ASKED = PermissionRequest("s", "r", "tool-t", "run_command", "no rule", "rm x")
OF_AN_AGENT = PermissionRequest("s", "q", "tool-a", "write_file", "no rule", "y", source="mender")
RUNNING: tuple[Event, ...] = (START, MESSAGE, LoopStart("s", "l"), TurnStart("s", 0))


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    return create_session_folder(tmp_path / "sessions", "s")


def test_a_row_is_made_from_the_ends_of_the_log(folder: SessionFolder) -> None:
    middle: list[Event] = [AgentMessageChunk("s", "x" * 1_000) for _ in range(200)]
    records = numbered([START, MESSAGE, *middle, END])
    data = write_log(folder.event_log, records)
    row = summarize_session(folder)
    assert row.title == "fix the bug"
    assert (row.model, row.provider, row.cwd) == ("m", "demo", "/projects/folder")
    assert row.parent_session_id == "p"
    assert row.created_at_ms == records[0].emitted_at_ms
    assert row.updated_at_ms == records[-1].emitted_at_ms
    assert row.record_count == 203
    assert row.size_bytes == len(data)
    assert row.last_status is LoopStatus.STUCK
    assert row.problems == ()


def test_the_state_file_goes_before_the_log(folder: SessionFolder) -> None:
    write_log(folder.event_log, numbered([START, MESSAGE]))
    save_state(folder.state_file, SessionState(title="Mine", model="newer", created_at_ms=5))
    row = summarize_session(folder)
    assert (row.title, row.model, row.provider, row.created_at_ms) == ("Mine", "newer", "demo", 5)


def test_a_run_that_goes_on_has_no_last_status(folder: SessionFolder) -> None:
    write_log(folder.event_log, numbered([START, END, LoopStart("s", "l2"), TurnStart("s", 0)]))
    assert summarize_session(folder).last_status is None


def test_an_open_approval_is_found_behind_much_that_came_later(folder: SessionFolder) -> None:
    later = [ToolOutput("s", "tool-b", "x" * 1_000, OutputStream.STDOUT) for _ in range(100)]
    write_log(folder.event_log, numbered([*RUNNING, OF_AN_AGENT, ASKED, *later]))
    row = summarize_session(folder)
    assert (row.waits_for, row.last_status) == ("run_command: rm x", None)


@pytest.mark.parametrize(
    "after",
    [
        PermissionDecision("s", "r", Decision.ALLOW, DecisionScope.ONCE),
        LoopEnd("s", "l", LoopStatus.CANCELLED, "stopped", 1, {}),
        UserMessage("s", "go on", HostMessageMode.WAIT_FOR_COMPLETION),
    ],
)
def test_what_was_answered_or_given_up_waits_for_nothing(
    folder: SessionFolder, after: Event
) -> None:
    write_log(folder.event_log, numbered([*RUNNING, ASKED]))
    assert summarize_session(folder).waits_for == "run_command: rm x"
    write_log(folder.event_log, numbered([*RUNNING, ASKED, after]))
    assert summarize_session(folder).waits_for is None


def test_an_agent_waits_only_while_its_process_lives(folder: SessionFolder) -> None:
    write_log(folder.event_log, numbered([*RUNNING, OF_AN_AGENT]))
    with SessionLock(folder.lock_file):
        assert summarize_session(folder).waits_for == "write_file: y"
    assert summarize_session(folder).waits_for is None
    own = replace(START, worker_name="mender")
    write_log(folder.event_log, numbered([own, *RUNNING[1:], ASKED]))
    assert summarize_session(folder).waits_for is None


def test_the_newest_rotated_file_has_the_end(folder: SessionFolder) -> None:
    write_log(folder.event_log, numbered([START, MESSAGE]))
    write_log(rotated_path(folder.event_log, 1), [Record(99, 9_999, None, END)])
    row = summarize_session(folder)
    assert (row.title, row.record_count, row.updated_at_ms) == ("fix the bug", 100, 9_999)


def test_an_end_behind_a_large_line_is_found(folder: SessionFolder) -> None:
    large = MessageRecorded("s", {"role": "tool", "content": "x" * 300_000})
    write_log(folder.event_log, numbered([START, MESSAGE, large]))
    row = summarize_session(folder)
    assert row.record_count == 3
    assert row.problems == ()


def test_a_torn_end_is_passed_over(folder: SessionFolder) -> None:
    data = write_log(folder.event_log, numbered([START, MESSAGE, END]))
    folder.event_log.write_bytes(data + b'{"index":3,"emi')
    row = summarize_session(folder)
    assert (row.record_count, row.last_status) == (3, LoopStatus.STUCK)


def test_reading_is_bounded_however_long_the_log_is(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [encode_record(record) for record in numbered([START, MESSAGE])]
    end = encode_record(Record(7, 7_000, None, END))
    with folder.event_log.open("wb") as file:
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.truncate(3 * 1024**3)  # a hole: three gibibytes that take no room
        file.seek(0, os.SEEK_END)
        file.write(f"\n{end}\n".encode())
    row = summarize_session(folder)
    assert (row.title, row.record_count) == ("fix the bug", 8)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 50_000, b"junk\n" * 10, b"\xff" * 3_000_000],
    ids=["empty", "zeros", "lines of junk", "one long line of junk"],
)
def test_a_damaged_log_is_listed_with_what_is_wrong(folder: SessionFolder, content: bytes) -> None:
    folder.event_log.write_bytes(content)
    folder.state_file.write_bytes(b"{")
    (row,) = list_sessions(folder.path.parent)
    assert row.session_id == "s"
    assert row.size_bytes == len(content)
    assert len(row.problems) == (3 if content else 1)
    assert row.updated_at_ms > 0


def test_a_session_without_a_log_is_listed(folder: SessionFolder) -> None:
    row = summarize_session(folder)
    assert "no log" in row.problems[0]
    assert row.updated_at_ms > 0


def test_a_log_that_is_a_folder_is_listed(folder: SessionFolder) -> None:
    folder.event_log.mkdir()
    assert summarize_session(folder).problems


def test_sessions_are_listed_by_their_last_event_newest_first(tmp_path: Path) -> None:
    for session_id, time_ms in (("a", 2_000), ("b", 9_000), ("c", 5_000)):
        folder = create_session_folder(tmp_path / "sessions", session_id)
        start = SessionStart(session_id, "/", "m", "demo", "native")
        write_log(folder.event_log, [Record(0, time_ms, None, start)])
    assert [row.session_id for row in list_sessions(tmp_path / "sessions")] == ["b", "c", "a"]


def test_an_open_session_names_its_owner(folder: SessionFolder) -> None:
    write_log(folder.event_log, numbered([START]))
    with SessionLock(folder.lock_file):
        assert summarize_session(folder).owner_pid == os.getpid()
    assert summarize_session(folder).owner_pid is None


def test_a_session_whose_id_is_no_file_name_is_listed_under_its_id(tmp_path: Path) -> None:
    folder = create_session_folder(tmp_path / "sessions", "a/b")
    start = SessionStart("a/b", "/", "m", "demo", "native")
    write_log(folder.event_log, numbered([start]))
    assert [row.session_id for row in list_sessions(tmp_path / "sessions")] == ["a/b"]
