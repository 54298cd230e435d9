"""Phase 5, post turn: decides whether the run goes on (docs/loop.md, post-turn decisions).

The only phase that stops a loop. A stop is never final while a person's line waits: a last look
at the queue turns it into one more turn (10.52).
"""

from harn_tui.events.agent import BudgetExhausted, LoopStuck, TurnEnd
from harn_tui.feedback.item import PREFILL_KIND
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Boundary, FeedbackState, HostMessageMode, LoopStatus
from harn_tui.loop.completion import has_acted, wants_completion
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.messages import record_message, runtime_message
from harn_tui.loop.preflight import deliver_host_messages
from harn_tui.loop.prompts import nudge, sentinel_without_action
from harn_tui.loop.state import FINISHED, LoopState, Turn
from harn_tui.sinks.emit import aemit

_EXCERPT_CHARS = 240


async def run_post_turn(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Return whether the run ends after this turn."""
    is_tool_turn = bool(turn.outcomes)
    state.consecutive_single_tool_turns = (
        state.consecutive_single_tool_turns + 1 if len(turn.outcomes) == 1 else 0
    )
    delivered = deliver_host_messages(config, state, HostMessageMode.FINISH_STEP)
    state.open_turn = None
    await aemit(TurnEnd(state.session_id, turn.iteration, turn_info(state, turn)))
    stops = (
        _ends_tool_turn(config, state, turn)
        if is_tool_turn
        else await _ends_text_turn(config, state, turn, has_host_messages=delivered > 0)
    )
    if stops:
        return not _claims_late_lines(config, state, turn)
    return _is_over_token_budget(config, state)


def turn_info(state: LoopState, turn: Turn) -> JsonObject:
    """Return the ``turn_info`` of docs/events.md for a turn as it stands."""
    return {
        "tool_names": [outcome.tool_name for outcome in turn.outcomes],
        "tool_results": [outcome.as_turn_record() for outcome in turn.outcomes],
        "successful_tool_names": [*_successful(turn)],
        "tool_count": len(turn.outcomes),
        "iteration": turn.iteration,
        "failed": any(outcome.status != "ok" for outcome in turn.outcomes),
        "consecutive_single_tool_turns": state.consecutive_single_tool_turns,
        "session_tools_used": list(dict.fromkeys(state.tools_used)),
        "session_successful_tools": list(state.tools_successful),
    }


def _successful(turn: Turn) -> list[str]:
    return [outcome.tool_name for outcome in turn.outcomes if outcome.status == "ok"]


def _ends_tool_turn(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    stopping = set(config.options.stop_after_successful_tools) & set(_successful(turn))
    if stopping:
        state.reason = f"{', '.join(sorted(stopping))} succeeded"
        return True
    return _accepts_completion(config, state, turn)


async def _ends_text_turn(
    config: LoopConfig, state: LoopState, turn: Turn, *, has_host_messages: bool
) -> bool:
    before = len(state.messages)
    if _accepts_completion(config, state, turn):
        return True
    if not config.options.persistent:
        return not has_host_messages
    if has_host_messages:
        return False
    was_told_why = len(state.messages) > before
    return await _nudge_or_give_up(config, state, turn, needs_nudge=not was_told_why)


def _accepts_completion(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Whether the turn declares the request complete and may; a refusal tells the model why."""
    text = turn.completion.text if turn.completion else ""
    if not wants_completion(config, text):
        return False
    if not has_acted(state, turn, has_tools=bool(config.tools.names)):
        content = sentinel_without_action(config.options)
        record_message(state, runtime_message("sentinel_without_action", content))
        return False
    state.reason = "the model declared the request complete"
    return True


async def _nudge_or_give_up(
    config: LoopConfig, state: LoopState, turn: Turn, *, needs_nudge: bool
) -> bool:
    state.consecutive_text_only += 1
    limit = config.options.max_nudges
    if state.consecutive_text_only > limit:
        state.end(
            LoopStatus.STUCK, f"{state.consecutive_text_only} turns in a row without a tool call"
        )
        excerpt = _excerpt(state.last_text)
        await aemit(LoopStuck(state.session_id, limit, turn.iteration, excerpt))
        return True
    if needs_nudge:
        content = nudge(config.options, has_tools=bool(config.tools.names))
        record_message(state, runtime_message("nudge", content))
    return False


def _excerpt(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _EXCERPT_CHARS else f"{text[:_EXCERPT_CHARS]}…"


def _claims_late_lines(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Whether lines came too late for this turn's request and get one more turn.

    They are claimed at once, so that none can be withdrawn from under the turn that it caused.
    A budget that allows no further turn leaves them queued: the run is finished all the same.
    """
    if state.status is not LoopStatus.DONE or not _may_go_on(config, state, turn):
        return False
    is_due = any(
        item.state is FeedbackState.QUEUED
        and item.boundary is not Boundary.AFTER_RUN
        and item.kind != PREFILL_KIND
        for item in config.feedback.pending(state.session_id)
    )
    if is_due:
        state.carried += config.feedback.claim(state.session_id, Boundary.NEXT_PREFLIGHT)
        state.reason = FINISHED
    return is_due


def _may_go_on(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    has_turns = turn.iteration + 1 < config.options.max_iterations
    return has_turns and not _budget_is_used(config, state)


def _budget_is_used(config: LoopConfig, state: LoopState) -> bool:
    budget = config.options.token_budget
    return budget is not None and state.usage.input_tokens + state.usage.output_tokens >= budget


def _is_over_token_budget(config: LoopConfig, state: LoopState) -> bool:
    """A budget never overwrites an accepted completion: it is looked at only to go on (10.9)."""
    if not _budget_is_used(config, state):
        return False
    used = state.usage.input_tokens + state.usage.output_tokens
    budget = config.options.token_budget
    state.end(LoopStatus.BUDGET_EXHAUSTED, f"{used} of {budget} tokens used")
    return True


async def exhaust_iterations(config: LoopConfig, state: LoopState) -> None:
    """End a run that used all its turns without being finished."""
    limit = config.options.max_iterations
    state.end(LoopStatus.BUDGET_EXHAUSTED, f"all {limit} turns used")
    await aemit(BudgetExhausted(state.session_id, limit))
