"""The body of reasoning: one row while folded, its text only when opened."""

from __future__ import annotations

from harn_tui.console.amounts import format_duration
from harn_tui.console.transcript.delta_reader import DeltaReader
from harn_tui.console.transcript.markdown_body import MarkdownBody
from harn_tui.console.transcript.pen import Margin
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_bodies import counted, mark_margin
from harn_tui.console.transcript.text_units import NoteUnit
from harn_tui.console.transcript.unit import Body
from harn_tui.view.model import ThoughtBlock

_BAR = (("   ", Role.TEXT), ("▏ ", Role.THOUGHT_MARK))


class ThoughtBody(Body):
    """A row that says how long and how much was thought; below it the text when open.

    While it is folded the text is only counted, never scanned or laid out.
    """

    __slots__ = ("_block", "_ends_in_word", "_reader", "_text", "_title", "_words")

    def __init__(self, block: ThoughtBlock, *, is_folded: bool) -> None:
        super().__init__()
        self._block = block
        self._reader = DeltaReader()
        self._words = 0
        self._ends_in_word = False
        margin = mark_margin("∴", Role.THOUGHT_MARK)
        self._title = NoteUnit("", margin, role=Role.MUTED, is_toggle=True)
        self._text: MarkdownBody | None = None
        if not is_folded:
            bar = Margin(_BAR, _BAR)
            self._text = MarkdownBody(block, bar, Role.THOUGHT, head=(self._title,))

    def update(self) -> int:
        """Take up new text; return the position of the first unit that changed."""
        self._count()
        self._title.say(self._words_and_time())
        if self._text is None:
            self.units = [self._title]
            return 0
        first = self._text.update()
        self.units = self._text.units
        return first

    def _count(self) -> None:
        new = self._reader.read(self._block.parts)
        if new is None:
            self._reader = DeltaReader()
            self._words, self._ends_in_word = 0, False
            new = self._reader.read(self._block.parts) or ""
        if not new:
            return
        self._words += len(new.split())
        if self._ends_in_word and not new[0].isspace():
            self._words -= 1
        self._ends_in_word = not new[-1].isspace()

    def _words_and_time(self) -> str:
        block = self._block
        words = counted(self._words, "word")
        mark = "▾" if self._text is not None else "▸"
        if block.is_open:
            return f"thinking, {words} {mark}"
        if block.ended_at_ms is None:
            return f"thought, {words} {mark}"
        spent = format_duration(block.ended_at_ms - block.started_at_ms)
        return f"thought for {spent}, {words} {mark}"
