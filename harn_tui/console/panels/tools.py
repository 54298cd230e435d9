"""The side panel's table of tool calls: state, tool, object, times. Draws only visible rows."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from harn_tui.console.amounts import format_duration
from harn_tui.console.plain_text import one_line
from harn_tui.view.model import SessionView, ToolBlock
from harn_tui.view.tool_line import ToolState, tool_line

_LOOKS = {
    ToolState.ANNOUNCED: "muted",
    ToolState.WAITING: "asking",
    ToolState.RUNNING: "busy",
    ToolState.DONE: "good",
    ToolState.FAILED: "bad",
    ToolState.TIMED_OUT: "bad",
    ToolState.REFUSED: "bad",
    ToolState.INTERRUPTED: "asking",
}

_FAILURES = frozenset({ToolState.FAILED, ToolState.TIMED_OUT})

ROWS_PER_CALL = 2


class ToolTable(ScrollView, can_focus=False):
    """Two rows a call, newest last; a click goes to the call in the transcript."""

    DEFAULT_CSS = """
    ToolTable { height: 1fr; padding: 0; scrollbar-size-vertical: 1; background: $surface; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tool-table--plain",
        "tool-table--muted",
        "tool-table--good",
        "tool-table--bad",
        "tool-table--busy",
        "tool-table--asking",
    }
    DEFAULT_CSS += """
    ToolTable .tool-table--plain { color: $foreground; background: $surface; }
    ToolTable .tool-table--muted { color: $muted; background: $surface; }
    ToolTable .tool-table--good { color: $success; background: $surface; }
    ToolTable .tool-table--bad { color: $error; background: $surface; }
    ToolTable .tool-table--busy { color: $primary; background: $surface; }
    ToolTable .tool-table--asking { color: $warning; background: $surface; }
    """

    class Chosen(Message):
        """A call was clicked; ``block`` is its index in the view."""

        def __init__(self, block: int) -> None:
            super().__init__()
            self.block = block

    def __init__(self) -> None:
        super().__init__(id="tool-table")
        self._view: SessionView | None = None
        self._indices: list[int] = []

    def show(self, view: SessionView) -> None:
        """Draw the calls of ``view``; stays at the end if it was there."""
        was_at_end = self.scroll_offset.y >= self.max_scroll_y
        self._view = view
        self._indices = [
            index for index in view.tools_by_id.values() if not _tool(view, index).discarded
        ]
        self.virtual_size = Size(self.size.width, len(self._indices) * ROWS_PER_CALL)
        if was_at_end:
            self.scroll_end(animate=False, immediate=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one row of the window."""
        row = y + self.scroll_offset.y
        number, part = divmod(row, ROWS_PER_CALL)
        width = self.scrollable_content_region.width
        plain = self.get_component_rich_style("tool-table--plain")
        if self._view is None or number >= len(self._indices):
            return Strip.blank(width, plain)
        block = _tool(self._view, self._indices[number])
        return Strip(self._rows(block)[part]).adjust_cell_length(width, plain)

    def on_click(self, event: events.Click) -> None:
        """Go to the clicked call."""
        number = (event.y + self.scroll_offset.y) // ROWS_PER_CALL
        if 0 <= number < len(self._indices):
            self.post_message(self.Chosen(self._indices[number]))

    def _rows(self, block: ToolBlock) -> tuple[list[Segment], list[Segment]]:
        line = tool_line(block)
        style, muted = self._style(_look(block, line.state)), self._style("muted")
        times = tool_times(block)
        first = [
            Segment(f" {line.glyph} ", style),
            Segment(one_line(block.tool_name), self._style("plain")),
            Segment(f" {line.state}", style),
            Segment(f"  {times}" if times else "", muted),
        ]
        return first, [Segment(f"   {line.object}", muted)]

    def _style(self, look: str) -> Style:
        return self.get_component_rich_style(f"tool-table--{look}")


def _look(block: ToolBlock, state: ToolState) -> str:
    """Return the look of a call; a failure that the run may make good yet is muted."""
    return "muted" if state in _FAILURES and not block.unrecovered else _LOOKS[state]


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


def _tool(view: SessionView, index: int) -> ToolBlock:
    block = view.blocks[index]
    assert isinstance(block, ToolBlock), "tools_by_id names tool blocks only"
    return block
