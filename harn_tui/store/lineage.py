"""Which session came from which, as lines to be printed."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harn_tui.store.listing import SessionSummary


class Branch(NamedTuple):
    """One session of the tree; ``lines`` are those that lead to it, drawn before its row."""

    lines: str
    summary: SessionSummary


def lineage(summaries: Sequence[SessionSummary]) -> list[Branch]:
    """Return every session once, forks and agents below the one that they came from.

    Siblings keep their order. A session whose parent is not there stands at the top, and so does
    one of a circle, which only damaged logs make.
    """
    known = {summary.session_id for summary in summaries}
    children: dict[str, list[SessionSummary]] = {}
    roots: list[SessionSummary] = []
    for summary in summaries:
        parent = summary.parent_session_id
        if parent in known and parent is not None and parent != summary.session_id:
            children.setdefault(parent, []).append(summary)
        else:
            roots.append(summary)
    tree = _Tree(children)
    branches = [branch for root in roots for branch in tree.below(root)]
    for summary in summaries:  # what is left can only be reached from itself
        branches += tree.below(summary)
    return branches


class _Tree:
    """Walks the sessions below one, each once, without recursion: forks may be nested deeply."""

    def __init__(self, children: dict[str, list[SessionSummary]]) -> None:
        self._children = children
        self._seen: set[int] = set()

    def below(self, root: SessionSummary) -> Iterator[Branch]:
        waiting = [(root, "", "")]
        while waiting:
            summary, before, joint = waiting.pop()
            if id(summary) in self._seen:
                continue
            self._seen.add(id(summary))
            yield Branch(before + joint, summary)
            below = before + {"": "", "├─ ": "│  ", "└─ ": "   "}[joint]
            children = self._children.get(summary.session_id, [])
            for place, child in reversed(list(enumerate(children, 1))):
                waiting.append((child, below, "└─ " if place == len(children) else "├─ "))
