"""The end of a turn that called tools (docs/loop.md, post-turn decisions)."""

from harn_tui.kinds import CompactionMode, HostMessageMode
from harn_tui.loop.compact_history import compact_if_due
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.declared_completion import accepts_completion
from harn_tui.loop.hook_runs import judge_turn
from harn_tui.loop.loop_stuck import end_stuck, is_past_nudging, turns_in_a_row
from harn_tui.loop.messages import record_message, runtime_message
from harn_tui.loop.parse_feedback import report_parse_errors
from harn_tui.loop.preflight import deliver_host_messages
from harn_tui.loop.state import LoopState, Turn
from harn_tui.loop.turn_callback import FEEDBACK_KIND
from harn_tui.loop.turn_end import close_turn, successful_tools, turn_info
from harn_tui.loop.turn_notes import record_notes, record_observations


async def end_tool_turn(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Return whether the run ends: a stopping tool, the callback, or an accepted completion.

    Compaction comes before the last feedback, so that what the model must read next is never
    summarised away; a stop by tools or callback skips both.
    """
    record_observations(config, state, turn)
    record_notes(state, turn)
    turn.has_host_words = deliver_host_messages(config, state, HostMessageMode.FINISH_STEP) > 0
    is_single = len(turn.outcomes) == 1
    state.consecutive_single_tool_turns = (
        state.consecutive_single_tool_turns + 1 if is_single else 0
    )
    await close_turn(config, state, turn)
    if _stops_after_tools(config, state, turn):
        return True
    if await _callback_stops(state, turn):
        return True
    await compact_if_due(config, state, CompactionMode.AUTO, turn.system)
    report_parse_errors(config, state, turn)
    if accepts_completion(config, state, turn):
        return True
    return not turn.made_progress and await _counts_as_idle(config, state, turn)


def _stops_after_tools(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    stopping = set(config.options.stop_after_successful_tools) & set(successful_tools(turn))
    if stopping:
        state.reason = f"{', '.join(sorted(stopping))} succeeded"
    return bool(stopping)


async def _callback_stops(state: LoopState, turn: Turn) -> bool:
    """Ask the post-turn callback, if there is one; its message is injected before it may stop."""
    verdict = await judge_turn(state, turn_info(state, turn))
    if verdict.message is not None:
        record_message(state, runtime_message(FEEDBACK_KIND, verdict.message))
    if verdict.must_stop:
        state.reason = "the post-turn callback stopped the run"
    return verdict.must_stop


async def _counts_as_idle(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Count a turn of nothing but mistaken ledger calls; return whether it was one too many."""
    if not is_past_nudging(config, state):
        return False
    reason = f"{turns_in_a_row(state.consecutive_text_only)} without progress"
    await end_stuck(state, turn, limit=config.options.max_nudges, reason=reason)
    return True
