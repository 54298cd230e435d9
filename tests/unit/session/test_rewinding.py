"""Snapshots of a real session's steps, and going back in it."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from harn_tui.errors import HarnError, SnapshotError, UsageError
from harn_tui.events.codec import encode_record
from harn_tui.events.host import FilesSnapshot, Notice, SessionStart
from harn_tui.events.record import Record
from harn_tui.events.snapshot_moment import SnapshotMoment
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from harn_tui.permissions.rules import PermissionRules
from harn_tui.session.child_sessions import ChildSessions
from harn_tui.session.file_snapshots import FileSnapshots
from harn_tui.session.handle import SessionHandle
from harn_tui.session.rewind_scope import RewindScope
from harn_tui.session.rewinding import Rewinding, RewindPlaces
from harn_tui.snapshots.snapshot_store import SnapshotStore
from harn_tui.store.history import fold_history
from harn_tui.store.listing import list_sessions
from harn_tui.store.lock import SessionLock
from harn_tui.store.log_reader import read_records
from harn_tui.store.session_folder import open_session_folder
from harn_tui.store.state_file import load_state
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.agent_driver import ScriptByTask, start
from tests.conformance.loop_driver import Reply, make_tool, until
from tests.unit.session.opened import open_scripted


class Desk:
    """A working folder, sessions, and an agent whose tool ``write`` writes there."""

    def __init__(self, base: Path, **options: Any) -> None:
        self.folder = base / "work"
        self.folder.mkdir()
        self.sessions = base / "data" / "sessions"
        self.sessions.mkdir(parents=True)
        self.snapshots = base / "data" / "snapshots"
        self.is_command_running = False
        self.store = SnapshotStore(self.snapshots, self.folder, **options)

    @property
    def log(self) -> Path:
        return self.sessions / "stored" / "event_log.jsonl"

    async def _write(self, arguments: JsonObject, context: ToolContext) -> ToolResult:
        path = self.folder / str(arguments["path"])
        path.parent.mkdir(exist_ok=True)
        path.write_text(str(arguments["n"]))
        if arguments["n"] == "hang":
            await asyncio.Event().wait()
        return ToolResult("written")

    def open(self, replies: Sequence[Reply] = (), **others: Any) -> SessionHandle:
        write = make_tool("write", kind=ToolKind.EDIT, run=self._write)
        look = make_tool("look", kind=ToolKind.READ)
        snapshots = FileSnapshots("stored", self.store, lambda: self.is_command_running)
        options: dict[str, Any] = {
            "snapshots": snapshots,
            "cwd": self.folder,
            "tools": (write, look, RUN_AGENT),
            "permissions": PermissionRules.parse({"allow": ["write", "run_agent"]}),
        } | others
        return open_scripted(self.sessions / "stored", replies, **options)[0]

    async def run(self, replies: Sequence[Reply], *lines: str, **others: Any) -> None:
        session = self.open(replies, **others)
        await session.start()
        for line in lines or ("go",):
            session.submit(line)
            await session.wait_idle()
        await session.close()

    def rewinding(self, log: Path | None = None) -> Rewinding:
        places = RewindPlaces(self.sessions, self.snapshots)
        return Rewinding(log or self.log, places, now_ms=lambda: 2_000_000_000_000)

    def events(self, kind: type[Any], log: Path | None = None) -> list[Any]:
        return [r.event for r in read_records(log or self.log) if isinstance(r.event, kind)]

    def moments(self, log: Path | None = None) -> list[str]:
        return [event.moment for event in self.events(FilesSnapshot, log)]

    def files(self) -> Mapping[str, str]:
        every = (path for path in self.folder.rglob("*") if path.is_file())
        return {os.fspath(path.relative_to(self.folder)): path.read_text() for path in every}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def writes(path: str, text: str) -> Reply:
    return Reply(calls=(("write", {"path": path, "n": text}),))


async def test_steps_that_may_change_files_are_snapshotted_and_others_not(desk: Desk) -> None:
    look = Reply(calls=(("look", {}),))
    await desk.run([look, writes("a", "1"), Reply("done")])
    assert desk.moments() == ["before", "after"]
    types = [record.event.type for record in read_records(desk.log)]
    first = types.index("files_snapshot")
    assert types[first + 1 : first + 4] == [
        "tool_call_update",
        "tool_call_update",
        "files_snapshot",
    ]
    event = desk.events(FilesSnapshot)[0]
    assert (event.folder, event.left_out, event.unsure) == (str(desk.folder), None, None)


async def test_a_step_that_was_cancelled_is_snapshotted_at_its_end(desk: Desk) -> None:
    session = desk.open([writes("a", "hang")])
    await session.start()
    session.submit("go")
    await until((desk.folder / "a").exists)
    session.interrupt()
    await session.wait_idle()
    await session.close()
    assert desk.moments() == ["before", "after"]
    preview = desk.rewinding().preview(0)
    assert [(f.path, f.becomes, f.is_yours) for f in preview.files] == [("a", "deleted", False)]


async def test_what_a_background_command_changes_is_the_agents(desk: Desk) -> None:
    desk.is_command_running = True
    session = desk.open([writes("a", "1"), Reply("done")])
    await session.start()

    async def ends(_: str) -> None:
        (desk.folder / "late").write_text("x")
        desk.is_command_running = False

    hooks = session._parts.session_end
    before, hooks._hooks = hooks._hooks, (ends,)
    hooks._hooks += before
    session.submit("go")
    await session.wait_idle()
    await session.close()
    assert desk.moments() == ["before", "during", "after"]
    assert {file.path for file in desk.rewinding().preview(0).restorable} == {"a", "late"}


async def test_what_agents_change_is_in_the_history_of_both_sessions(desk: Desk) -> None:
    script = ScriptByTask(
        {
            "go": [Reply(calls=(start("one"), start("two"))), Reply("end")],
            "one": [writes("one", "1"), Reply("done")],
            "two": [writes("two", "2"), Reply("done")],
        }
    )
    await desk.run([], provider=script, child_host=ChildSessions(desk.sessions))
    children = [row for row in list_sessions(desk.sessions) if row.worker_name is not None]
    for child in children:
        assert desk.moments(child.folder.event_log) == ["before", "after"]
        records = list(read_records(child.folder.event_log))
        assert {record.event.session_id for record in records} == {child.session_id}
    assert sorted(desk.moments()) == sorted(["before", "before", desk.moments()[-2], "after"])
    assert desk.moments()[-1] == "after"
    assert {file.path for file in desk.rewinding().preview(0).restorable} == {"one", "two"}


async def test_without_git_it_is_told_once_and_the_run_goes_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path, find_program=lambda _: None)
    await desk.run([writes("a", "1"), writes("b", "1"), Reply("done")])
    told = [event.text for event in desk.events(Notice) if "git" in event.text]
    assert len(told) == 1
    assert desk.moments() == []
    assert desk.files() == {"a": "1", "b": "1"}
    with pytest.raises(UsageError, match="no snapshots"):
        desk.rewinding().preview(0)


async def test_after_a_failure_the_next_snapshot_says_that_it_is_unsure(tmp_path: Path) -> None:
    broken = tmp_path / "broken-git"
    broken.write_text("#!/bin/sh\necho 'fatal: No space left on device' >&2\nexit 128\n")
    broken.chmod(0o755)
    found = [str(broken)]

    class Store(SnapshotStore):
        def take(self) -> Any:
            self._git._program = found[0] if found else None
            return super().take()

    desk = Desk(tmp_path)
    desk.store = Store(desk.snapshots, desk.folder)

    def repair() -> None:
        found.clear()

    replies = [writes("a", "1"), Reply(calls=writes("b", "1").calls, before=repair), Reply("done")]
    await desk.run(replies)
    assert [(e.moment, e.unsure) for e in desk.events(FilesSnapshot)] == [
        ("before", True),
        ("after", None),
    ]
    assert sum("No space left" in event.text for event in desk.events(Notice)) == 1


async def test_going_back_makes_a_fork_with_the_line_and_brings_the_files_back(desk: Desk) -> None:
    (desk.folder / "mine").write_text("old")
    (desk.folder / "theirs").write_text("old")
    before = dict(desk.files())
    replies = [writes("a", "1"), Reply("one"), writes("theirs", "2"), Reply("two")]
    await desk.run(replies, "first", "second")
    log_before = desk.log.read_bytes()
    (desk.folder / "mine").write_text("new")
    rewinding = desk.rewinding()
    (first, of_first), (second, of_second) = rewinding.points()
    assert [point.text for point in (first, second)] == ["first", "second"]
    assert (of_first.files, of_first.added, of_second.files) == (1, 1, 1)
    assert first.index is not None

    preview = rewinding.preview(first.index)
    assert {(f.path, f.becomes, f.is_yours) for f in preview.files} == {
        ("a", "deleted", False),
        ("theirs", "changed", False),
        ("mine", "changed", True),
    }
    assert "-2\n" in preview.diff
    assert "+old" in preview.diff
    result = rewinding.rewind(first.index, RewindScope.BOTH, draft=first.text)

    assert desk.files() == before | {"mine": "new"}
    assert set(result.restored) == {"a", "theirs"}
    assert [path for path, _ in result.kept] == ["mine"]
    assert desk.log.read_bytes() == log_before
    assert result.fork_id is not None
    fork = open_session_folder(desk.sessions, result.fork_id)
    assert load_state(fork.state_file)[0].draft == "first"
    assert fold_history(read_records(fork.event_log)).messages == []

    undone = desk.rewinding(fork.event_log).undo()
    assert set(undone.restored) == {"a", "theirs"}
    assert desk.files() == {"a": "1", "theirs": "2", "mine": "new"}


async def test_the_scope_says_what_is_left_alone(desk: Desk) -> None:
    await desk.run([writes("a", "1"), Reply("one"), writes("a", "2"), Reply("two")], "x", "y")
    rewinding = desk.rewinding()
    second = rewinding.points()[1][0]
    assert second.index is not None
    result = rewinding.rewind(second.index, RewindScope.CONVERSATION)
    assert result.fork_id is not None
    assert desk.files() == {"a": "2"}
    count = len(list(desk.sessions.iterdir()))
    result = rewinding.rewind(second.index, RewindScope.FILES)
    assert result.fork_id is None
    assert desk.files() == {"a": "1"}
    assert len(list(desk.sessions.iterdir())) == count
    # What was rewound is no edit of the person: going back further works.
    rewinding.rewind(0, RewindScope.FILES)
    assert desk.files() == {}


async def test_a_fork_knows_the_snapshots_of_its_past(desk: Desk) -> None:
    await desk.run([writes("a", "1"), Reply("one"), writes("a", "2"), Reply("two")], "x", "y")
    second = desk.rewinding().points()[1][0]
    assert second.index is not None
    result = desk.rewinding().rewind(second.index, RewindScope.BOTH)
    assert result.fork_id is not None
    fork = open_session_folder(desk.sessions, result.fork_id)
    desk.rewinding(fork.event_log).rewind(0, RewindScope.FILES)
    assert desk.files() == {}


async def test_nothing_is_forked_when_the_files_cannot_be_brought_back(desk: Desk) -> None:
    await desk.run([writes("a", "0"), writes("a", "1"), Reply("one")])
    (desk.store.folder / "git" / "HEAD").write_text("damaged")
    before = sorted(path.name for path in desk.sessions.iterdir())
    with pytest.raises(SnapshotError, match="not there any more"):
        desk.rewinding().rewind(0, RewindScope.BOTH)
    assert sorted(path.name for path in desk.sessions.iterdir()) == before
    assert desk.files() == {"a": "1"}
    for scope in RewindScope:
        with pytest.raises(UsageError, match="no event 999"):
            desk.rewinding().rewind(999, scope)


@pytest.mark.parametrize("folder", ["", "\0", "/nowhere", "x" * 5000])
def test_a_log_that_names_no_folder_of_ours_is_refused(desk: Desk, folder: str) -> None:
    start = SessionStart("s", folder, "m", "p", "native")
    snapshot = FilesSnapshot("s", "a" * 40, SnapshotMoment.BEFORE, folder)
    log = desk.sessions / "log.jsonl"
    records = [Record(0, 0, None, start), Record(1, 0, None, snapshot)]
    log.write_text("".join(f"{encode_record(record)}\n" for record in records))
    rewinding = desk.rewinding(log)
    with pytest.raises(HarnError):
        rewinding.preview(0)
    with pytest.raises(HarnError):
        rewinding.undo()
    assert rewinding.warnings() == []
    assert rewinding.points() == []
    assert not desk.snapshots.exists()


async def test_nothing_to_undo_is_said(desk: Desk) -> None:
    await desk.run([writes("a", "1"), Reply("one")])
    with pytest.raises(SnapshotError, match="nothing to undo"):
        desk.rewinding().undo()


async def test_a_session_that_may_write_now_is_warned_of(desk: Desk) -> None:
    await desk.run([writes("a", "1"), Reply("one")])
    other = desk.sessions / "other"
    other.mkdir()
    (other / "state.json").write_text(json.dumps({"cwd": str(desk.folder)}))
    assert desk.rewinding().warnings() == []
    with SessionLock(other / "lock"):
        assert desk.rewinding().warnings() == [
            f"Another session is open in process {os.getpid()} and may change files now."
        ]
