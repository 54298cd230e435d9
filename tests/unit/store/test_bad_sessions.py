"""Whatever the files of a session hold, it is listed, searched and read, and stays as it is."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harn_tui.errors import HarnError
from harn_tui.events.agent import AgentMessageChunk, ToolCall, ToolCallUpdate, TurnStart
from harn_tui.events.codec import encode_record
from harn_tui.events.host import LoopEnd, LoopStart, SessionStart, UserMessage
from harn_tui.events.record import Event, Record
from harn_tui.kinds import HostMessageMode, LoopStatus, ToolCallStatus, ToolKind
from harn_tui.session.stored_sessions import StoredSessions
from harn_tui.store.feedback_journal import load_pending_feedback
from harn_tui.store.history import fold_history
from harn_tui.store.index.session_index import SessionIndex
from harn_tui.store.log_follower import LogFollower
from harn_tui.store.log_reader import read_lines, read_records
from harn_tui.store.session_folder import SessionFolder, create_session_folder
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView
from harn_tui.view.text import view_text
from tests.unit.sinks.python_process import run_python
from tests.unit.store.log_building import numbered

EVENTS: list[Event] = [
    SessionStart("one", "/code", "m", "p", "native"),
    UserMessage("one", "Zähle die Äpfel", HostMessageMode.FINISH_STEP),
    LoopStart("one", "l"),
    TurnStart("one", 1),
    AgentMessageChunk("one", "Sieben "),
    AgentMessageChunk("one", "Äpfel."),
    ToolCall("one", "c", "run", ToolKind.READ, ToolCallStatus.PENDING, {"path": "a.py"}),
    ToolCallUpdate("one", "c", "run", ToolCallStatus.FAILED, None, "no such file"),
    LoopEnd("one", "l", LoopStatus.DONE, "done", 1, {}),
]
LOG = "".join(f"{encode_record(record)}\n" for record in numbered(EVENTS)).encode()
LINES = LOG.splitlines(keepends=True)


def changed(place: int, **members: object) -> bytes:
    """Return the log with members of one line replaced."""
    line = json.loads(LINES[place]) | members
    return b"".join([*LINES[:place], json.dumps(line).encode() + b"\n", *LINES[place + 1 :]])


LOGS: dict[str, bytes] = {
    "empty": b"",
    "one line end": b"\n",
    "binary": bytes(range(256)) * 40,
    "zeros": b"\0" * 100_000,
    "no line end": LOG[:-1],
    "windows": LOG.replace(b"\n", b"\r\n"),
    "old mac": LOG.replace(b"\n", b"\r"),
    "byte order mark": b"\xef\xbb\xbf" + LOG,
    "utf-16": LOG.decode().encode("utf-16"),
    "twice": LOG + LOG,
    "backwards": b"".join(reversed(LINES)),
    "indices missing": LOG.replace(b'"index":', b'"idx":'),
    "indices alike": b"".join(changed(n, index=0).splitlines(keepends=True)[n] for n in range(9)),
    "index of text": changed(3, index="three"),
    "index without end": changed(3, index=10**40),
    "index below zero": changed(3, index=-1),
    "time of text": changed(3, emitted_at_ms="now"),
    "time without end": changed(3, emitted_at_ms=-(10**30)),
    "last time without end": changed(8, emitted_at_ms=10**30),
    "time far ahead": changed(8, emitted_at_ms=10**17),
    "type of number": changed(4, type=7),
    "unknown type": changed(4, type="hologram"),
    "content of list": changed(1, content=[1, {"a": None}]),
    "status of object": changed(7, status={}),
    "status unknown": changed(8, status="splendid"),
    "session of another": LOG.replace(b'"one"', b'"two"'),
    "session of number": LOG.replace(b'"session_id":"one"', b'"session_id":1'),
    "session without name": LOG.replace(b'"session_id":"one"', b'"session_id":""'),
    "lone surrogate": LOG.replace("Ä".encode(), b"\\ud800"),
    "control characters": LOG.replace("Ä".encode(), b"\\u0000\\u001b[2J\\u202e"),
    "nested": b"[" * 100_000 + b"\n" + LOG,
    "half a line in the middle": LINES[0] + LINES[1][:40] + b"\n" + b"".join(LINES[2:]),
    "json that is no object": b"null\n3\n[]\n" + LOG,
    "newer": changed(0, schema_version=99),
}


def look_at_everything(folder: SessionFolder, home: Path) -> None:
    """Do with the session all that looks; anything but an error of ours is a failure."""
    stored = StoredSessions(
        folder.path.parent, home / "index.sqlite", home / "trash", here=Path("/code")
    )
    (summary,) = stored.sessions().summaries
    assert summary.folder == folder
    stored.read_logs(lambda done, total: None, lambda: False)
    assert stored.sessions().summaries[0].session_id == summary.session_id
    for query in ("apfel", "is:error", "by:me", "tool:run", "in:code"):
        for hit in stored.search(query).hits:
            assert hit.event_index is None or hit.event_index >= 0
    stored.last_words(summary, 20)
    records = list(read_records(folder.event_log))
    LogFollower(folder.event_log).records()
    list(read_lines(folder.event_log))
    fold_history(records)
    load_pending_feedback(folder.feedback_journal, frozenset())
    view = SessionView()
    apply_all(view, records)
    assert "\x1b" not in view_text(view)


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    return create_session_folder(tmp_path / "sessions", "one")


@pytest.mark.parametrize("name", LOGS)
def test_a_log_of_any_kind_can_be_looked_at_and_stays_as_it_is(
    folder: SessionFolder, tmp_path: Path, name: str
) -> None:
    folder.event_log.write_bytes(LOGS[name])

    look_at_everything(folder, tmp_path)

    assert folder.event_log.read_bytes() == LOGS[name]


def test_a_log_cut_off_at_any_byte_can_be_looked_at_and_finds_what_is_left(
    folder: SessionFolder, tmp_path: Path
) -> None:
    index = SessionIndex(folder.path.parent, tmp_path / "index.sqlite")
    for end in range(len(LOG) + 1):
        folder.event_log.write_bytes(LOG[:end])
        whole = LOG[:end].count(b"\n")
        (summary,) = index.sessions().summaries
        records = list(read_records(folder.event_log))
        index.update()

        assert summary.session_id == "one"
        assert whole <= len(records) <= whole + 1
        assert summary.record_count == (len(records) or None)
        turns = sum(isinstance(record.event, TurnStart) for record in records[:whole])
        assert index.sessions().summaries[0].turns == turns


@pytest.mark.parametrize(
    "break_it",
    [
        lambda folder: folder.event_log.mkdir(),
        lambda folder: folder.event_log.symlink_to("nowhere"),
        lambda folder: folder.event_log.symlink_to(folder.event_log),
        lambda folder: (folder.event_log.write_bytes(LOG), folder.state_file.mkdir()),
        lambda folder: (folder.event_log.write_bytes(LOG), folder.lock_file.write_bytes(b"\xff{")),
        lambda folder: (
            folder.event_log.write_bytes(LOG),
            folder.lock_file.write_text('{"pid": 4194304, "host": "x", "started_at_ms": 1}'),
        ),
        lambda folder: (folder.event_log.write_bytes(LOG), folder.feedback_journal.mkdir()),
        lambda folder: None,
    ],
    ids=["folder", "dead link", "loop", "state", "lock", "dead owner", "journal", "nothing"],
)
def test_files_of_any_kind_are_listed_or_refused_with_a_sentence(
    folder: SessionFolder, tmp_path: Path, break_it: Callable[[SessionFolder], object]
) -> None:
    break_it(folder)

    refusals: list[HarnError] = []
    try:
        look_at_everything(folder, tmp_path)
    except HarnError as error:
        refusals.append(error)

    assert all(str(folder.path) in str(refusal) for refusal in refusals)


def test_a_folder_whose_name_is_no_text_is_listed(tmp_path: Path) -> None:
    sessions = tmp_path / "sessions"
    odd = os.fsencode(sessions) + b"/od\xffd"
    os.makedirs(odd)  # noqa: PTH103 - a path of bytes
    (sessions / os.fsdecode(b"od\xffd") / "event_log.jsonl").write_bytes(LOG)
    index = SessionIndex(sessions, tmp_path / "index.sqlite")

    for _ in range(3):
        index.update()
        assert len(index.sessions().summaries) == 1


def test_files_beside_the_sessions_are_no_sessions(folder: SessionFolder, tmp_path: Path) -> None:
    folder.event_log.write_bytes(LOG)
    (folder.path.parent / "notes.txt").write_text("mine")
    (folder.path.parent / ".hidden").mkdir()

    look_at_everything(folder, tmp_path)


FULL_DISK = """
import resource, sys
from pathlib import Path
from harn_tui.store.index.session_index import SessionIndex
home = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, resource.RLIM_INFINITY))
found = SessionIndex(home / "sessions", home / "index.sqlite").sessions()
print(len(found.summaries), "cannot be used" in str(found.notice))
"""


def test_with_a_full_disk_sessions_are_listed_from_their_logs(
    folder: SessionFolder, tmp_path: Path
) -> None:
    folder.event_log.write_bytes(LOG)

    assert run_python(FULL_DISK, str(tmp_path)) == "1 True\n"

    look_at_everything(folder, tmp_path)


GIGABYTE = """
import resource, sys
from pathlib import Path
from harn_tui.store.index.session_index import SessionIndex
from harn_tui.store.log_follower import LogFollower
home = Path(sys.argv[1])
index = SessionIndex(home / "sessions", home / "index.sqlite")
(summary,) = index.sessions().summaries
index.update()
found = LogFollower(summary.folder.event_log).records()
try:  # the other figure begins with what the process had that started this one
    status = Path("/proc/self/status").read_text()
    megabytes = int(status.partition("VmHWM:")[2].split()[0]) // 1024
except OSError:
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(summary.record_count, len(found), index.sessions().summaries[0].turns, megabytes < 400)
"""


def test_a_log_of_a_gigabyte_is_listed_and_read_in_bounded_memory(
    folder: SessionFolder, tmp_path: Path
) -> None:
    with folder.event_log.open("wb") as log:  # one line without an end in sight, in a hole
        log.write(LOG)
        log.seek(10**9)
        log.write(b"\n" + LOG)

    count = len(LINES)
    assert run_python(GIGABYTE, str(tmp_path)) == f"{count} {2 * count + 1} 2 True\n"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody may write to")
def test_where_nothing_can_be_written_sessions_are_listed_from_their_logs(
    folder: SessionFolder,
) -> None:
    folder.event_log.write_bytes(LOG)

    found = SessionIndex(folder.path.parent, Path("/proc/self/index.sqlite")).sessions()

    assert [summary.session_id for summary in found.summaries] == ["one"]
    assert "cannot be used" in str(found.notice)


def test_an_event_found_is_the_one_that_a_replay_shows(
    folder: SessionFolder, tmp_path: Path
) -> None:
    """In a log with duplicate, missing and wild indices, too."""
    mixed = LOGS["indices missing"] + LOGS["half a line in the middle"] + LOGS["index of text"]
    folder.event_log.write_bytes(mixed)
    stored = StoredSessions(
        folder.path.parent, tmp_path / "index.sqlite", tmp_path / "trash", here=Path("/code")
    )
    stored.read_logs(lambda done, total: None, lambda: False)

    by_index: dict[int, list[Record]] = {}
    for record in read_records(folder.event_log):
        by_index.setdefault(record.index, []).append(record)
    hits = [hit for hit in stored.search("apfel").hits if hit.event_index is not None]
    assert hits
    for hit in hits:
        shown = by_index[hit.event_index or 0]
        assert any("pfel" in encode_record(r) or "Sieben" in encode_record(r) for r in shown)
