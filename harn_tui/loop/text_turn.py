"""The end of a turn without tool calls (docs/loop.md, post-turn decisions)."""

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT
from harn_tui.kinds import HostMessageMode
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.daemon_turn import run_daemon_idle
from harn_tui.loop.declared_completion import accepts_completion
from harn_tui.loop.gate_texts import action_required
from harn_tui.loop.hook_payload import TextTurnEnd
from harn_tui.loop.loop_stuck import (
    end_stuck,
    is_past_nudging,
    is_past_parse_failures,
    turns_in_a_row,
)
from harn_tui.loop.messages import record_message, runtime_message
from harn_tui.loop.offered_tools import has_tools
from harn_tui.loop.parse_feedback import report_parse_errors
from harn_tui.loop.preflight import deliver_host_messages
from harn_tui.loop.prompts import nudge
from harn_tui.loop.state import LoopState, Turn
from harn_tui.loop.turn_end import close_turn
from harn_tui.loop.turn_notes import record_notes
from harn_tui.loop.waiting_lines import take_waiting_lines


async def end_text_turn(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Return whether the run ends; the first case that applies decides."""
    record_notes(state, turn)
    recorded = len(state.messages)
    if accepts_completion(config, state, turn):
        await close_turn(config, state, turn, TextTurnEnd.SENTINEL_HIT)
        return True
    if turn.reply is not None and turn.reply.parse_errors:
        return await _end_unreadable_turn(config, state, turn)
    state.consecutive_parse_failures = 0
    if _must_act_first(config, state):
        return await _end_idle_talk(config, state, turn)
    options = config.options
    if not options.persistent:
        if options.daemon:
            return await run_daemon_idle(config, state, turn)
        await close_turn(config, state, turn, TextTurnEnd.ANSWERED)
        return True
    if _takes_words(config, state):
        await close_turn(config, state, turn, TextTurnEnd.HOST_INPUT)
        return False
    was_told_why = len(state.messages) > recorded
    return await _nudge_or_give_up(config, state, turn, needs_nudge=not was_told_why)


def _takes_words(config: LoopConfig, state: LoopState) -> bool:
    """Whether somebody's words came meanwhile: they say better than a nudge how to go on."""
    is_delivered = deliver_host_messages(config, state, HostMessageMode.FINISH_STEP) > 0
    is_taken = take_waiting_lines(config, state, of_person=True)
    if is_taken:
        state.consecutive_text_only = 0
    return is_delivered or is_taken


def _must_act_first(config: LoopConfig, state: LoopState) -> bool:
    """Whether the loop demands a tool call before any plain answer, and none has run yet."""
    options = config.options
    is_native = options.tool_format == NATIVE_TOOL_FORMAT
    demands = is_native and options.turn_policy.require_action_or_yield
    return demands and has_tools(state) and not state.has_acted


async def _end_unreadable_turn(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Tell the model what could not be read, or give up after too many such turns (10.46)."""
    limit = config.options.max_parse_failures
    if is_past_parse_failures(config, state):
        count = state.consecutive_parse_failures
        reason = f"{turns_in_a_row(count)} whose tool calls could not be read"
        await end_stuck(state, turn, limit=limit, reason=reason)
        await close_turn(config, state, turn, TextTurnEnd.STUCK)
        return True
    report_parse_errors(config, state, turn)
    await close_turn(config, state, turn, TextTurnEnd.PARSE_ERROR)
    return False


async def _end_idle_talk(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Refuse a plain answer where a tool call is demanded first."""
    if is_past_nudging(config, state):
        return await _give_up(config, state, turn)
    content = action_required(config.options)
    record_message(state, runtime_message("action_required", content))
    await close_turn(config, state, turn, TextTurnEnd.ACTION_REQUIRED)
    return False


async def _nudge_or_give_up(
    config: LoopConfig, state: LoopState, turn: Turn, *, needs_nudge: bool
) -> bool:
    if is_past_nudging(config, state):
        return await _give_up(config, state, turn)
    if needs_nudge:
        is_too_long = turn.reply is not None and turn.reply.is_prose_too_long
        content = nudge(config.options, has_tools=has_tools(state), is_prose_too_long=is_too_long)
        record_message(state, runtime_message("nudge", content))
    await close_turn(config, state, turn, TextTurnEnd.CONTINUE)
    return False


async def _give_up(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    reason = f"{turns_in_a_row(state.consecutive_text_only)} without a tool call"
    await end_stuck(state, turn, limit=config.options.max_nudges, reason=reason)
    await close_turn(config, state, turn, TextTurnEnd.STUCK)
    return True
