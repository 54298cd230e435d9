"""What a session's log says of its files: which snapshots there are, and what lies between them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from harn_tui.errors import UsageError
from harn_tui.events.host import FilesSnapshot, SessionStart
from harn_tui.events.record import Record
from harn_tui.events.snapshot_moment import SnapshotMoment
from harn_tui.snapshots.authorship import Interval
from harn_tui.snapshots.restore_journal import Restore
from harn_tui.snapshots.restore_plan import WayBack


@dataclass(frozen=True, slots=True)
class FilePoint:
    """The files at one moment. ``index`` is the event's, ``None`` for a side of a restore.

    ``is_open`` when the agent works from here to the next point. ``is_unsure`` when nobody knows
    who did what lies before.
    """

    tree: str
    at_ms: int
    index: int | None
    is_open: bool
    is_unsure: bool = False


@dataclass(frozen=True, slots=True)
class FileHistory:
    """The points of a session in order. ``folder`` is where its files were, empty when unknown."""

    session_id: str
    folder: str
    points: tuple[FilePoint, ...]
    indices: Sequence[int] = ()
    times: Sequence[int] = ()
    """Index and time of every event, side by side."""

    def with_restores(self, restores: Iterable[Restore]) -> "FileHistory":
        """Return the history with what was brought back on behalf of this session."""
        points = list(self.points)
        for restore in restores:
            if restore.session_id != self.session_id:
                continue
            sides = [FilePoint(restore.before, restore.at_ms, None, is_open=True)]
            if restore.after is not None:
                sides.append(FilePoint(restore.after, restore.at_ms, None, is_open=False))
            later = (n for n, point in enumerate(points) if point.at_ms > restore.at_ms)
            place = next(later, len(points))
            points[place:place] = sides
        return replace(self, points=tuple(points))

    def way_back(self, index: int) -> WayBack:
        """Return the way to the files at the event ``index``.

        Between two steps of the agent these are the files before the later one: what a person
        did meanwhile stays. Raises UsageError when the session has no snapshots.
        """
        if not self.points:
            raise UsageError(
                "This session has no snapshots of its files.",
                hint="They are taken before and after each step that may change files; see"
                " snapshots.enabled.",
            )
        known = zip(reversed(self.indices), reversed(self.times), strict=True)
        at_ms = next((ms for number, ms in known if number <= index), 0)
        passed = sum(_is_passed(point, index, at_ms) for point in self.points)
        is_within_step = passed > 0 and self.points[passed - 1].is_open
        start = max(0, passed - 1 if is_within_step or passed == len(self.points) else passed)
        chain = self.points[start:]
        pairs = zip(chain, chain[1:], strict=False)
        since = (
            Interval(old.tree, new.tree, None if new.is_unsure else old.is_open)
            for old, new in pairs
        )
        return WayBack(chain[0].tree, tuple(since), is_open_end=chain[-1].is_open)


def file_history(records: Iterable[Record]) -> FileHistory:
    """Fold the snapshots out of a log."""
    points: list[FilePoint] = []
    indices: list[int] = []
    times: list[int] = []
    session_id, folder, is_new_process = "", "", False
    for record in records:
        event = record.event
        session_id = session_id or event.session_id
        indices.append(record.index)
        times.append(record.emitted_at_ms)
        if isinstance(event, SessionStart):
            folder, is_new_process = folder or event.cwd, True
        elif isinstance(event, FilesSnapshot):
            folder = event.folder if not points else folder
            if event.folder != folder:
                continue  # taken in another folder; it says nothing of this one
            # A process that ended within a step: what came then may be anybody's.
            was_cut = is_new_process and bool(points) and points[-1].is_open
            unsure = was_cut or bool(event.unsure)
            is_open = event.moment != SnapshotMoment.AFTER
            points.append(
                FilePoint(event.tree, record.emitted_at_ms, record.index, is_open, unsure)
            )
            is_new_process = False
    return FileHistory(session_id, folder, tuple(points), indices, times)


def steps_between(history: FileHistory, first: int, last: int | None) -> Sequence[Interval]:
    """Return the agent's steps that ended after the event ``first`` and up to ``last``."""
    pairs = zip(history.points, history.points[1:], strict=False)
    return [
        Interval(old.tree, new.tree, is_of_agent=True)
        for old, new in pairs
        if old.is_open
        and not new.is_unsure
        and new.index is not None
        and new.index > first
        and (last is None or new.index <= last)
    ]


def _is_passed(point: FilePoint, index: int, at_ms: int) -> bool:
    return point.at_ms <= at_ms if point.index is None else point.index <= index
