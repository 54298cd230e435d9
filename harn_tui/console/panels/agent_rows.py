"""The tab of nested loops: who is at work, on what, and how long since it was last heard."""

from __future__ import annotations

from harn_tui.console.amounts import format_count, format_seconds
from harn_tui.console.panels.rows import Look, Row, RowSource, Run, spread
from harn_tui.view.model import Changes, SessionView, WorkerBlock
from harn_tui.view.worker_line import WorkerState, worker_line

_LOOKS = {
    WorkerState.RUNNING: Look.BUSY,
    WorkerState.WAITING: Look.ASKING,
    WorkerState.DONE: Look.GOOD,
    WorkerState.FAILED: Look.BAD,
    WorkerState.CANCELLED: Look.ASKING,
    WorkerState.INTERRUPTED: Look.ASKING,
}
_AT_WORK = frozenset({WorkerState.RUNNING, WorkerState.WAITING})


class AgentRows(RowSource):
    """Two rows an agent: its name and state, and what it does."""

    empty_text = "No agent was started."
    follows_end = True
    rows_per_entry = 2

    def __init__(self) -> None:
        self._view = SessionView()
        self._indices: list[int] = []
        self._now_ms = 0

    def heading(self, view: SessionView) -> str:
        """Return the name with the number of agents, those at work first."""
        working, all_of_them = len(view.unfinished_workers), len(view.workers_by_id)
        if not all_of_them:
            return "Agents"
        return f"Agents {working}/{all_of_them}" if working else f"Agents {all_of_them}"

    def concerns(self, view: SessionView, changes: Changes) -> bool:
        """Whether an agent is among the changed blocks."""
        return any(isinstance(view.blocks[index], WorkerBlock) for index in changes.blocks)

    def take(self, view: SessionView, now_ms: int) -> None:
        """Take the agents in the order in which they began."""
        self._view, self._now_ms = view, now_ms
        self._indices = list(view.workers_by_id.values())

    def count(self) -> int:
        """Return two rows an agent."""
        return len(self._indices) * self.rows_per_entry

    def row(self, number: int, width: int) -> Row:
        """Return name and state, or below them what it does."""
        place, part = divmod(number, self.rows_per_entry)
        block = self._block(place)
        line = worker_line(block)
        if part:
            return [Run(f"   {line.doing}", Look.MUTED)]
        look = _LOOKS[line.state]
        left = [Run(f" {line.glyph} ", look), Run(line.name), Run(f" {line.state}", look)]
        return spread(left, [Run(f"{self._facts(block, line.state)} ", Look.MUTED)], width)

    def worker_id(self, entry: int) -> str | None:
        """Return the id of one agent; ``None`` when there is no such entry."""
        return self._block(entry).worker_id if 0 <= entry < len(self._indices) else None

    def target(self, number: int) -> int | None:
        """Return the agent's row in the transcript."""
        return self._indices[number // self.rows_per_entry]

    def _facts(self, block: WorkerBlock, state: WorkerState) -> str:
        tokens = f"{format_count(block.tokens)} tok" if block.tokens else ""
        if state not in _AT_WORK:
            return tokens
        quiet = f"heard {format_seconds(self._now_ms - block.updated_at_ms)} ago"
        return f"{tokens} · {quiet}" if tokens else quiet

    def _block(self, place: int) -> WorkerBlock:
        block = self._view.blocks[self._indices[place]]
        assert isinstance(block, WorkerBlock), "workers_by_id names workers only"
        return block
