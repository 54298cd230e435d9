"""Goes back in a session: the conversation, the files, or both.

The conversation goes back by a fork, so that nothing of the session is lost; files go back by a
restore, before which they are snapshotted. Everything here reads files: call it in a thread.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import HarnError, SnapshotError, UsageError
from harn_tui.events.host import FilesRestored
from harn_tui.session.rewind_scope import RewindScope
from harn_tui.sinks.emit import emit
from harn_tui.snapshots.restore_journal import RestoreJournal
from harn_tui.snapshots.restore_plan import RestorePlan, snapshots_gone
from harn_tui.snapshots.restoring import (
    RestoreOrder,
    RestoreOutcome,
    plan_now,
    restore,
    undo_order,
)
from harn_tui.snapshots.snapshot_store import SnapshotLimits, SnapshotStore
from harn_tui.snapshots.tree_changes import LineCounts
from harn_tui.store.file_history import FileHistory, file_history, steps_between
from harn_tui.store.fork import fork_session
from harn_tui.store.lock import live_owner
from harn_tui.store.log_reader import read_records
from harn_tui.store.rewind_points import RewindPoint, rewind_points
from harn_tui.store.session_folder import list_session_folders
from harn_tui.store.state_file import load_state

BEFORE_ALL = -1
"""Stands for the files before the first event."""

_MOST_DIFFS = 40


@dataclass(frozen=True, slots=True)
class RewindPlaces:
    """Where sessions and snapshots are kept."""

    sessions: Path
    snapshots: Path


@dataclass(frozen=True, slots=True)
class PointChanges:
    """What the agent changed because of a line; lines of files that are no text are not counted."""

    files: int = 0
    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class PreviewedFile:
    """A file that is not as it was. ``becomes`` says what bringing it back means.

    That is ``changed``, ``created`` or ``deleted``. ``is_yours`` and ``is_yours_alone`` as in
    ``PlannedFile``.
    """

    path: str
    becomes: str
    is_yours: bool
    is_yours_alone: bool


@dataclass(frozen=True, slots=True)
class RewindPreview:
    """What bringing the files back would do. ``diff`` leads from now to then.

    ``diff_of_both`` is that of the files which both the agent and a person changed.
    """

    files: tuple[PreviewedFile, ...]
    diff: str
    diff_of_both: str = ""

    @property
    def yours(self) -> tuple[PreviewedFile, ...]:
        """Those that a person changed since; they are kept by default."""
        return tuple(file for file in self.files if file.is_yours)

    @property
    def restorable(self) -> tuple[PreviewedFile, ...]:
        """Those that are brought back by default."""
        return tuple(file for file in self.files if not file.is_yours)


@dataclass(frozen=True, slots=True)
class RewindResult:
    """What was done. ``fork_id`` is the session to go on in, ``None`` for this one.

    ``kept`` are files that were not touched, each with the reason. ``event`` tells a session what
    became of its files, ``None`` when they were left alone.
    """

    fork_id: str | None
    restored: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]
    before: str
    after: str | None
    at_index: int | None
    has_files: bool

    def event(self, session_id: str) -> FilesRestored:
        """Return what the session ``session_id`` is told."""
        kept = [path for path, _ in self.kept]
        count = len(self.restored)
        return FilesRestored(session_id, self.at_index, self.before, self.after, count, [*kept])


def wall_clock_ms() -> int:
    """Return Unix-epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Rewinding:
    """Goes back in the session whose log is ``log``.

    ``folder`` is where its files are now, when they were moved since. Raises StoreError when the
    log cannot be read, SnapshotError and UsageError when files cannot be brought back.
    """

    def __init__(
        self,
        log: Path,
        places: RewindPlaces,
        *,
        limits: SnapshotLimits | None = None,
        folder: Path | None = None,
        now_ms: Callable[[], int] = wall_clock_ms,
    ) -> None:
        self._log = log
        self._places = places
        self._limits = limits
        self._folder = folder
        self._now_ms = now_ms
        self._known: FileHistory | None = None

    def points(self) -> list[tuple[RewindPoint, PointChanges]]:
        """Return the person's lines, oldest first, with what the agent changed because of each."""
        records = list(read_records(self._log))
        points, history = rewind_points(records), file_history(records)
        self._known = history
        is_known = bool(history.points) and _resolved(history.folder) is not None
        store = self._store(history) if is_known else None
        changes = _changes(store, history, points) if store else [PointChanges()] * len(points)
        return list(zip(points, changes, strict=True))

    def preview(self, index: int) -> RewindPreview:
        """Return what bringing the files back to the event ``index`` would do now."""
        order, store = self._order(index)
        return _preview(store, plan_now(store, order))

    def preview_undo(self) -> RewindPreview:
        """Return what undoing the newest restore in the session's folder would do now."""
        store = self._store(self._history())
        return _preview(store, plan_now(store, undo_order(store)))

    def rewind(
        self, index: int, scope: RewindScope, *, with_yours: bool = False, draft: str = ""
    ) -> RewindResult:
        """Go back to the event ``index``, itself included.

        ``with_yours`` brings files back, too, that both agent and person changed. ``draft`` is
        what the prompt of the new session begins with.
        """
        order = self._order(index, with_yours=with_yours) if scope.has_files else None
        if order is not None:
            plan_now(order[1], order[0])  # what cannot be done is told before anything is
        fork_id = self._fork(index, draft) if scope.has_conversation else None
        if order is None:
            return RewindResult(fork_id, (), (), "", None, index, has_files=False)
        try:
            outcome = restore(order[1], order[0], now_ms=self._now_ms())
        except HarnError as error:
            if fork_id is None:
                raise
            words = f"{error.message} The conversation goes on in {fork_id}."
            raise SnapshotError(words, hint=error.hint) from error
        return _result(outcome, fork_id, index)

    def undo(self, *, with_yours: bool = False) -> RewindResult:
        """Undo the newest restore in the session's folder; done twice, it is there again."""
        store = self._store(self._history())
        order = undo_order(store, with_yours=with_yours)
        return _result(restore(store, order, now_ms=self._now_ms()), None, None)

    def warnings(self) -> list[str]:
        """Return what a person should know before files are brought back."""
        folder = self._folder or _resolved(self._history().folder)
        found: list[str] = []
        if folder is None:
            return found
        for session in list_session_folders(self._places.sessions):
            owner = live_owner(session.lock_file)
            if owner is None or (owner.pid == os.getpid() and session.event_log == self._log):
                continue
            cwd = load_state(session.state_file)[0].cwd
            if cwd is not None and _resolved(cwd) == folder:
                what = "This session" if session.event_log == self._log else "Another session"
                found.append(f"{what} is open in process {owner.pid} and may change files now.")
        return found

    def tell(self, session_id: str, result: RewindResult) -> None:
        """Note in the open session ``session_id`` what became of its files. Returns at once."""
        emit(result.event(session_id))

    def _order(self, index: int, *, with_yours: bool = False) -> tuple[RestoreOrder, SnapshotStore]:
        history = self._history()
        if index != BEFORE_ALL and index not in history.indices:
            last = history.indices[-1] if history.indices else None
            extent = "The log is empty." if last is None else f"Its last event is {last}."
            raise UsageError(f"There is no event {index} in {self._log}.", hint=extent)
        if not history.points:
            history.way_back(index)
        store = self._store(history)
        if not store.exists:
            raise snapshots_gone(store)
        full = history.with_restores(RestoreJournal(store.folder).entries())
        return RestoreOrder(full.way_back(index), history.session_id, index, with_yours), store

    def _history(self) -> FileHistory:
        """Return the history of the log as it was when somebody last looked at its lines."""
        if self._known is None:
            self._known = file_history(read_records(self._log))
        return self._known

    def _store(self, history: FileHistory) -> SnapshotStore:
        folder = _resolved(history.folder)
        if folder is None:
            raise UsageError("The log does not say in which folder the session worked.")
        return SnapshotStore(
            self._places.snapshots,
            folder,
            limits=self._limits,
            files_at=self._folder,
        )

    def _fork(self, index: int, draft: str) -> str:
        now_ms = self._now_ms()
        where = self._places.sessions
        return fork_session(self._log, where, at_index=index, now_ms=now_ms, draft=draft).session_id


def _resolved(folder: str) -> Path | None:
    """Return the folder that a log or a state file names, ``None`` for what can be none."""
    try:
        return Path(folder).resolve() if folder else None
    except (OSError, ValueError, RuntimeError):
        return None


def _changes(
    store: SnapshotStore, history: FileHistory, points: Sequence[RewindPoint]
) -> list[PointChanges]:
    """Return what the agent changed because of each line; one look at all of them is quick."""
    steps = [
        [(s.old, s.new) for s in steps_between(history, point.line, point.until) if s.old != s.new]
        for point in points
    ]
    pairs = list(dict.fromkeys(pair for own in steps for pair in own))
    gone = set(store.missing(tree for pair in pairs for tree in pair))
    counts = store.line_counts([pair for pair in pairs if not gone & set(pair)])
    return [_sum([count for pair in own for count in counts.get(pair, ())]) for own in steps]


def _sum(counts: Sequence[LineCounts]) -> PointChanges:
    return PointChanges(
        len({count.path for count in counts}),
        sum(count.added or 0 for count in counts),
        sum(count.removed or 0 for count in counts),
    )


def _preview(store: SnapshotStore, plan: RestorePlan) -> RewindPreview:
    files = tuple(
        PreviewedFile(
            os.fsdecode(file.path),
            "deleted" if file.target is None else "created" if file.now is None else "changed",
            file.is_yours,
            file.is_yours_alone,
        )
        for file in plan.files
    )
    paths = [file.path for file in plan.files if not file.is_yours]
    both = [file.path for file in plan.files if file.is_yours and not file.is_yours_alone]
    diffs = (store.diff_text(plan.now, plan.target, p[:_MOST_DIFFS]) for p in (paths, both))
    return RewindPreview(files, *diffs)


def _result(outcome: RestoreOutcome, fork_id: str | None, index: int | None) -> RewindResult:
    return RewindResult(
        fork_id,
        tuple(map(os.fsdecode, outcome.restored)),
        tuple((os.fsdecode(file.path), file.reason) for file in outcome.kept),
        outcome.before,
        outcome.after,
        index,
        has_files=True,
    )
