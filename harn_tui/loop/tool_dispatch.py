"""Phase 4, tool dispatch: runs the calls of a turn, one after the other, and answers each.

Every call gets exactly one terminal event and exactly one result message, whatever happens; a
cancellation answers the calls that did not get to run as well.
"""

import asyncio

from harn_tui.loop.config import LoopConfig
from harn_tui.loop.messages import INTERRUPTED_RESULT, record_message, tool_message
from harn_tui.loop.state import LoopState, ToolCallOutcome, Turn
from harn_tui.loop.tool_call import ToolCallRun
from harn_tui.providers.base import ToolCallRequest


async def run_tool_dispatch(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    """Run the turn's calls in order and put their results into the history."""
    calls = turn.completion.tool_calls if turn.completion else ()
    if calls:
        state.consecutive_text_only = 0
    runs = [ToolCallRun(config, state, call) for call in calls]
    for run in runs:
        run.announce()
    answered = 0
    try:
        await asyncio.sleep(0)  # a cancellation that came with the reply is noticed here
        for run in runs:
            _answer(state, turn, run, await run.run())
            answered += 1
    except asyncio.CancelledError:
        for run in runs[answered:]:
            _answer_interrupted(state, turn, run)
        raise


def _answer(state: LoopState, turn: Turn, run: ToolCallRun, outcome: ToolCallOutcome) -> None:
    record_message(state, tool_message(run.call, outcome.text))
    turn.outcomes.append(outcome)
    _count(state, run.call, outcome)


def _answer_interrupted(state: LoopState, turn: Turn, run: ToolCallRun) -> None:
    """Answer a call that a cancellation stopped; one that had ended keeps its result."""
    if run.outcome is not None:
        _answer(state, turn, run, run.outcome)
        return
    run.fail_interrupted()
    record_message(state, tool_message(run.call, INTERRUPTED_RESULT))


def _count(state: LoopState, call: ToolCallRequest, outcome: ToolCallOutcome) -> None:
    if outcome.is_rejected:
        state.counters.tool_rejections += 1
        _add_once(state.tools_rejected, call.name)
        return
    state.tools_used.append(call.name)
    state.counters.tool_executions += 1
    if outcome.status == "ok":
        _add_once(state.tools_successful, call.name)


def _add_once(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)
