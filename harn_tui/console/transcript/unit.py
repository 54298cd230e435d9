"""The smallest thing that is laid out alone, and the bodies that blocks are made of."""

from __future__ import annotations

from abc import ABC, abstractmethod

from harn_tui.console.transcript.drawn_text import text_between
from harn_tui.console.transcript.pen import Drawn, Pen


class Unit(ABC):
    """A part of a block that is drawn as a whole.

    ``gap`` is the number of blank rows above it. ``start`` and ``end`` are its place in the
    block's source text, the base of logical copies. What changes in a unit after it was drawn
    must raise its ``revision``.
    """

    __slots__ = ("end", "gap", "revision", "start")

    def __init__(self, *, gap: int = 0, start: int = 0, end: int = 0) -> None:
        self.gap = gap
        self.start = start
        self.end = end
        self.revision = 0

    @property
    def version(self) -> int:
        """Changes when a drawn unit must be laid out again."""
        return self.revision

    @property
    def is_toggle(self) -> bool:
        """Whether a click on it folds or opens the block."""
        return False

    @property
    def is_remark(self) -> bool:
        """Whether it only says something about the text, and is left out of copies."""
        return False

    @property
    def searched(self) -> str:
        """The text of it that a search finds, where the block has no source that tells."""
        return ""

    def copied(self, drawn: Drawn, start: int, end: int) -> str:
        """Return what a copy of its drawn text from ``start`` to ``end`` is."""
        return text_between(drawn, start, end)

    @abstractmethod
    def estimate(self, width: int) -> int:
        """Return about how many rows it takes, gap included."""

    @abstractmethod
    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""


class HeaderRow(Unit):
    """The one row at the top of a block that folds."""

    __slots__ = ()

    @property
    def is_toggle(self) -> bool:
        """Whether a click on it folds or opens the block."""
        return True

    def estimate(self, width: int) -> int:
        """Return how many rows it takes, gap included."""
        del width
        return self.gap + 1


class Body(ABC):
    """The units of one block; ``update`` brings them up to date with it."""

    __slots__ = ("units",)

    def __init__(self) -> None:
        self.units: list[Unit] = []

    @abstractmethod
    def update(self) -> int:
        """Read the block again; return the position of the first unit that changed."""
