"""Begins a run with the calls that an earlier process left before they began (docs/loop.md).

Their turn has had its preflight and its model call there; dispatch and post turn are to come.
"""

from harn_tui.events.agent import TurnStart
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.messages import unanswered_calls
from harn_tui.loop.state import DAEMON_ACTIVE, LoopState, Turn
from harn_tui.loop.tool_set import offer_tools
from harn_tui.sinks.emit import aemit


async def begin_taken_up_turn(config: LoopConfig, state: LoopState) -> Turn:
    """Return the first turn of the run, which has the calls of the history without a result."""
    state.iterations = 1
    if state.daemon_state is not None:
        state.daemon_state = DAEMON_ACTIVE
    calls = tuple(unanswered_calls(state.messages))
    turn = Turn(iteration=0, taken_up=calls, announced_ids={call.id for call in calls})
    offer_tools(config, state)
    state.open_turn = turn
    await aemit(TurnStart(state.session_id, turn.iteration))
    return turn
