"""Takes the snapshots of a session's files: the one owner, for its loop and all nested ones."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextvars import copy_context

from harn_tui.errors import SnapshotError, SnapshotsUnavailableError
from harn_tui.events.host import FilesSnapshot, Notice
from harn_tui.events.record import Event
from harn_tui.events.snapshot_moment import SnapshotMoment
from harn_tui.kinds import NoticeLevel
from harn_tui.loop.cancellation import to_its_end
from harn_tui.sinks.emit import emit
from harn_tui.snapshots.snapshot_store import Snapshot, SnapshotStore

log = logging.getLogger(__name__)


class FileSnapshots:
    """Snapshots the working folder of the session ``root_id`` around steps, one at a time.

    Steps of nested loops are told in their own session and in the root's. ``is_command_running``
    says whether a command goes on in the background. What fails is told once; a folder that
    cannot be snapshotted at all is left alone from then on.
    """

    def __init__(
        self, root_id: str, store: SnapshotStore, is_command_running: Callable[[], bool]
    ) -> None:
        self._root_id = root_id
        self._store = store
        self._is_command_running = is_command_running
        self._surroundings = copy_context()
        self._one_at_a_time = asyncio.Lock()
        self._open: Counter[str] = Counter()
        self._left_open: set[str] = set()
        self._unsure: set[str] = set()
        self._told: set[str] = set()
        self._is_off = False
        self._has_taken = False

    def start(self) -> None:
        """Take what is around as the root session's surroundings; call it outside every loop."""
        self._surroundings = copy_context()

    async def before(self, session_id: str) -> None:
        """Snapshot the files before a step of ``session_id``."""
        tree = await self._take()
        for each in self._concerned(session_id):
            self._tell(each, session_id, tree, SnapshotMoment.BEFORE)
            self._open[each] += 1

    async def after(self, session_id: str) -> None:
        """Snapshot the files after a step of ``session_id``."""
        for each in self._concerned(session_id):
            self._open[each] -= 1
        tree = await self._take()
        is_command_running = self._is_command_running()
        for each in self._concerned(session_id):
            is_open = self._open[each] > 0 or is_command_running
            moment = SnapshotMoment.DURING if is_open else SnapshotMoment.AFTER
            self._tell(each, session_id, tree, moment)

    async def run_ended(self, session_id: str) -> None:
        """Snapshot what background commands changed; they have ended by now."""
        if session_id in self._left_open and self._open[session_id] == 0:
            self._tell(session_id, session_id, await self._take(), SnapshotMoment.AFTER)

    def _concerned(self, session_id: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((session_id, self._root_id)))

    async def _take(self) -> Snapshot | None:
        """Return a snapshot, ``None`` when there is none to be had."""
        if self._is_off:
            return None
        async with self._one_at_a_time:
            # A thread cannot be stopped, so a cancellation waits for it.
            taken, cancellation = await to_its_end(self._take_in_thread(), "snapshot")
        if cancellation is not None:
            raise cancellation
        return taken

    async def _take_in_thread(self) -> Snapshot | None:
        try:
            snapshot = await asyncio.to_thread(self._store.take)
        except SnapshotError as error:
            log.warning("no snapshot folder=%s: %s", self._store.workspace, error)
            self._is_off = isinstance(error, SnapshotsUnavailableError)
            self._warn(str(error))
            return None
        except Exception:
            # boundary: a bug in taking snapshots must not end the run that they are for
            log.exception("snapshot failed folder=%s", self._store.workspace)
            self._is_off = True
            self._warn("Files are not snapshotted any more: an internal error, see the log file.")
            return None
        if snapshot.is_new_store and self._has_taken:
            self._warn("The snapshots of the files were damaged. New ones are taken from now on.")
        self._has_taken = True
        return snapshot

    def _warn(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._emit(Notice(self._root_id, NoticeLevel.WARNING, text), self._root_id, "")

    def _tell(
        self, session_id: str, speaker: str, snapshot: Snapshot | None, moment: SnapshotMoment
    ) -> None:
        self._left_open.discard(session_id)
        if moment is SnapshotMoment.DURING:
            self._left_open.add(session_id)
        if snapshot is None:
            self._unsure.add(session_id)
            return
        is_unsure = session_id in self._unsure
        self._unsure.discard(session_id)
        event = FilesSnapshot(
            session_id,
            snapshot.tree,
            moment,
            str(self._store.files_at),
            left_out=snapshot.left_out or None,
            unsure=True if is_unsure else None,
        )
        self._emit(event, session_id, speaker)

    def _emit(self, event: Event, session_id: str, speaker: str) -> None:
        if session_id == speaker:
            emit(event)
        else:
            # The sink of the nested loop that speaks would hear what is the root's.
            self._surroundings.copy().run(emit, event)
