"""The smallest thing that is laid out alone, and the bodies that blocks are made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from harn_tui.console.transcript.pen import PLAIN_MARGIN, Drawn, Margin, Pen
from harn_tui.console.transcript.roles import Role


class Unit(ABC):
    """A part of a block that is drawn as a whole.

    ``gap`` is the number of blank rows above it. ``start`` and ``end`` are its place in the
    block's source text, the base of logical copies. A unit does not change once it was drawn;
    what changes gets a new unit.
    """

    __slots__ = ("end", "gap", "start")

    def __init__(self, *, gap: int = 0, start: int = 0, end: int = 0) -> None:
        self.gap = gap
        self.start = start
        self.end = end

    @property
    def version(self) -> int:
        """Changes when a drawn unit must be laid out again for reasons outside of it."""
        return 0

    @property
    def is_toggle(self) -> bool:
        """Whether a click on it folds or opens the block."""
        return False

    @abstractmethod
    def estimate(self, width: int) -> int:
        """Return about how many rows it takes, gap included."""

    @abstractmethod
    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""


class RunsUnit(Unit):
    """Lines of cleaned text in one role, wrapped or cut to the width."""

    __slots__ = ("fill", "lines", "margin", "role", "wraps")

    def __init__(
        self,
        lines: Sequence[str],
        role: Role,
        margin: Margin = PLAIN_MARGIN,
        *,
        fill: Role = Role.TEXT,
        wraps: bool = True,
        gap: int = 0,
        start: int = 0,
        end: int = 0,
    ) -> None:
        super().__init__(gap=gap, start=start, end=end)
        self.lines = lines
        self.role = role
        self.margin = margin
        self.fill = fill
        self.wraps = wraps

    def estimate(self, width: int) -> int:
        """Return about how many rows it takes, gap included."""
        if not self.wraps:
            return self.gap + len(self.lines)
        return self.gap + sum([1 + len(line) // max(1, width) for line in self.lines])

    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""
        drawn = Drawn()
        pen.gap(drawn, self.gap)
        width = pen.text_width(self.margin)
        offset = 0
        for number, line in enumerate(self.lines):
            pen.add_line(
                drawn,
                [(line, pen.palette[self.role])],
                self.margin,
                width,
                is_first=number == 0,
                base=offset,
                fill=self.fill,
                wraps=self.wraps,
            )
            offset += len(line) + 1
        return drawn


class Body(ABC):
    """The units of one block; ``update`` brings them up to date with it."""

    __slots__ = ("units",)

    def __init__(self) -> None:
        self.units: list[Unit] = []

    @abstractmethod
    def update(self) -> int:
        """Read the block again; return the position of the first unit that changed."""


def same_units(old: Sequence[Unit], new: Sequence[Unit]) -> int:
    """Return how many units at the start of both are the very same objects."""
    count = 0
    for before, after in zip(old, new, strict=False):
        if before is not after:
            break
        count += 1
    return count
