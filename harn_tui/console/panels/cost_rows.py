"""The tab of costs: the session, each model call with its turn, each tool call with its share."""

from __future__ import annotations

from harn_tui.console.amounts import format_cost, format_count
from harn_tui.console.panels.rows import Look, Row, RowSource, Run, spread
from harn_tui.console.plain_text import one_line
from harn_tui.view.context import CHARACTERS_PER_TOKEN
from harn_tui.view.model import Changes, SessionView, ToolBlock
from harn_tui.view.model_call import ModelCall

_TOTAL_ROWS = 2


class CostRows(RowSource):
    """Two rows of totals, then a row a model call with a row for each of its tool calls.

    A tool call costs its share of the model call that asked for it; what its result adds to the
    context of every later call stands beside it, estimated.
    """

    empty_text = "No model call yet."
    follows_end = True

    def __init__(self) -> None:
        self._view = SessionView()
        self._rows: list[tuple[int, int | None]] = []
        self._settled_calls = 0
        self._settled_rows = 0

    def heading(self, view: SessionView) -> str:
        """Return the name with the cost so far."""
        cost = view.totals.billed_usd
        return f"Cost {format_cost(cost)}" if view.calls and cost is not None else "Cost"

    def concerns(self, view: SessionView, changes: Changes) -> bool:
        """Whether a call began or ended."""
        return changes.status

    def take(self, view: SessionView, now_ms: int) -> None:
        """Look at the calls since the last one that is settled."""
        if view is not self._view or len(view.calls) < self._settled_calls:
            self._view, self._settled_calls, self._settled_rows = view, 0, 0
        del self._rows[self._settled_rows :]
        for number, call in enumerate(view.calls[self._settled_calls :], self._settled_calls):
            self._settled_calls, self._settled_rows = number, len(self._rows)
            self._rows.append((number, None))
            self._rows += [(number, index) for index in call.tools]

    def count(self) -> int:
        """Return the totals and all rows of calls."""
        return _TOTAL_ROWS + len(self._rows) if self._rows else 0

    def row(self, number: int, width: int) -> Row:
        """Return what was spent, at the right what was sent and received."""
        if number < _TOTAL_ROWS:
            return self._total_row(number, width)
        place, index = self._rows[number - _TOTAL_ROWS]
        call = self._view.calls[place]
        if index is None:
            return spread(_call_words(call), _call_amounts(call), width)
        block = self._view.blocks[index]
        assert isinstance(block, ToolBlock), "calls name tool blocks only"
        share = call.cost_of_a_tool_usd
        adds = len(block.result_text or block.error or "") // CHARACTERS_PER_TOKEN
        cost = "" if share is None else f"{format_cost(share)} "
        right = [Run(f"+~{format_count(adds)} ", Look.MUTED), Run(cost, Look.MUTED)]
        return spread([Run(f"     {one_line(block.tool_name)}", Look.MUTED)], right, width)

    def _total_row(self, number: int, width: int) -> Row:
        totals = self._view.totals
        if number == 0:
            turns = f"{_counted(totals.calls, 'call')} in {_counted(self._view.turn, 'turn')} "
            unknown = "no price known" if totals.cost_usd is None else "no bill yet"
            billed = totals.billed_usd
            cost = unknown if billed is None else format_cost(billed)
            return spread([Run(f" {cost}", Look.STRONG)], [Run(turns, Look.MUTED)], width)
        sent, cached = totals.input_tokens, totals.cache_read_tokens
        share = f", {cached / sent:.0%} cached" if sent and cached else ""
        received = format_count(totals.output_tokens)
        return [Run(f" {format_count(sent)} in{share} · {received} out", Look.MUTED)]

    def target(self, number: int) -> int | None:
        """Return the tool call, or the first one of a model call."""
        if number < _TOTAL_ROWS:
            return None
        place, index = self._rows[number - _TOTAL_ROWS]
        tools = self._view.calls[place].tools
        return index if index is not None else (tools[0] if tools else None)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _call_words(call: ModelCall) -> Row:
    look = Look.BAD if call.is_cut else Look.BUSY if call.ended_at_ms is None else Look.PLAIN
    retries = f" {call.retries}× retried" if call.retries else ""
    return [
        Run(f" {call.number:>3}", look),
        Run(f" turn {call.turn}", Look.MUTED),
        Run(retries, Look.ASKING),
    ]


def _call_amounts(call: ModelCall) -> Row:
    if call.ended_at_ms is None:
        return [Run("under way ", Look.BUSY)]
    share = call.cached_share
    cached = f" {share:.0%}c" if share else ""
    sent, received = format_count(call.input_tokens), format_count(call.output_tokens)
    cost = "" if call.cost_usd is None else f" {format_cost(call.cost_usd)}"
    return [Run(f"{sent}→{received}{cached}", Look.MUTED), Run(f"{cost} ")]
