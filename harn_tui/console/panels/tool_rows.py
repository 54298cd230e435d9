"""The tab of tool calls: state, tool, object, times, who ran it; two rows a call, newest last."""

from __future__ import annotations

from itertools import islice

from harn_tui.console.amounts import format_duration
from harn_tui.console.panels.rows import Look, Row, RowSource, Run
from harn_tui.console.plain_text import one_line
from harn_tui.kinds import ToolErrorCategory
from harn_tui.view.model import Block, Changes, SessionView, ToolBlock
from harn_tui.view.tool_line import ToolState, tool_line, tool_name_words

TOOL_LOOKS = {
    ToolState.ANNOUNCED: Look.MUTED,
    ToolState.WAITING: Look.ASKING,
    ToolState.ASKING: Look.ASKING,
    ToolState.RUNNING: Look.BUSY,
    ToolState.DONE: Look.GOOD,
    ToolState.FAILED: Look.BAD,
    ToolState.TIMED_OUT: Look.BAD,
    ToolState.REFUSED: Look.BAD,
    ToolState.INTERRUPTED: Look.ASKING,
}
_FAILURES = frozenset({ToolState.FAILED, ToolState.TIMED_OUT})
_OWN_EXECUTOR = "harn_builtin"


class ToolRows(RowSource):
    """Every call that was not voided by a retry."""

    empty_text = "No calls yet."
    follows_end = True
    rows_per_entry = 2

    def __init__(self) -> None:
        self._view = SessionView()
        self._indices: list[int] = []
        self._looked_at = 0
        self._drops = False

    def heading(self, view: SessionView) -> str:
        """Return the name with the number of calls."""
        return f"Tools {len(view.tools_by_id)}" if view.tools_by_id else "Tools"

    def concerns(self, view: SessionView, changes: Changes) -> bool:
        """Whether a call is among the changed blocks."""
        changed = [view.blocks[index] for index in changes.blocks]
        calls = [block for block in changed if isinstance(block, ToolBlock)]
        self._drops = self._drops or any(call.discarded for call in calls)
        return bool(calls)

    def take(self, view: SessionView, now_ms: int) -> None:
        """Look at the calls that are new; at all of them after one was voided."""
        known = len(view.tools_by_id)
        if view is not self._view or self._drops or known < self._looked_at:
            self._view, self._drops = view, False
            self._indices, self._looked_at = [], 0
        fresh = islice(view.tools_by_id.values(), self._looked_at, None)
        # A slice, from the start on: a replay's view copies what is looked up one by one.
        blocks = view.blocks if self._looked_at else view.blocks[:]
        self._indices += [index for index in fresh if not _is_discarded(blocks[index])]
        self._looked_at = known

    def count(self) -> int:
        """Return two rows a call."""
        return len(self._indices) * self.rows_per_entry

    def row(self, number: int, width: int) -> Row:
        """Return the call's state, or below it what it is about."""
        place, part = divmod(number, self.rows_per_entry)
        block = _tool(self._view, self._indices[place])
        line = tool_line(block)
        if part:
            return [Run(f"   {line.object}{_ran_elsewhere(block)}", Look.MUTED)]
        times = tool_times(block)
        look = tool_look(block, line.state)
        return [
            Run(f" {line.glyph} ", look),
            Run(tool_name_words(block)),
            Run(f" {_state_words(block, line.state)}", look),
            Run(f"  {times}" if times else "", Look.MUTED),
        ]

    def target(self, number: int) -> int | None:
        """Return the call."""
        return self._indices[number // self.rows_per_entry]


def tool_look(block: ToolBlock, state: ToolState) -> Look:
    """Return the look of a call; a failure that the run may make good yet is muted."""
    return Look.MUTED if state in _FAILURES and not block.unrecovered else TOOL_LOOKS[state]


def tool_times(block: ToolBlock) -> str:
    """Return the time the tool itself took and, when it differs, the time the whole call took.

    The difference is waiting: for a person, for other calls, for parsing.
    """
    if block.duration_ms is None:
        return ""
    if block.execution_duration_ms is None:
        return format_duration(block.duration_ms)
    ran, total = format_duration(block.execution_duration_ms), format_duration(block.duration_ms)
    return ran if ran == total else f"{ran} of {total}"


def _state_words(block: ToolBlock, state: ToolState) -> str:
    """Return the state; of a failure its category too, when that says more."""
    category = block.error_category
    if state is not ToolState.FAILED or category in {None, ToolErrorCategory.TOOL_ERROR}:
        return str(state)
    return f"{state}: {one_line(str(category)).replace('_', ' ')}"


def _ran_elsewhere(block: ToolBlock) -> str:
    executor = block.executor
    if executor is None or executor.startswith(_OWN_EXECUTOR):
        return ""
    return f" · {one_line(executor)}"


def _is_discarded(block: Block) -> bool:
    return isinstance(block, ToolBlock) and block.discarded


def _tool(view: SessionView, index: int) -> ToolBlock:
    block = view.blocks[index]
    assert isinstance(block, ToolBlock), "tools_by_id names tool blocks only"
    return block
