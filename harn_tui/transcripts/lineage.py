"""Which session was forked from which.

Of two sessions that exist, one lists the other as its child exactly when the other names it as
its parent. References to sessions that are gone stay as they were.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.transcripts.stored_session import StoredSession


@dataclass(frozen=True, slots=True)
class Ancestry:
    """A session's parent, its children, and the oldest ancestor that can be named.

    The root of a session without a parent is itself.
    """

    parent_id: str | None
    child_ids: tuple[str, ...]
    root_id: str

    def as_json(self) -> JsonObject:
        """Return the three as a JSON object."""
        return {
            "parent_id": self.parent_id,
            "child_ids": list(self.child_ids),
            "root_id": self.root_id,
        }


def link(sessions: Mapping[str, StoredSession], parent_id: str, child: StoredSession) -> None:
    """Make ``child`` a child of ``parent_id`` and of no other; of itself it never is one."""
    if child.id == parent_id:
        return
    former = sessions.get(child.parent_id) if child.parent_id is not None else None
    if former is not None and former.id != parent_id and child.id in former.child_ids:
        former.child_ids.remove(child.id)
    child.parent_id = parent_id
    parent = sessions.get(parent_id)
    if parent is not None and child.id not in parent.child_ids:
        parent.child_ids.append(child.id)


def take_up_id(sessions: Mapping[str, StoredSession], session: StoredSession) -> None:
    """Settle the references to an id that a new ``session`` takes up again.

    Sessions that name it as their parent are its children; it is no child of those that list
    the former one.
    """
    for other in sorted(sessions.values(), key=lambda other: other.created_at):
        if other is session:
            continue
        if session.id in other.child_ids:
            other.child_ids.remove(session.id)
        if other.parent_id == session.id:
            session.child_ids.append(other.id)


def ancestry(sessions: Mapping[str, StoredSession], session: StoredSession) -> Ancestry:
    """Return where ``session`` comes from.

    The walk to the root ends at a parent that is gone, which it still names, and at one that it
    has met before.
    """
    met = {session.id}
    root, current = session.id, session
    while current.parent_id is not None and current.parent_id not in met:
        root = current.parent_id
        met.add(root)
        following = sessions.get(root)
        if following is None:
            break
        current = following
    return Ancestry(session.parent_id, tuple(session.child_ids), root)
