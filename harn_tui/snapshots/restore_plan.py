"""What bringing files back would do, file by file, before anything is done.

Three sides are compared: the target, what the agent left, and the files as they are now.
"""

from dataclasses import dataclass

from harn_tui.errors import SnapshotError
from harn_tui.snapshots.authorship import Interval, authorship
from harn_tui.snapshots.snapshot_store import SnapshotStore
from harn_tui.snapshots.tree_changes import FileState

YOURS = "you changed it since"
"""Why a file is kept that the agent is not known to have changed alone."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that is not as it was. ``target`` and ``now`` are ``None`` where it is not there.

    ``is_yours`` when a person changed it since, so that it is kept unless they say otherwise.
    ``is_yours_alone`` when nobody else did: then it is kept whatever they say.
    """

    path: bytes
    target: FileState | None
    now: FileState | None
    is_yours: bool
    is_yours_alone: bool = False


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """``target`` is the tree to go back to, ``now`` that of the files as they are."""

    target: str
    now: str
    files: tuple[PlannedFile, ...]

    def to_restore(self, *, with_yours: bool = False) -> tuple[PlannedFile, ...]:
        """Return the files that would be brought back."""
        return tuple(
            file
            for file in self.files
            if not file.is_yours or (with_yours and not file.is_yours_alone)
        )


@dataclass(frozen=True, slots=True)
class WayBack:
    """``target`` is the tree to go back to, ``since`` what led from there to the last known tree.

    What came after that is a person's; with ``is_open_end`` nobody knows whose.
    """

    target: str
    since: tuple[Interval, ...]
    is_open_end: bool = False


def snapshots_gone(store: SnapshotStore) -> SnapshotError:
    """Return the error of who asks for snapshots that are not kept any more."""
    return SnapshotError(
        "The snapshots of these files are not there any more: they were too old, or their"
        f" folder {store.folder} was damaged.",
        hint="The conversation can be rewound all the same.",
    )


def make_plan(store: SnapshotStore, way: WayBack, now: str) -> RestorePlan:
    """Return how to go back. Raises SnapshotError when a tree is not there any more."""
    target, since = way.target, way.since
    last = since[-1].new if since else target
    chain = (*since, Interval(last, now, is_of_agent=None if way.is_open_end else False))
    trees = {tree for each in chain for tree in (each.old, each.new)} | {target}
    if store.missing(trees):
        raise snapshots_gone(store)
    changed_by = authorship(store, chain)
    differences = store.differences([(target, now)])[target, now]
    files = (
        PlannedFile(
            found.path,
            found.old,
            found.new,
            is_yours=found.path in changed_by.of_person or found.path not in changed_by.of_agent,
            is_yours_alone=found.path not in changed_by.of_agent,
        )
        for found in differences
    )
    return RestorePlan(target, now, tuple(files))
