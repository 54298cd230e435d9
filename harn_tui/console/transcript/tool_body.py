"""The body of a tool call: its header row, what streams in, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harn_tui.console.transcript.clean import clean_line, clean_output_line, split_lines
from harn_tui.console.transcript.clock_time import clock_time
from harn_tui.console.transcript.drawn_text import text_between
from harn_tui.console.transcript.palette import BOLD
from harn_tui.console.transcript.parallel_calls import are_side_by_side, group_words
from harn_tui.console.transcript.pen import Drawn, Pen
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_units import TextUnit
from harn_tui.console.transcript.tool_state import state_role, time_spent
from harn_tui.console.transcript.tool_summary import summarize
from harn_tui.console.transcript.tools.look import BODY_MARGIN, error_units, result_lines
from harn_tui.console.transcript.tools.registry import look_of
from harn_tui.console.transcript.unit import Body, HeaderRow, Unit
from harn_tui.console.transcript.wrap import Run
from harn_tui.view.model import ToolBlock
from harn_tui.view.tool_line import ToolState, tool_line

LIVE_LINES = 5
"""Lines of live output that are shown while a tool runs, replaced in place."""

_LIVE_CHARS = 6000
_PREVIEW_CHARS = 600
_ANY_WIDTH = 80
_PREVIEW_LINES = 3


class ToolHeader(HeaderRow):
    """The row that says what a tool call does and how it stands.

    Above it stands one on all of ``beside``, the calls of its reply, where it is the first of
    calls that ran side by side.
    """

    __slots__ = ("_beside", "_block", "_hint", "_shows_time")

    def __init__(
        self, block: ToolBlock, hint: str, beside: Sequence[ToolBlock], *, shows_time: bool
    ) -> None:
        super().__init__()
        self._block = block
        self._hint = hint
        self._beside: Sequence[ToolBlock] = ()
        self._shows_time = shows_time
        self.stand_beside(beside)

    def stand_beside(self, beside: Sequence[ToolBlock]) -> None:
        """Take ``beside`` for the calls of the reply, and have the row drawn again."""
        self._beside = beside if are_side_by_side(beside) else ()
        self.revision += 1

    def estimate(self, width: int) -> int:
        """Return how many rows it takes, gap included."""
        return super().estimate(width) + bool(self._beside)

    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""
        drawn = Drawn()
        pen.gap(drawn, self.gap)
        if self._beside:
            words, spent = group_words(self._beside, pen.now_ms)
            muted = pen.palette[Role.MUTED]
            marks = ((" ", Role.TEXT), ("║", Role.MUTED), (" ", Role.TEXT))
            pen.add_split_row(drawn, marks, [(words, muted)], [(spent, muted)], is_text=False)
        self._add_row(pen, drawn)
        return drawn

    def copied(self, drawn: Drawn, start: int, end: int) -> str:
        """Return the words of the call, without what stands at the end of the row."""
        shown = text_between(drawn, start, end)
        whole = text_between(drawn, 0, end)
        return tool_line(self._block).text if shown == whole else shown.rstrip()

    def _add_row(self, pen: Pen, drawn: Drawn) -> None:
        block, palette = self._block, pen.palette
        line = summarize(block)
        role = state_role(block, line.state)
        left: list[Run] = [
            (clean_line(line.verb[:80], reveal=True), palette.emphasized(Role.VERB, BOLD)),
            (" ", palette[Role.TEXT]),
            (clean_line(line.target, reveal=True), palette[Role.TEXT]),
        ]
        facts = [clean_line(fact, reveal=True) for fact in line.facts]
        notes = " · ".join([*facts, self._hint] if len(self._hint) > 1 else facts)
        if len(self._hint) == 1:
            notes += f" {self._hint}"
        if notes:
            left.append((f"  {notes}", palette[Role.MUTED]))
        spent = time_spent(block, pen.now_ms)
        clock = f"  {clock_time(block.started_at_ms)}" if self._shows_time else ""
        right: list[Run] = [
            (str(line.state), palette[Role.MUTED if line.state is ToolState.DONE else role]),
            (f" {spent}" if spent else "", palette[Role.MUTED]),
            (clock, palette[Role.FAINT]),
        ]
        marks = ((" ", Role.TEXT), (line.glyph, role), (" ", Role.TEXT))
        pen.add_split_row(drawn, marks, left, right)


class ToolBody(Body):
    """Rebuilt whole when the call changes: while it runs it has few units."""

    __slots__ = ("_beside", "_block", "_is_folded", "_shows_time")

    def __init__(
        self,
        block: ToolBlock,
        beside: Callable[[], Sequence[ToolBlock]] = tuple,
        *,
        is_folded: bool,
        shows_time: bool,
    ) -> None:
        """``beside`` gives the calls of its reply where it is the first of them."""
        super().__init__()
        self._block = block
        self._beside = beside
        self._is_folded = is_folded
        self._shows_time = shows_time

    def update(self) -> int:
        """Read the block again; all its units are new."""
        block = self._block
        below = self._below()
        header = ToolHeader(block, self._hint(), self._beside(), shows_time=self._shows_time)
        self.units = [header, *below]
        return 0

    def renew_header(self) -> Unit | None:
        """Read the other calls of the reply again; return the row that tells of them.

        What stands below it, which can be long, does not depend on them. ``None`` while the call
        has no rows.
        """
        header = next(iter(self.units), None)
        if isinstance(header, ToolHeader):
            header.stand_beside(self._beside())
        return header

    def _hint(self) -> str:
        block = self._block
        if not block.status.is_terminal:
            return ""
        return look_of(block).hint(block, self._is_folded)

    def _below(self) -> list[Unit]:
        block = self._block
        if not block.status.is_terminal:
            return self._live() or self._preview()
        units = look_of(block).body(block, self._is_folded)
        if block.error:
            role = Role.ERROR if block.unrecovered else Role.MUTED
            units = [*error_units(block.error, role, is_folded=self._is_folded), *units]
        return units

    def _live(self) -> list[Unit]:
        """Return the last lines of the output of a running call."""
        output = self._block.live_output
        if not output.total_chars:
            return []
        if not self._is_folded:
            return result_lines(output.tail)
        lines = split_lines(_end(output.parts, _LIVE_CHARS))[-LIVE_LINES:]
        return [TextUnit(lines, Role.OUTPUT, BODY_MARGIN, clean=clean_output_line, wraps=False)]

    def _preview(self) -> list[Unit]:
        """Return the end of the arguments while they stream in."""
        partial = self._block.arguments_partial
        if not partial:
            return []
        text = partial[-_PREVIEW_CHARS:].replace("\\n", "\n").replace("\\t", "    ")
        lines = [line for line in split_lines(text) if line.strip()][-_PREVIEW_LINES:]
        return [TextUnit(lines, Role.MUTED, BODY_MARGIN, clean=clean_output_line, wraps=False)]


def has_more(block: ToolBlock) -> bool:
    """Whether a call shows more when it is open; a short result is shown whole either way."""
    if not block.status.is_terminal:
        return bool(block.live_output.total_chars)
    if block.error and _error_rows(block.error, True) != _error_rows(block.error, False):
        return True
    look = look_of(block)
    return look.hint(block, True) != look.hint(block, False)


def _error_rows(error: str, is_folded: bool) -> int:
    units = error_units(error, Role.ERROR, is_folded=is_folded)
    return sum(unit.estimate(_ANY_WIDTH) for unit in units)


def _end(parts: Sequence[str], chars: int) -> str:
    """Return at least the last ``chars`` characters of the joined ``parts``, if there are."""
    kept: list[str] = []
    for part in reversed(parts):
        kept.append(part[-chars:])
        chars -= len(part)
        if chars <= 0:
            break
    return "".join(reversed(kept))
