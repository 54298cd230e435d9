"""The tool calls of the newest run on a time axis: what waited, what ran, what overlapped."""

from __future__ import annotations

from typing import NamedTuple

from harn_tui.console.amounts import format_duration
from harn_tui.console.panels.rows import Look, Row, RowSource, Run
from harn_tui.console.panels.tool_rows import tool_look
from harn_tui.view.model import Changes, SessionView, ToolBlock
from harn_tui.view.model_call import ModelCall
from harn_tui.view.tool_line import ToolState, tool_line, tool_name_words

_LEAST_NAME_COLUMNS, _MOST_NAME_COLUMNS = 13, 24
_TIME_COLUMNS = 9
_LAST_CALLS = 200


class _Span(NamedTuple):
    """One bar: waiting from ``begun_ms`` to ``ran_ms``, then at work to ``ended_ms``."""

    name: str
    look: Look
    begun_ms: int
    ran_ms: int
    ended_ms: int
    block: int | None


class WaterfallRows(RowSource):
    """A bar for each model call of the newest run and, below it, for each of its tool calls."""

    empty_text = "No run yet."
    follows_end = True

    def __init__(self) -> None:
        self._spans: list[_Span] = []
        self._start_ms = 0
        self._end_ms = 1

    def heading(self, view: SessionView) -> str:
        """Return the name of the tab that it shares with the table."""
        return f"Tools {len(view.tools_by_id)}" if view.tools_by_id else "Tools"

    def concerns(self, view: SessionView, changes: Changes) -> bool:
        """Whether a call began, moved on or ended."""
        return changes.status or any(isinstance(view.blocks[i], ToolBlock) for i in changes.blocks)

    def take(self, view: SessionView, now_ms: int) -> None:
        """Lay the run out; of a very long one its last model calls."""
        start_ms = view.run_started_at_ms
        self._spans = []
        if start_ms is None:
            return
        end_ms = view.run_ended_at_ms if not view.is_running else None
        end_ms = end_ms if end_ms is not None else max(now_ms, view.last_event_at_ms)
        for call in view.calls[-_LAST_CALLS:]:
            if call.started_at_ms >= start_ms:
                self._add_call(view, call, end_ms)
        first = self._spans[0].begun_ms if self._spans else start_ms
        self._start_ms, self._end_ms = first, max(first + 1, end_ms)

    def _add_call(self, view: SessionView, call: ModelCall, end_ms: int) -> None:
        ended = call.ended_at_ms if call.ended_at_ms is not None else end_ms
        answered = call.started_at_ms + (call.time_to_first_token_ms or 0)
        look = Look.BAD if call.is_cut else Look.PLAIN
        name = f"call {call.number}"
        self._spans.append(_Span(name, look, call.started_at_ms, answered, ended, None))
        for index in call.tools:
            block = view.blocks[index]
            if isinstance(block, ToolBlock) and not block.discarded:
                self._spans.append(_tool_span(block, index, end_ms))

    def count(self) -> int:
        """Return one row a bar."""
        return len(self._spans)

    def row(self, number: int, width: int) -> Row:
        """Return name, bar and duration."""
        span = self._spans[number]
        name_columns = max(_LEAST_NAME_COLUMNS, min(width // 4, _MOST_NAME_COLUMNS))
        columns = max(4, width - name_columns - _TIME_COLUMNS)
        scale = columns / (self._end_ms - self._start_ms)

        def place(at_ms: int) -> int:
            return max(0, min(columns, int((at_ms - self._start_ms) * scale)))

        begun, ran, ended = place(span.begun_ms), place(span.ran_ms), place(span.ended_ms)
        ended = min(columns, max(ended, begun + 1))
        ran = min(ran, ended)
        name = f" {span.name[: name_columns - 2]:<{name_columns - 2}} "
        time = format_duration(span.ended_ms - span.begun_ms)
        return [
            Run(name, Look.MUTED if span.block is None else Look.PLAIN),
            Run(" " * begun),
            Run("░" * (ran - begun), Look.ASKING),
            Run(("█" if span.block is not None else "▒") * (ended - ran), span.look),
            Run(" " * (columns - ended)),
            Run(f"{time:>{_TIME_COLUMNS - 1}}", Look.MUTED),
        ]

    def target(self, number: int) -> int | None:
        """Return the tool call; a model call has no block of its own."""
        return self._spans[number].block


def _tool_span(block: ToolBlock, index: int, end_ms: int) -> _Span:
    state = tool_line(block).state
    ran = block.running_since_ms
    waited_to = ran if ran is not None else end_ms
    ended = end_ms
    if block.status.is_terminal:
        ended = (ran if ran is not None else block.started_at_ms) + (block.duration_ms or 0)
        waited_to = min(waited_to, ended)
    look = tool_look(block, state) if state is not ToolState.ANNOUNCED else Look.MUTED
    name = f"  {tool_name_words(block)}"
    return _Span(name, look, block.started_at_ms, waited_to, max(ended, waited_to), index)
