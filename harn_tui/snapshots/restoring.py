"""Brings files back to a snapshot, without losing what a person changed.

A snapshot is taken first, so that every restore can be undone by another one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harn_tui.errors import SnapshotError
from harn_tui.snapshots.authorship import Interval
from harn_tui.snapshots.restore_journal import Restore, RestoreJournal
from harn_tui.snapshots.restore_plan import (
    YOURS,
    PlannedFile,
    RestorePlan,
    WayBack,
    make_plan,
)
from harn_tui.snapshots.snapshot_store import SnapshotStore
from harn_tui.snapshots.workspace_files import InTheWayError, WorkspaceFiles

log = logging.getLogger(__name__)

_READ_AT_ONCE = 64

UNCOVERED = "what is there now is in no snapshot: it is ignored, too large, or just changed"
"""Why a file is kept that is not what the snapshot says it is."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that stays as it is, and why."""

    path: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class RestoreOutcome:
    """What was done: the files brought back, those that were kept, and the trees around it.

    ``after`` is ``None`` when the files could not be snapshotted any more.
    """

    restored: tuple[bytes, ...]
    kept: tuple[KeptFile, ...]
    before: str
    after: str | None


@dataclass(frozen=True, slots=True)
class RestoreOrder:
    """What is to be done, on behalf of which session and for which event, ``None`` for an undo.

    ``with_yours`` brings files back, too, that both the agent and a person changed.
    """

    way: WayBack
    session_id: str
    at_index: int | None
    with_yours: bool = False


def restore(store: SnapshotStore, order: RestoreOrder, *, now_ms: int) -> RestoreOutcome:
    """Carry out ``order``. Blocks. Raises SnapshotError when that cannot be done or not be undone.

    A file that cannot be written, or is not what it was a moment ago, is kept and listed.
    """
    with store.locked():
        journal = RestoreJournal(store.folder)
        before = store.take_locked().tree
        plan = make_plan(store, order.way, before)
        wanted = plan.to_restore(with_yours=order.with_yours)
        blobs = {file.target.blob for file in wanted if file.target is not None}
        if store.missing(blobs):
            raise SnapshotError(
                f"Some of the files are missing in {store.folder}, so none was brought back.",
                hint="The folder was damaged; the conversation can be rewound all the same.",
            )
        entry = Restore(journal.next_number(), now_ms, order.session_id, order.at_index, before)
        journal.write(entry)
        try:
            restored, kept = _Restoring(store, wanted).run()
        finally:
            after = _take_after(store)
            if after is not None:
                journal.write(replace(entry, after=after))
    left = tuple(KeptFile(file.path, YOURS) for file in plan.files if file not in wanted)
    return RestoreOutcome(restored, (*left, *kept), before, after)


def undo_order(store: SnapshotStore, *, with_yours: bool = False) -> RestoreOrder:
    """Return how the newest restore of the folder is undone. Raises SnapshotError."""
    last = RestoreJournal(store.folder).last()
    if last is None:
        raise SnapshotError(
            f"Nothing was brought back in {store.workspace}, so there is nothing to undo."
        )
    if last.after is None:
        way = WayBack(last.before, (), is_open_end=True)
    else:
        way = WayBack(last.before, (Interval(last.before, last.after, is_of_agent=True),))
    return RestoreOrder(way, last.session_id, None, with_yours=with_yours)


def plan_now(store: SnapshotStore, order: RestoreOrder) -> RestorePlan:
    """Return what ``restore`` would do now; nothing is done. Raises SnapshotError."""
    with store.locked():
        now = store.take_locked().tree
        return make_plan(store, order.way, now)


def _take_after(store: SnapshotStore) -> str | None:
    """Return the tree after a restore; without one, undoing it keeps what may be a person's."""
    try:
        return store.take_locked().tree
    except SnapshotError:
        log.exception("no snapshot after a restore folder=%s", store.folder)
        return None


class _Restoring:
    """One pass over the files: what goes first, so that there is room for what comes."""

    def __init__(self, store: SnapshotStore, files: Sequence[PlannedFile]) -> None:
        self._store = store
        self._files = WorkspaceFiles(store.files_at)
        self._removals = [file for file in files if file.target is None]
        self._writes = [file for file in files if file.target is not None]
        self._restored: list[bytes] = []
        self._kept: list[KeptFile] = []

    def run(self) -> tuple[tuple[bytes, ...], tuple[KeptFile, ...]]:
        """Return what was brought back and what was kept."""
        for file in self._removals:
            self._attempt(file, None)
        for start in range(0, len(self._writes), _READ_AT_ONCE):
            batch = self._writes[start : start + _READ_AT_ONCE]
            contents = self._store.contents([f.target.blob for f in batch if f.target is not None])
            for file in batch:
                assert file.target is not None, "a file to write has a target"
                self._attempt(file, contents[file.target.blob])
        gone = set(self._restored)
        for file in self._removals:
            if file.path in gone:
                self._files.remove_empty_folders(file.path)
        return tuple(self._restored), tuple(self._kept)

    def _attempt(self, file: PlannedFile, content: bytes | None) -> None:
        try:
            self._bring_back(file, content)
        except InTheWayError as error:
            self._kept.append(KeptFile(file.path, str(error)))
        except OSError as error:
            self._kept.append(KeptFile(file.path, f"it cannot be written: {error.strerror}"))
        else:
            self._restored.append(file.path)

    def _bring_back(self, file: PlannedFile, content: bytes | None) -> None:
        self._make_room(file)
        if not self._files.is_at(file.path, file.now):
            raise InTheWayError(UNCOVERED)
        if file.target is None or content is None:
            self._files.remove(file.path)
        else:
            self._files.write(file.path, file.target, content)

    def _make_room(self, file: PlannedFile) -> None:
        """Remove the empty folders in whose place a file comes back."""
        if file.target is None or file.now is not None:
            return
        for removed in self._removals:
            if removed.path.startswith(file.path + b"/"):
                self._files.remove_empty_folders(removed.path, up_to=file.path)
