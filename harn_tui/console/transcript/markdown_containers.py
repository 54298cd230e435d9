"""The quotes and list items that are open at a place in a Markdown text."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rich.cells import cell_len

from harn_tui.console.transcript.markdown_lines import Marker, task_state, without_quote
from harn_tui.console.transcript.pen import Margin, Mark
from harn_tui.console.transcript.roles import Role

_BULLETS = ("• ", "◦ ", "▪ ")
QUOTE_BAR: tuple[Mark, ...] = (("▎ ", Role.QUOTE_MARK),)
_NO_MARGIN = Margin((), ())
_NOTHING_YET = -1


@dataclass(slots=True)
class Container:
    """An open quote (``marker`` is ``None``) or list item.

    ``indent`` is the column where an item's text stands. ``group`` is the same for all items of
    one list. ``is_fresh`` until the marker was handed to a leaf.
    """

    group: int
    indent: int = 0
    marker: str | None = None
    style: str = ""
    number: int | None = None
    is_fresh: bool = False

    @property
    def is_quote(self) -> bool:
        """Whether this is a quote."""
        return self.marker is None

    def margin(self) -> Margin:
        """Return what stands left of text in this container; the marker is then used up."""
        if self.marker is None:
            return Margin(QUOTE_BAR, QUOTE_BAR)
        blank = ((" " * cell_len(self.marker), Role.TEXT),)
        first = ((self.marker, Role.BULLET),) if self.is_fresh else blank
        self.is_fresh = False
        return Margin(first, blank)


class Containers:
    """A stack of containers, outermost first, and the blank lines seen in them."""

    __slots__ = ("_groups", "_last_group", "_stack", "was_blank")

    def __init__(self) -> None:
        self._stack: list[Container] = []
        self._groups = 0
        self._last_group: int | None = _NOTHING_YET
        self.was_blank = False

    def __len__(self) -> int:
        return len(self._stack)

    def __getitem__(self, depth: int) -> Container:
        return self._stack[depth]

    @property
    def has_fresh(self) -> bool:
        """Whether a list marker waits for its text."""
        return any(container.is_fresh for container in self._stack)

    def fork(self) -> Containers:
        """Return a copy that can be changed alone."""
        clone = Containers()
        clone._stack = [replace(container) for container in self._stack]
        clone._groups, clone._last_group = self._groups, self._last_group
        clone.was_blank = self.was_blank
        return clone

    def match(self, line: str) -> tuple[int, str]:
        """Return how many containers ``line`` continues, and what follows their prefixes."""
        for depth, container in enumerate(self._stack):
            if container.is_quote:
                rest = without_quote(line)
                if rest is None:
                    return depth, line
                line = rest
            elif line.startswith(" " * container.indent):
                line = line[container.indent :]
            elif line.strip(" "):
                return depth, line
            else:
                line = ""
        return len(self._stack), line

    def blank_line_ends(self, matched: int) -> int:
        """Return how many containers stay open after a blank line that continues ``matched``."""
        for depth in range(matched, len(self._stack)):
            if self._stack[depth].is_quote:
                return depth
        # An item may begin with one blank line at most.
        return len(self._stack) - (bool(self._stack) and self._stack[-1].is_fresh)

    def open_quote(self) -> None:
        """Open a quote."""
        self._stack.append(Container(self._new_group()))

    def open_item(self, marker: Marker, sibling: Container | None) -> str:
        """Open a list item and return its text; ``sibling`` is the container that it ended."""
        number, group = marker.number, None
        if sibling is not None and not sibling.is_quote and sibling.style == marker.style:
            group = sibling.group
            number = None if sibling.number is None else sibling.number + 1
        task = task_state(marker.rest)
        if task is not None:
            is_done, text = task
            shown = "☑ " if is_done else "☐ "
        else:
            text = marker.rest
            shown = self._bullet() if number is None else f"{number}. "
        self._stack.append(
            Container(
                self._new_group() if group is None else group,
                marker.indent,
                shown,
                marker.style,
                number,
                is_fresh=True,
            )
        )
        return text

    def place(self) -> tuple[int, Margin]:
        """Return the blank rows above the next leaf and what stands left of it."""
        group = self._stack[0].group if self._stack else None
        above: tuple[Mark, ...] = ()
        if group is not None and group == self._last_group:
            gap = int(self.was_blank)
            above = QUOTE_BAR if self._stack[0].is_quote else ()
        else:
            gap = int(self._last_group != _NOTHING_YET)
        self.was_blank = False
        self._last_group = group
        margin = sum((container.margin() for container in self._stack), _NO_MARGIN)
        return gap, Margin(margin.first, margin.rest, above)

    def truncate(self, depth: int) -> None:
        """Close the containers from ``depth`` on."""
        del self._stack[depth:]

    def is_fresh_from(self, depth: int) -> bool:
        """Whether a marker at ``depth`` or deeper waits for its text."""
        return any(container.is_fresh for container in self._stack[depth:])

    def _bullet(self) -> str:
        depth = sum(not container.is_quote for container in self._stack)
        return _BULLETS[min(depth, len(_BULLETS) - 1)]

    def _new_group(self) -> int:
        self._groups += 1
        return self._groups
