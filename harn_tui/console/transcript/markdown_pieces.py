"""The pieces that a Markdown text is cut into: the smallest things that are laid out alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from rich.cells import cell_len

from harn_tui.console.transcript.pen import Margin

MAX_LEAF_CHARS = 2048
"""A paragraph longer than this is cut, so that its open end stays cheap to lay out again."""

MAX_LEAF_LINES = 24
"""A paragraph of more lines is cut as well; as lines are kept, that cannot be seen."""

CODE_LINES = 12
"""Lines of a fence in one piece."""

TABLE_ROWS = 8
"""Rows of a table in one piece."""

MAX_CELL_CHARS = 400
"""Longest table cell that is drawn, in characters."""

_MARKUP = re.compile(r"\*\*|__|~~|`+|!?\[([^\[\]]*)\]\([^()]*\)|<br */?>")


class PieceKind(Enum):
    """How a piece is drawn."""

    LEAF = auto()
    CODE = auto()
    TABLE = auto()


@dataclass(slots=True)
class Table:
    """What all pieces of one table share.

    ``widths`` are the widest cells so far, in cells, those of a row that is still streaming
    included. ``changes`` counts their changes, so that pieces know when to be laid out again.
    """

    alignments: tuple[str, ...]
    widths: list[int] = field(default_factory=list)
    changes: int = 0
    _settled: list[int] = field(default_factory=list)

    def measure(self, cells: list[str]) -> None:
        """Widen the columns for one more row."""
        self._settled = self._widened(self._settled, cells)
        self._show(self._settled)

    def measure_open(self, cells: list[str]) -> None:
        """Widen the columns for a row that is not complete, instead of the last such row."""
        self._show(self._widened(self._settled, cells))

    def _widened(self, widths: list[int], cells: list[str]) -> list[int]:
        widened = widths or [0] * len(self.alignments)
        found = [cell_len(_shown(cell[:MAX_CELL_CHARS])) for cell in cells[: len(widened)]]
        found += [0] * (len(widened) - len(found))
        return [max(pair) for pair in zip(widened, found, strict=True)]

    def _show(self, widths: list[int]) -> None:
        if widths != self.widths:
            self.widths = widths
            self.changes += 1


@dataclass(slots=True)
class Piece:
    """A part of a Markdown text with its container prefixes taken off.

    ``start`` and ``end`` are its place in the text; ``margin`` draws its quote bars, list
    marker and indent; ``gap`` is the number of blank rows above it. ``is_open`` while more text
    may change it. Code: ``language``, ``context`` (the piece before in the same fence) and
    ``cut_chars``, characters of its last line that are not in ``source``. Table: ``table`` and
    whether the first row of ``source`` is its header.
    """

    kind: PieceKind
    source: str
    start: int
    end: int
    margin: Margin
    gap: int
    is_open: bool = False
    language: str = ""
    context: str = ""
    cut_chars: int = 0
    table: Table | None = None
    has_header: bool = False


def _shown(cell: str) -> str:
    """Return about what is left of a cell when its markup is drawn; never longer."""
    return _MARKUP.sub(lambda match: match.group(1) or "", cell) if cell else cell
