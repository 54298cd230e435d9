"""Who changed which files between snapshots: the agent's steps, or a person in between."""

from collections.abc import Sequence
from dataclasses import dataclass

from harn_tui.snapshots.snapshot_store import SnapshotStore


@dataclass(frozen=True, slots=True)
class Interval:
    """What lies between two trees. ``is_of_agent`` when a step of the agent does and nothing else.

    What nobody can be sure of counts as the person's.
    """

    old: str
    new: str
    is_of_agent: bool


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
        paths = of_agent if each.is_of_agent else of_person
        paths.update(found.path for found in differences[each.old, each.new])
    return Authorship(frozenset(of_agent), frozenset(of_person))
