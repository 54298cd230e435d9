"""The tab of the context: what the next model call sends, by where it came from."""

from __future__ import annotations

from collections.abc import Callable

from harn_tui.console.amounts import format_count
from harn_tui.console.panels.rows import Look, Row, RowSource, Run, bar, spread
from harn_tui.console.plain_text import one_line
from harn_tui.view.context import ContextSource
from harn_tui.view.model import Changes, CompactionBlock, SessionView

_BAR_COLUMNS = 10


class ContextRows(RowSource):
    """Sizes are estimates and marked with ``~``, but for what the provider counted."""

    empty_text = "No model call yet."

    def __init__(self) -> None:
        self.window: Callable[[], int | None] = lambda: None
        """Tells the size of the model's context in tokens; ``None`` when unknown."""
        self._rows: list[tuple[Row, Row, int | None]] = []
        self._compactions: list[int] = []
        self._looked_at = 0
        self._view = SessionView()

    def heading(self, view: SessionView) -> str:
        """Return the name with how full the window is, or how much is in it."""
        used, window = view.last_input_tokens, self.window()
        if not used:
            return "Context"
        return f"Context {used / window:.0%}" if window else f"Context {format_count(used)}"

    def concerns(self, view: SessionView, changes: Changes) -> bool:
        """Whether a call began or ended; messages come with those."""
        return changes.status or any(
            isinstance(view.blocks[index], CompactionBlock) for index in changes.blocks
        )

    def take(self, view: SessionView, now_ms: int) -> None:
        """Add up the sources; their number depends on the tools in use, not on the session."""
        self._find_compactions(view)
        if view.context.instruction_tokens is None:
            self._rows = []
            return
        parts = self._parts(view)
        total = max(1, sum(tokens for _, _, tokens, _ in parts))
        self._rows = [self._total_row(view, total)]
        for name, look, tokens, mark in parts:
            size = [Run(f"{mark}{format_count(tokens)} ", Look.MUTED)]
            share = Run(bar(tokens / total, _BAR_COLUMNS), look)
            self._rows.append(([share, Run(f" {name}")], size, None))
        self._rows += [self._compaction_row(view, index) for index in self._compactions[-50:]]

    def _find_compactions(self, view: SessionView) -> None:
        if view is not self._view or len(view.blocks) < self._looked_at:
            self._view, self._compactions, self._looked_at = view, [], 0
        for index in range(self._looked_at, len(view.blocks)):
            if isinstance(view.blocks[index], CompactionBlock):
                self._compactions.append(index)
        self._looked_at = len(view.blocks)

    def _parts(self, view: SessionView) -> list[tuple[str, Look, int, str]]:
        """Return (name, look, tokens, mark of an estimate), largest sources first."""
        context = view.context
        parts = [
            ("instructions", Look.BUSY, context.instruction_tokens or 0, "~"),
            ("tools and framing", Look.BUSY, context.uncounted_tokens, "~"),
        ]
        for source, label, tokens in context.rows():
            is_result = source is ContextSource.RESULTS
            name = f"{one_line(label)} results" if is_result and label else str(source)
            look = Look.ASKING if is_result else Look.GOOD
            parts.append((name, look, tokens, "~"))
        return [part for part in parts if part[2]]

    def _total_row(self, view: SessionView, estimated: int) -> tuple[Row, Row, int | None]:
        counted = view.last_input_tokens
        size = format_count(counted) if counted else f"~{format_count(estimated)}"
        window = self.window()
        if window is None:
            return [Run(f" {size} tokens in the context", Look.STRONG)], [], None
        words = f" {size} of {format_count(window)} tokens"
        share = (counted or estimated) / window
        look = Look.BAD if share > 0.9 else Look.ASKING if share > 0.7 else Look.STRONG
        return [Run(words, look)], [Run(f"{share:.0%} ", look)], None

    def _compaction_row(self, view: SessionView, index: int) -> tuple[Row, Row, int | None]:
        block = view.blocks[index]
        assert isinstance(block, CompactionBlock), "found as one"
        sizes = f"{format_count(block.tokens_before)} → {format_count(block.tokens_after)} "
        words = f" ⇣ {block.archived_messages} messages summarised"
        return [Run(words, Look.MUTED)], [Run(sizes, Look.MUTED)], index

    def count(self) -> int:
        """Return the total, a row a source, and a row a compaction."""
        return len(self._rows)

    def row(self, number: int, width: int) -> Row:
        """Return a share, its name and its size."""
        left, right, _ = self._rows[number]
        return spread(left, right, width)

    def target(self, number: int) -> int | None:
        """Return the compaction of a compaction's row."""
        return self._rows[number][2]
