"""Who changed which files between snapshots: the agent's steps, or a person in between."""

from collections.abc import Sequence
from dataclasses import dataclass

from harn_tui.snapshots.snapshot_store import SnapshotStore


@dataclass(frozen=True, slots=True)
class Interval:
    """What lies between two trees: a step of the agent's, or whatever else happened.

    ``is_of_agent`` is ``None`` where nobody can be sure: that counts as the work of both.
    """

    old: str
    new: str
    is_of_agent: bool | None


@dataclass(frozen=True, slots=True)
class Authorship:
    """The paths that the agent changed, and those that a person did; some are in both."""

    of_agent: frozenset[bytes]
    of_person: frozenset[bytes]


def authorship(store: SnapshotStore, intervals: Sequence[Interval]) -> Authorship:
    """Return who changed what in ``intervals``. Raises SnapshotError."""
    changed = [each for each in intervals if each.old != each.new]
    pairs = list(dict.fromkeys((each.old, each.new) for each in changed))
    differences = store.differences(pairs)
    of_agent: set[bytes] = set()
    of_person: set[bytes] = set()
    for each in changed:
        paths = {found.path for found in differences[each.old, each.new]}
        if each.is_of_agent is not False:
            of_agent |= paths
        if each.is_of_agent is not True:
            of_person |= paths
    return Authorship(frozenset(of_agent), frozenset(of_person))
