"""The body of a block of Markdown text that may still be streaming."""

from __future__ import annotations

from harn_tui.console.transcript.delta_reader import DeltaReader
from harn_tui.console.transcript.markdown_pieces import Piece
from harn_tui.console.transcript.markdown_scan import MarkdownScanner
from harn_tui.console.transcript.markdown_units import LeafUnit, unit_of
from harn_tui.console.transcript.pen import PLAIN_MARGIN, Margin
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_units import NoteUnit
from harn_tui.console.transcript.unit import Body, Unit
from harn_tui.view.model import AssistantBlock


class MarkdownBody(Body):
    """Closed units, which are never touched again, and those of the open tail.

    ``head`` are units that stand above the text.
    """

    __slots__ = (
        "_block",
        "_closed",
        "_head",
        "_is_done",
        "_margin",
        "_reader",
        "_reference_count",
        "_role",
        "_scanner",
        "_was_interrupted",
    )

    def __init__(
        self,
        block: AssistantBlock,
        margin: Margin = PLAIN_MARGIN,
        role: Role = Role.TEXT,
        head: tuple[Unit, ...] = (),
    ) -> None:
        super().__init__()
        self._block = block
        self._margin = margin
        self._role = role
        self._head = head
        self._begin()

    def _begin(self) -> None:
        self._reader = DeltaReader()
        self._scanner = MarkdownScanner()
        self.units = list(self._head)
        self._closed = len(self._head)
        self._reference_count = 0
        self._is_done = False
        self._was_interrupted = False

    def update(self) -> int:
        """Take up the block's new text; return the position of the first unit that changed."""
        block = self._block
        new = self._reader.read(block.parts)
        if new is None or (new and self._is_done):
            self._begin()
            new = self._reader.read(block.parts)
        if self._is_done and block.interrupted == self._was_interrupted:
            return len(self.units)
        first = self._closed
        pieces = self._scanner.feed(new or "")
        if not block.is_open and not self._is_done:
            pieces = [*pieces, *self._scanner.finish()]
            self._is_done = True
        self._close(pieces)
        self._add_tail()
        if self._reference_count != len(self._scanner.references):
            return self._renew_for_references()
        return first

    def _close(self, pieces: list[Piece]) -> None:
        del self.units[self._closed :]
        self.units.extend(self._unit(piece) for piece in pieces)
        self._closed = len(self.units)

    def _add_tail(self) -> None:
        if not self._is_done:
            self.units.extend(self._unit(piece) for piece in self._scanner.tail())
        self._was_interrupted = self._block.interrupted
        if self._was_interrupted:
            self.units.append(NoteUnit("interrupted", self._margin, role=Role.WARNING))

    def _unit(self, piece: Piece) -> Unit:
        return unit_of(piece, self._margin, self._scanner.references, self._role)

    def _renew_for_references(self) -> int:
        """Make new units for text that a new link target may change; return the first."""
        self._reference_count = len(self._scanner.references)
        first = len(self.units)
        for position in range(len(self.units) - 1, -1, -1):
            unit = self.units[position]
            if isinstance(unit, LeafUnit) and "[" in unit.piece.source:
                renewed = unit_of(unit.piece, self._margin, unit.references, self._role)
                renewed.gap = unit.gap
                self.units[position] = renewed
                first = position
        return min(first, self._closed)
