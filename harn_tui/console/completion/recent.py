"""Which files a session has had to do with lately: mentioned by the person, named by calls."""

from collections.abc import Sequence

from harn_tui.prompt_lines.mentions import find_mentions
from harn_tui.view.model import Block, SessionView, ToolBlock, UserBlock

MAX_BLOCKS = 100
_MAX_TEXT = 2000


def recent_paths(blocks: Sequence[Block], cwd: str) -> frozenset[str]:
    """Return the paths in the newest blocks, from ``cwd`` where they are below it."""
    folder = cwd.rstrip("/") + "/"
    found: set[str] = set()
    for block in blocks[-MAX_BLOCKS:]:
        if isinstance(block, UserBlock):
            found.update(mention.target for mention in find_mentions(block.text[:_MAX_TEXT]))
        elif isinstance(block, ToolBlock) and isinstance(block.arguments, dict):
            path = block.arguments.get("path")
            if isinstance(path, str):
                found.add(path.removeprefix(folder).removeprefix("./"))
    return frozenset(found)


class RecentPaths:
    """The recent paths of a session, looked up again only when something has happened in it."""

    def __init__(self) -> None:
        self._view: SessionView | None = None
        self._cwd = ""
        self._seen_events = -1
        self._paths: frozenset[str] = frozenset()

    def attach(self, view: SessionView, cwd: str) -> None:
        """Take the session."""
        self._view, self._cwd = view, cwd

    def __call__(self) -> frozenset[str]:
        """Return the paths."""
        view = self._view
        if view is not None and view.event_count != self._seen_events:
            self._seen_events = view.event_count
            self._paths = recent_paths(view.blocks, self._cwd)
        return self._paths
