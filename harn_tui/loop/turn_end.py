"""Closes a turn: its hooks, then ``turn_end``, one for each ``turn_start`` (10.38)."""

from harn_tui.events.agent import TurnEnd
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LifecycleEvent
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.hook_payload import TextTurnEnd, after_text_turn, after_tool_turn
from harn_tui.loop.hook_runs import run_hooks
from harn_tui.loop.state import LoopState, Turn
from harn_tui.sinks.emit import aemit


async def close_turn(
    config: LoopConfig, state: LoopState, turn: Turn, end: TextTurnEnd | None = None
) -> None:
    """Run the ``PostAgentTurn`` hooks, then announce the end of the turn.

    ``end`` says how a turn of text alone ended, ``None`` after one with calls. A hook's error
    ends the run, after the turn has been closed.
    """
    try:
        await run_turn_hooks(config, state, turn, end)
    finally:
        await announce_turn_end(state, turn)


async def announce_turn_end(state: LoopState, turn: Turn) -> None:
    """Emit the ``turn_end`` of ``turn``; it is then no longer open."""
    state.open_turn = None
    await aemit(TurnEnd(state.session_id, turn.iteration, turn_info(state, turn)))


async def run_turn_hooks(
    config: LoopConfig, state: LoopState, turn: Turn, end: TextTurnEnd | None = None
) -> None:
    """Run the ``PostAgentTurn`` hooks with what they are told of ``turn``."""
    if end is None:
        payload = after_tool_turn(state.session_id, turn_info(state, turn))
    else:
        text = turn.reply.text if turn.reply else ""
        payload = after_text_turn(state.session_id, iteration=turn.iteration, text=text, end=end)
    await run_hooks(config, state, LifecycleEvent.POST_AGENT_TURN, payload)


def turn_info(state: LoopState, turn: Turn) -> JsonObject:
    """Return the ``turn_info`` of docs/events.md for a turn as it stands; ledger calls left out."""
    has_parse_errors = bool(turn.reply and turn.reply.parse_errors)
    return {
        "tool_names": [outcome.tool_name for outcome in turn.outcomes],
        "tool_results": [outcome.as_turn_record() for outcome in turn.outcomes],
        "successful_tool_names": [*successful_tools(turn)],
        "tool_count": len(turn.outcomes),
        "iteration": turn.iteration,
        "failed": has_parse_errors or any(o.status != "ok" for o in turn.outcomes),
        "consecutive_single_tool_turns": state.consecutive_single_tool_turns,
        "session_tools_used": list(state.distinct_tools_used),
        "session_successful_tools": list(state.tools_successful),
    }


def successful_tools(turn: Turn) -> list[str]:
    """Return the names of the turn's calls that ended well, in order, with repeats."""
    return [outcome.tool_name for outcome in turn.outcomes if outcome.status == "ok"]
