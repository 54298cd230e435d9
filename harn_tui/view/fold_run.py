"""Fold steps of sessions, runs, turns and model calls."""

from collections.abc import Callable
from typing import Any

from harn_tui.events.agent import TurnEnd, TurnStart
from harn_tui.events.host import (
    LlmCallEnd,
    LlmCallStart,
    LlmRetry,
    LoopEnd,
    LoopStart,
    MessageRecorded,
    SessionStart,
)
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, NoticeLevel
from harn_tui.view.model import AssistantBlock, ToolBlock
from harn_tui.view.step import Step

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
    is_resumed = bool(view.cwd)
    view.session_id, view.cwd = event.session_id, event.cwd
    view.model, view.provider = event.model, event.provider
    if is_resumed:
        _close_run(step, interrupted=True)
        step.note(NoticeLevel.INFO, "Session resumed")
    step.changes.status = True


def _on_loop_start(step: Step, _: LoopStart) -> None:
    view = step.view
    view.is_running = True
    view.run_started_at_ms, view.run_ended_at_ms = step.at_ms, None
    view.last_status = view.last_reason = None
    step.changes.status = True


def _on_loop_end(step: Step, event: LoopEnd) -> None:
    view = step.view
    _close_run(step, interrupted=event.status in _CUT_SHORT)
    view.last_status, view.last_reason = event.status, event.reason
    words = _STATUS_WORDS.get(event.status)
    if words is not None:
        step.note(words[0], f"{words[1]}: {event.reason}")


def _close_run(step: Step, *, interrupted: bool) -> None:
    """End everything that is open: text, tool calls without an end, requests without answer."""
    view = step.view
    step.close_text(interrupted=interrupted)
    for number in view.unfinished_tools.values():
        block = view.blocks[number]
        if isinstance(block, ToolBlock):
            block.interrupted, block.waiting_since_ms = True, None
            step.changes.blocks.add(number)
    view.unfinished_tools.clear()
    view.permissions.clear()
    view.is_running = False
    view.run_ended_at_ms = step.at_ms
    view.call_started_at_ms = view.retry_until_ms = None
    step.changes.permissions = step.changes.status = True


def _on_turn_start(step: Step, _: TurnStart) -> None:
    step.view.turn += 1
    step.changes.status = True


def _on_turn_end(step: Step, _: TurnEnd) -> None:
    step.close_text()


def _on_call_start(step: Step, event: LlmCallStart) -> None:
    view = step.view
    step.close_text()
    view.call, view.model = event.call, event.model
    view.call_started_at_ms = step.at_ms
    view.first_token_at_ms = view.retry_until_ms = None
    view.attempt_start = len(view.blocks)
    view.last_input_tokens = event.estimated_tokens
    step.changes.status = True


def _on_call_end(step: Step, event: LlmCallEnd) -> None:
    view = step.view
    step.close_text(interrupted=bool(event.partial))
    view.call_started_at_ms = view.retry_until_ms = None
    totals = view.totals
    totals.calls += 1
    totals.input_tokens += _count(event.usage, "input_tokens")
    totals.output_tokens += _count(event.usage, "output_tokens")
    totals.cache_read_tokens += _count(event.usage, "cache_read_tokens")
    totals.cache_write_tokens += _count(event.usage, "cache_write_tokens")
    if event.cost_usd is None or totals.cost_usd is None:
        totals.cost_usd = None
    else:
        totals.cost_usd += event.cost_usd
    if _count(event.usage, "input_tokens"):
        reply = _count(event.usage, "output_tokens")
        view.last_input_tokens = _count(event.usage, "input_tokens") + reply
    step.changes.status = True


def _count(usage: JsonObject, key: str) -> int:
    value = usage.get(key)
    return value if type(value) is int else 0


def _on_retry(step: Step, event: LlmRetry) -> None:
    """Void what the failed attempt streamed: it is not part of the reply."""
    view = step.view
    step.close_text()
    for number in range(view.attempt_start, len(view.blocks)):
        block = view.blocks[number]
        if isinstance(block, AssistantBlock | ToolBlock):
            block.discarded = True
            step.changes.blocks.add(number)
    seconds = event.delay_ms / 1000
    wait = f"in {seconds:.1f} s" if event.delay_ms else "at once"
    step.note(NoticeLevel.WARNING, f"Retry {event.attempt} {wait}: {event.message}")
    view.attempt_start = len(view.blocks)
    view.retry_until_ms = step.at_ms + event.delay_ms
    view.first_token_at_ms = None
    step.changes.status = True


def _on_message_recorded(step: Step, event: MessageRecorded) -> None:
    if not event.message.get("interrupted"):
        return
    for number in range(len(step.view.blocks) - 1, step.view.attempt_start - 1, -1):
        block = step.view.blocks[number]
        if isinstance(block, AssistantBlock) and not block.discarded:
            block.interrupted = True
            step.changes.blocks.add(number)
            return


RUN_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    SessionStart: _on_session_start,
    LoopStart: _on_loop_start,
    LoopEnd: _on_loop_end,
    TurnStart: _on_turn_start,
    TurnEnd: _on_turn_end,
    LlmCallStart: _on_call_start,
    LlmCallEnd: _on_call_end,
    LlmRetry: _on_retry,
    MessageRecorded: _on_message_recorded,
}
