"""A working folder with a person and an agent in it, and what a log would say of the two."""

import os
import shutil
import stat
from pathlib import Path
from typing import Any

from harn_tui.events.host import FilesSnapshot, Notice, SessionStart
from harn_tui.events.record import Event, Record
from harn_tui.events.snapshot_moment import SnapshotMoment
from harn_tui.kinds import NoticeLevel
from harn_tui.snapshots.restore_journal import RestoreJournal
from harn_tui.snapshots.restore_plan import RestorePlan
from harn_tui.snapshots.restoring import (
    RestoreOrder,
    RestoreOutcome,
    plan_now,
    restore,
    undo_order,
)
from harn_tui.snapshots.snapshot_store import SnapshotStore
from harn_tui.store.file_history import FileHistory, file_history

SESSION = "session"


class DeskOfFiles:
    """Edits files, and keeps the records of a session that does so."""

    def __init__(self, base: Path, **options: Any) -> None:
        self.folder = base / "work"
        self.folder.mkdir(parents=True)
        self.store = SnapshotStore(base / "data" / "snapshots", self.folder, **options)
        self.records: list[Record] = []
        self.say(SessionStart(SESSION, str(self.folder), "m", "p", "native"))

    def say(self, event: Event) -> int:
        """Add an event to the log; return its index."""
        index = len(self.records)
        self.records.append(Record(index, 1000 + index, None, event))
        return index

    def mark(self) -> int:
        """Let something else happen; return its index, to come back to."""
        return self.say(Notice(SESSION, NoticeLevel.INFO, "here"))

    def before(self) -> None:
        self._snapshot(SnapshotMoment.BEFORE)

    def after(self) -> None:
        self._snapshot(SnapshotMoment.AFTER)

    def _snapshot(self, moment: SnapshotMoment) -> None:
        tree = self.store.take().tree
        self.say(FilesSnapshot(SESSION, tree, moment, str(self.folder)))

    def agent_writes(self, **texts: str) -> None:
        """Have the agent take one step that writes files."""
        self.before()
        for name, text in texts.items():
            self.write(name, text)
        self.after()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def history(self) -> FileHistory:
        history = file_history(self.records)
        return history.with_restores(RestoreJournal(self.store.folder).entries())

    def order(self, index: int, *, with_yours: bool = False) -> RestoreOrder:
        return RestoreOrder(self.history().way_back(index), SESSION, index, with_yours)

    def plan(self, index: int) -> RestorePlan:
        return plan_now(self.store, self.order(index))

    def rewind(self, index: int, *, with_yours: bool = False) -> RestoreOutcome:
        now_ms = 1000 + len(self.records)
        return restore(self.store, self.order(index, with_yours=with_yours), now_ms=now_ms)

    def undo(self) -> RestoreOutcome:
        return restore(self.store, undo_order(self.store), now_ms=1000 + len(self.records))

    def files(self) -> dict[bytes, object]:
        return contents_of(self.folder)


def contents_of(folder: Path) -> dict[bytes, object]:
    """Return every file and link below ``folder`` with what is in it."""
    found: dict[bytes, object] = {}
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        inside = os.fsencode(path.relative_to(folder))
        if stat.S_ISLNK(mode):
            found[inside] = ("link", os.fsencode(path.readlink()))
        elif stat.S_ISREG(mode):
            found[inside] = (bool(mode & 0o100), path.read_bytes())
    return found


def replace_by_force(folder: Path, name: bytes, content: object) -> None:
    """Put ``content`` at ``name`` as ``contents_of`` gives it, ``None`` for nothing."""
    above = folder
    for part in os.fsdecode(name).split("/")[:-1]:
        above /= part
        if above.is_symlink() or above.is_file():
            above.unlink()
        above.mkdir(exist_ok=True)
    path = folder / os.fsdecode(name)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    match content:
        case ("link", bytes() as target):
            path.symlink_to(os.fsdecode(target))
        case (bool() as is_program, bytes() as data):
            path.write_bytes(data)
            path.chmod(0o755 if is_program else 0o644)
