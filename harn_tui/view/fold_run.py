"""Fold steps of sessions, runs, turns and model calls."""

from collections.abc import Callable, Iterable
from typing import Any

from harn_tui.events.agent import TurnEnd, TurnStart
from harn_tui.events.call_cost import cost_with, is_cut
from harn_tui.events.host import (
    LlmCallAccepted,
    LlmCallEnd,
    LlmCallStart,
    LlmRetry,
    LoopEnd,
    LoopStart,
    ModelSwitch,
    SessionStart,
)
from harn_tui.events.run_reasons import INTERRUPTED_BY_PERSON
from harn_tui.json_types import JsonObject
from harn_tui.kinds import PERSON_COMMAND, LoopStatus, NoticeLevel, SwitchState, ToolCallStatus
from harn_tui.view.fold_failures import promote_failures
from harn_tui.view.fold_feedback import discard_claimed
from harn_tui.view.fold_workers import interrupt_workers
from harn_tui.view.model import ToolBlock
from harn_tui.view.model_call import ModelCall
from harn_tui.view.step import Step

KEPT_WAITS = 32
"""How many first tokens of a model are remembered, to tell what is usual."""

_CUT_SHORT = frozenset({LoopStatus.CANCELLED, LoopStatus.ERROR})
_STATUS_WORDS = {
    LoopStatus.STUCK: (NoticeLevel.WARNING, "Stuck"),
    LoopStatus.BUDGET_EXHAUSTED: (NoticeLevel.WARNING, "Budget exhausted"),
    LoopStatus.IDLE: (NoticeLevel.INFO, "Idle"),
    LoopStatus.WATCHDOG: (NoticeLevel.WARNING, "Stopped by the watchdog"),
    LoopStatus.FAILED: (NoticeLevel.ERROR, "Failed"),
    LoopStatus.CANCELLED: (NoticeLevel.WARNING, "Cancelled"),
    LoopStatus.ERROR: (NoticeLevel.ERROR, "Error"),
}


def _on_session_start(step: Step, event: SessionStart) -> None:
    view = step.view
    is_resumed = view.event_count > 0
    view.session_id, view.cwd = event.session_id, event.cwd
    view.model, view.provider, view.next_model = event.model, event.provider, None
    if is_resumed:
        _close_process(step)
    if event.worker_name is not None:
        text = f"The agent {event.worker_name} of session {event.parent_session_id}"
        step.note(NoticeLevel.INFO, text)
    elif event.parent_session_id is not None:
        at = "" if event.forked_at_index is None else f" at event {event.forked_at_index}"
        step.note(NoticeLevel.INFO, f"Forked from session {event.parent_session_id}{at}")
    elif is_resumed:
        step.note(NoticeLevel.INFO, "Session resumed")
    step.changes.status = True


def _on_model_switch(step: Step, event: ModelSwitch) -> None:
    view = step.view
    if event.state is SwitchState.PENDING:
        is_taken_back = (event.provider, event.model) == (view.provider, view.model)
        view.next_model = None if is_taken_back else (event.provider, event.model)
    else:
        view.model, view.provider, view.next_model = event.model, event.provider, None
        step.note(NoticeLevel.INFO, f"The model from here on: {event.model} ({event.provider})")
    step.changes.status = True


def _close_process(step: Step) -> None:
    """End what the process before left open; the new one announces the lines it still has."""
    view = step.view
    was_running, last_event_at_ms = view.is_running, view.last_event_at_ms
    _close_run(step, interrupted=True)
    _end_calls(step, list(view.unfinished_tools))
    if was_running:
        view.run_ended_at_ms = last_event_at_ms
    for number in view.claimed_blocks.values():
        discard_claimed(step, number)
    view.claimed_blocks.clear()
    view.claimed = None
    view.queue.clear()
    interrupt_workers(step)
    step.changes.queue = True


def _on_loop_start(step: Step, event: LoopStart) -> None:
    view = step.view
    if view.is_running and event.parent_loop_id is not None:
        return
    view.is_running, view.run_loop_id = True, event.loop_id
    view.run_started_at_ms, view.run_ended_at_ms = step.at_ms, None
    view.last_status = view.last_reason = None
    step.changes.status = True


def _on_loop_end(step: Step, event: LoopEnd) -> None:
    view = step.view
    if view.is_running and event.loop_id != view.run_loop_id:
        return
    _close_run(step, interrupted=event.status in _CUT_SHORT)
    was_told = view.last_status is event.status
    view.last_status, view.last_reason = event.status, event.reason
    words = _STATUS_WORDS.get(event.status)
    if words is not None and not was_told:
        is_theirs = event.reason == INTERRUPTED_BY_PERSON
        text = "Interrupted by you" if is_theirs else f"{words[1]}: {event.reason}"
        step.note(words[0], text)


def _close_run(step: Step, *, interrupted: bool) -> None:
    """End everything that is open: text, tool calls without an end, requests without answer."""
    view = step.view
    step.close_text(interrupted=interrupted)
    step.discard_candidates()
    _end_calls(
        step, [call_id for call_id in view.unfinished_tools if not _is_persons(step, call_id)]
    )
    promote_failures(step)
    view.permissions.clear()
    view.questions.clear()
    if view.is_running:
        view.run_ended_at_ms = step.at_ms
    if view.calls and view.calls[-1].ended_at_ms is None:
        view.calls[-1].ended_at_ms, view.calls[-1].is_cut = view.last_event_at_ms, True
    view.is_running, view.run_loop_id = False, None
    view.call_started_at_ms = view.retry_until_ms = view.attempt_start = None
    view.heard_at_ms = None
    step.changes.permissions = step.changes.questions = step.changes.status = True


def _is_persons(step: Step, tool_call_id: str) -> bool:
    """Whether a call is a person's own command, which belongs to no run."""
    block = step.view.blocks[step.view.unfinished_tools[tool_call_id]]
    return isinstance(block, ToolBlock) and block.tool_name == PERSON_COMMAND


def _end_calls(step: Step, call_ids: Iterable[str]) -> None:
    """Mark calls without an end as interrupted."""
    for call_id in call_ids:
        number = step.view.unfinished_tools.pop(call_id)
        block = step.view.blocks[number]
        if isinstance(block, ToolBlock):
            block.status, block.interrupted = ToolCallStatus.FAILED, True
            block.ended_at_ms = step.at_ms
            block.waiting_since_ms, block.is_asking = None, False
            step.changes.blocks.add(number)


def _on_turn_start(step: Step, _: TurnStart) -> None:
    step.close_text()
    step.discard_candidates()
    step.view.turn += 1
    step.changes.status = True


def _on_turn_end(step: Step, _: TurnEnd) -> None:
    step.close_text()
    step.discard_candidates()


def _on_call_start(step: Step, event: LlmCallStart) -> None:
    view = step.view
    step.close_text()
    view.call, view.model = event.call, event.model
    view.call_started_at_ms = step.at_ms
    view.first_token_at_ms = view.retry_until_ms = view.heard_at_ms = None
    view.accepted_at_ms = None
    view.attempt_start = len(view.blocks)
    view.calls.append(ModelCall(event.call, view.turn, event.model, step.at_ms))
    context = view.context
    context.estimated_tokens = event.estimated_tokens
    context.instruction_tokens = max(0, event.estimated_tokens - context.message_tokens)
    if not view.last_input_tokens:
        view.last_input_tokens = event.estimated_tokens
    step.changes.status = True


def _on_call_accepted(step: Step, _: LlmCallAccepted) -> None:
    step.view.accepted_at_ms = step.at_ms
    step.view.retry_until_ms = None
    step.changes.status = True


def _on_call_end(step: Step, event: LlmCallEnd) -> None:
    view = step.view
    step.close_text(interrupted=is_cut(event))
    view.call_started_at_ms = view.retry_until_ms = view.attempt_start = None
    view.heard_at_ms = None
    if event.time_to_first_token_ms is not None:
        waits = view.reply_waits.get(view.model, ())
        view.reply_waits[view.model] = (*waits[1 - KEPT_WAITS :], event.time_to_first_token_ms)
    totals = view.totals
    sent, received = _count(event.usage, "input_tokens"), _count(event.usage, "output_tokens")
    totals.calls += 1
    totals.input_tokens += sent
    totals.output_tokens += received
    totals.cache_read_tokens += _count(event.usage, "cache_read_tokens")
    totals.cache_write_tokens += _count(event.usage, "cache_write_tokens")
    if sent:
        view.last_input_tokens = sent + received
        view.context.counted_tokens = sent
    if view.calls:
        _close_call(view.calls[-1], event, step.at_ms)
    totals.cost_usd = cost_with(totals.cost_usd, event)
    step.changes.status = True


def _close_call(call: ModelCall, event: LlmCallEnd, at_ms: int) -> None:
    call.ended_at_ms = at_ms
    call.time_to_first_token_ms = event.time_to_first_token_ms
    call.input_tokens = _count(event.usage, "input_tokens")
    call.output_tokens = _count(event.usage, "output_tokens")
    call.cache_read_tokens = _count(event.usage, "cache_read_tokens")
    call.cost_usd, call.is_cut = event.cost_usd, is_cut(event)


def _count(usage: JsonObject, key: str) -> int:
    value = usage.get(key)
    return value if type(value) is int and value > 0 else 0


def _on_retry(step: Step, event: LlmRetry) -> None:
    """Void what the failed attempt streamed: it is not part of the reply."""
    view = step.view
    step.close_text()
    if view.attempt_start is not None:
        for number in range(view.attempt_start, len(view.blocks)):
            step.discard(number)
    view.candidates.clear()
    if view.calls:
        view.calls[-1].retries += 1
        view.calls[-1].tools.clear()
    seconds = event.delay_ms / 1000
    wait = f"in {seconds:.1f} s" if event.delay_ms else "at once"
    step.note(NoticeLevel.WARNING, f"Retry {event.attempt} {wait}: {event.message}")
    view.attempt_start = len(view.blocks)
    view.retry_until_ms = step.at_ms + event.delay_ms
    view.first_token_at_ms = view.heard_at_ms = view.accepted_at_ms = None
    step.changes.status = True


RUN_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    SessionStart: _on_session_start,
    ModelSwitch: _on_model_switch,
    LoopStart: _on_loop_start,
    LoopEnd: _on_loop_end,
    TurnStart: _on_turn_start,
    TurnEnd: _on_turn_end,
    LlmCallStart: _on_call_start,
    LlmCallAccepted: _on_call_accepted,
    LlmCallEnd: _on_call_end,
    LlmRetry: _on_retry,
}
