"""The card of a compaction: its title, the request before and after, the summary when open."""

from __future__ import annotations

from harn_tui.console.transcript.clean import clean_line
from harn_tui.console.transcript.pen import PLAIN_MARGIN, Drawn, Margin, Pen
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_bodies import counted, mark_margin
from harn_tui.console.transcript.text_units import NoteUnit, text_units
from harn_tui.console.transcript.unit import Body, Unit
from harn_tui.view.compaction_words import compaction_title, saving_words
from harn_tui.view.model import CompactionBlock

CARD_ROWS = 3
"""Rows of a card without a summary, where nothing wraps."""

_MOST_BAR_CELLS = 32
_LEAST_BAR_CELLS = 8
_LABELS = ("before", "after ")
_SUMMARY_BAR = (("   ", Role.TEXT), ("▏ ", Role.THOUGHT_MARK))


class CompactionBody(Body):
    """What was compacted and what that saved; below it the summary, when it is open."""

    __slots__ = ("_block", "_is_folded")

    def __init__(self, block: CompactionBlock, *, is_folded: bool) -> None:
        super().__init__()
        self._block = block
        self._is_folded = is_folded

    def update(self) -> int:
        """Read the block again; all its units are new."""
        block = self._block
        margin = mark_margin("≡", Role.THOUGHT_MARK)
        self.units = [
            NoteUnit(compaction_title(block), margin, role=Role.TEXT),
            BeforeAfterUnit(block),
        ]
        if block.summary:
            self.units += self._summary(block.summary)
        return 0

    def _summary(self, text: str) -> list[Unit]:
        lines = counted(text.count("\n") + 1, "line")
        title = f"summary, {lines} {'▸' if self._is_folded else '▾'}"
        units: list[Unit] = [NoteUnit(title, PLAIN_MARGIN, role=Role.MUTED, is_toggle=True)]
        if not self._is_folded:
            bar = Margin(_SUMMARY_BAR, _SUMMARY_BAR)
            units += text_units(text, Role.OUTPUT, bar, clean=_revealed)
        return units


class BeforeAfterUnit(Unit):
    """Two rows: the tokens of the request before and after, as bars where there is room."""

    __slots__ = ("_block",)

    def __init__(self, block: CompactionBlock) -> None:
        super().__init__()
        self._block = block

    def estimate(self, width: int) -> int:
        """Return about how many rows it takes, gap included."""
        del width
        return self.gap + len(_LABELS)

    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""
        drawn = Drawn()
        pen.gap(drawn, self.gap)
        block = self._block
        sizes = (block.tokens_before, block.tokens_after)
        saving = saving_words(block)
        width = pen.text_width(PLAIN_MARGIN)
        figures = [f"{max(0, size):,}" for size in sizes]
        room = max(map(len, figures))
        words = [f"{figure:>{room}} tokens" for figure in figures]
        words[1] += f", {saving}" if saving else ""
        longest = max(map(len, words))
        cells = min(_MOST_BAR_CELLS, width - longest - len(_LABELS[0]) - 2)
        is_smaller = sizes[1] < sizes[0]
        roles = (Role.OUTPUT, Role.SUCCESS if is_smaller else Role.WARNING)
        base = 0
        for label, size, word, role in zip(_LABELS, sizes, words, roles, strict=True):
            runs = [(f"{label} ", pen.palette[Role.MUTED])]
            if cells >= _LEAST_BAR_CELLS:
                bar = "━" * _bar_cells(size, max(sizes), cells)
                runs.append((f"{bar:<{cells}} ", pen.palette[role]))
            runs.append((word, pen.palette[Role.TEXT]))
            pen.add_line(drawn, runs, PLAIN_MARGIN, width, base=base, wraps=False)
            base += sum(len(text) for text, _ in runs) + 1
        return drawn


def _bar_cells(size: int, largest: int, cells: int) -> int:
    """Return the length of a bar; something is never drawn as nothing."""
    if size <= 0 or largest <= 0:
        return 0
    return max(1, round(cells * size / largest))


def _revealed(line: str) -> str:
    return clean_line(line, reveal=True)
