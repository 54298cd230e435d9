"""Fold steps of a person's lines: queued, claimed, in the context, delivered."""

from collections.abc import Callable
from typing import Any

from harn_tui.events.agent import FeedbackInjected
from harn_tui.events.host import FeedbackStateChanged, UserMessage
from harn_tui.feedback.item import PREFILL_KIND, USER_KIND
from harn_tui.kinds import FeedbackState
from harn_tui.view.model import FeedbackBlock, QueuedLine, UserBlock
from harn_tui.view.step import Step

_GONE = frozenset({FeedbackState.DELIVERED, FeedbackState.WITHDRAWN, FeedbackState.UNDELIVERED})


def _on_feedback_state(step: Step, event: FeedbackStateChanged) -> None:
    view = step.view
    step.changes.queue = True
    line = next((q for q in view.queue if q.feedback_id == event.feedback_id), None)
    if event.state is FeedbackState.CLAIMED:
        view.claimed = line or QueuedLine(
            event.feedback_id, "", event.state, event.boundary, step.at_ms
        )
    if event.state in _GONE:
        if line is not None:
            view.queue.remove(line)
        if event.state is FeedbackState.DELIVERED:
            _mark_delivered(step, event)
        return
    if line is None:
        if event.content is None:
            return
        line = QueuedLine(event.feedback_id, event.content, event.state, event.boundary, step.at_ms)
        view.queue.append(line)
    elif line.state is FeedbackState.CLAIMED and event.state is FeedbackState.QUEUED:
        _take_back(step, event.feedback_id)
    line.state, line.boundary = event.state, event.boundary
    if event.content is not None:
        line.text = event.content


def _mark_delivered(step: Step, event: FeedbackStateChanged) -> None:
    number = step.view.user_blocks.get(event.feedback_id)
    block = step.view.blocks[number] if number is not None else None
    if isinstance(block, UserBlock) and number is not None and not block.starts_run:
        block.delivered_before_call = event.call
        step.changes.blocks.add(number)


def _take_back(step: Step, feedback_id: str) -> None:
    """The call that was to carry the line failed: the line is in the queue, not in the text."""
    number = step.view.user_blocks.pop(feedback_id, None)
    block = step.view.blocks[number] if number is not None else None
    if isinstance(block, UserBlock) and number is not None:
        block.discarded = True
        step.changes.blocks.add(number)


def _on_feedback_injected(step: Step, event: FeedbackInjected) -> None:
    claimed, step.view.claimed = step.view.claimed, None
    if event.kind == USER_KIND:
        _add_user_block(step, event.content, claimed, starts_run=False)
    elif event.kind != PREFILL_KIND:
        step.add(FeedbackBlock(step.at_ms, event.kind, event.content))


def _on_user_message(step: Step, event: UserMessage) -> None:
    claimed, step.view.claimed = step.view.claimed, None
    _add_user_block(step, event.content, claimed, starts_run=True)


def _add_user_block(step: Step, text: str, claimed: QueuedLine | None, *, starts_run: bool) -> None:
    feedback_id = claimed.feedback_id if claimed else None
    number = step.add(UserBlock(step.at_ms, text, feedback_id, starts_run=starts_run))
    if feedback_id is not None:
        step.view.user_blocks[feedback_id] = number


FEEDBACK_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    FeedbackStateChanged: _on_feedback_state,
    FeedbackInjected: _on_feedback_injected,
    UserMessage: _on_user_message,
}
