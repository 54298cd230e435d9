"""The row of a nested loop, updated in place; below it, when it is open, its task and its end."""

from __future__ import annotations

from harn_tui.console.transcript.clean import clean_line, clean_output_line
from harn_tui.console.transcript.palette import BOLD
from harn_tui.console.transcript.pen import Drawn, Pen
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_units import text_units
from harn_tui.console.transcript.tools.look import BODY_MARGIN
from harn_tui.console.transcript.unit import Body, HeaderRow
from harn_tui.console.transcript.wrap import Run
from harn_tui.view.model import WorkerBlock
from harn_tui.view.worker_line import WorkerState, worker_line

_ROLES = {
    WorkerState.RUNNING: Role.RUNNING,
    WorkerState.WAITING: Role.WAITING,
    WorkerState.DONE: Role.SUCCESS,
    WorkerState.FAILED: Role.ERROR,
    WorkerState.CANCELLED: Role.WARNING,
    WorkerState.INTERRUPTED: Role.WARNING,
}


class WorkerHeader(HeaderRow):
    """The one row that says who it is, what it does and how it stands."""

    __slots__ = ("_block", "_is_folded")

    def __init__(self, block: WorkerBlock, *, is_folded: bool) -> None:
        super().__init__()
        self._block = block
        self._is_folded = is_folded

    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""
        drawn = Drawn()
        pen.gap(drawn, self.gap)
        line, palette = worker_line(self._block), pen.palette
        role = _ROLES[line.state]
        left: list[Run] = [
            ("Agent ", palette.emphasized(Role.VERB, BOLD)),
            (clean_line(line.name, reveal=True), palette[Role.TEXT]),
        ]
        if line.doing:
            left.append((f"  {clean_line(line.doing, reveal=True)}", palette[Role.MUTED]))
        facts = "".join(f" · {fact}" for fact in line.facts)
        right: list[Run] = [
            (str(line.state), palette[Role.MUTED if line.state is WorkerState.DONE else role]),
            (f"{facts} {'▸' if self._is_folded else '▾'}", palette[Role.MUTED]),
        ]
        marks = ((" ", Role.TEXT), (line.glyph, role), (" ", Role.TEXT))
        pen.add_split_row(drawn, marks, left, right)
        return drawn


class WorkerBody(Body):
    """Rebuilt whole when the nested loop has moved: it has few units."""

    __slots__ = ("_block", "_is_folded")

    def __init__(self, block: WorkerBlock, *, is_folded: bool) -> None:
        super().__init__()
        self._block = block
        self._is_folded = is_folded

    def update(self) -> int:
        """Read the block again; all its units are new."""
        self.units = [WorkerHeader(self._block, is_folded=self._is_folded)]
        if not self._is_folded:
            for text, role in self._below():
                self.units += text_units(text, role, BODY_MARGIN, clean=clean_output_line)
        return 0

    def _below(self) -> list[tuple[str, Role]]:
        block = self._block
        parts = [(block.task, Role.OUTPUT)]
        if block.last_line:
            parts.append((f"last said: {block.last_line}", Role.MUTED))
        if block.error:
            parts.append((block.error, Role.ERROR))
        if block.session_id:
            parts.append((f"its session: {block.session_id}", Role.MUTED))
        return parts
