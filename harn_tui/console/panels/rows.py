"""What a tab of the side panel is: rows that are made only while they are looked at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from harn_tui.view.model import Changes, SessionView


class Look(StrEnum):
    """How a piece of a row is drawn; the values are parts of style names."""

    PLAIN = "plain"
    STRONG = "strong"
    MUTED = "muted"
    GOOD = "good"
    BAD = "bad"
    BUSY = "busy"
    ASKING = "asking"


class Run(NamedTuple):
    """A piece of a row. ``text`` has nothing in it that acts on a terminal."""

    text: str
    look: Look = Look.PLAIN


Row: TypeAlias = Sequence[Run]


class RowList(ABC):
    """Rows for a ``Listing``. No call costs more the longer the session is."""

    empty_text = "Nothing yet."
    follows_end = False
    """Whether new rows come at the end and are followed."""
    rows_per_entry = 1
    """How many rows belong together: a cursor and a click take all of them."""

    @abstractmethod
    def count(self) -> int:
        """Return the number of rows."""

    @abstractmethod
    def row(self, number: int, width: int) -> Row:
        """Return one row for ``width`` columns; what is too long is cut by the caller."""

    @abstractmethod
    def target(self, number: int) -> int | None:
        """Return the block that a row is about, as its index in the view."""


class RowSource(RowList):
    """The rows of one tab. ``take`` is told what there is; the other calls look at that.

    Only ``take`` after a move in a replay may cost more.
    """

    @abstractmethod
    def heading(self, view: SessionView) -> str:
        """Return what the tab is called now."""

    @abstractmethod
    def concerns(self, view: SessionView, changes: Changes) -> bool:
        """Whether ``changes`` may have changed a row."""

    @abstractmethod
    def take(self, view: SessionView, now_ms: int) -> None:
        """Look at ``view`` as of ``now_ms``; called before rows are drawn."""


def spread(left: Row, right: Row, width: int) -> Row:
    """Return a row with ``right`` at its end; what is too long on the left is cut."""
    room = width - sum(len(run.text) for run in right)
    kept: list[Run] = []
    for run in left:
        text = run.text if len(run.text) <= room else run.text[: max(0, room - 2)] + "… "
        kept.append(Run(text[: max(0, room)], run.look))
        room -= len(kept[-1].text)
        if room <= 0:
            break
    return [*kept, Run(" " * max(0, room)), *right]


def bar(share: float, width: int) -> str:
    """Return a bar of ``width`` columns that is filled to ``share``, 0 to 1."""
    filled = round(max(0.0, min(1.0, share)) * width)
    return "█" * filled + "░" * (width - filled)
