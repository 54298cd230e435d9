"""Fold steps of a person's lines: queued, claimed, in the context, delivered.

A claimed line stays in the queue until it is delivered, and stands in the transcript as well,
at the place where it entered. When its call fails, the block is discarded instead.
"""

from collections.abc import Callable
from typing import Any

from harn_tui.events.agent import FeedbackInjected
from harn_tui.events.host import FeedbackStateChanged, UserMessage
from harn_tui.feedback.item import PREFILL_KIND, USER_KIND
from harn_tui.json_types import JsonValue
from harn_tui.kinds import FeedbackState
from harn_tui.view.model import FeedbackBlock, QueuedLine, UserBlock
from harn_tui.view.shown_image import images_of
from harn_tui.view.step import Step

_WAITING = frozenset({FeedbackState.QUEUED, FeedbackState.HELD})
_GONE = frozenset({FeedbackState.DELIVERED, FeedbackState.WITHDRAWN, FeedbackState.UNDELIVERED})


def _on_feedback_state(step: Step, event: FeedbackStateChanged) -> None:
    match event.state:
        case FeedbackState.DELIVERED:
            mark_delivered(step, event.feedback_id, event.call)
        case FeedbackState.CLAIMED:
            step.view.claimed = _line(step, event) or _new_line(step, event)
        case _:
            _take_back(step, event)
    step.changes.queue = True
    _update_queue(step, event)


def _update_queue(step: Step, event: FeedbackStateChanged) -> None:
    queue = step.view.queue
    line = _line(step, event)
    if event.state in _GONE:
        if line is not None:
            queue.remove(line)
        return
    if line is None:
        if event.content is None:
            return
        line = _new_line(step, event)
        queue.append(line)
    line.state, line.boundary = event.state, event.boundary
    if event.content is not None:
        line.text = event.content
        line.images = images_of(event.images)
    if event.place is not None:
        _move(queue, line, event.place)


def _move(queue: list[QueuedLine], line: QueuedLine, place: int) -> None:
    """Put ``line`` at a place among those that wait; claimed ones keep theirs."""
    queue.remove(line)
    waiting = [number for number, one in enumerate(queue) if one.state in _WAITING]
    queue.insert(waiting[place] if 0 <= place < len(waiting) else len(queue), line)


def _line(step: Step, event: FeedbackStateChanged) -> QueuedLine | None:
    return next((q for q in step.view.queue if q.feedback_id == event.feedback_id), None)


def _new_line(step: Step, event: FeedbackStateChanged) -> QueuedLine:
    return QueuedLine(
        event.feedback_id, event.content or "", event.state, event.boundary, step.at_ms
    )


def mark_delivered(step: Step, feedback_id: str, call: int | None) -> None:
    """Give the line's block its receipt: model call ``call`` carried it."""
    number = step.view.claimed_blocks.pop(feedback_id, None)
    if number is None:
        return
    block = step.view.blocks[number]
    if isinstance(block, UserBlock) and not block.starts_run:
        block.delivered_before_call = call
        step.changes.blocks.add(number)


def note_images(step: Step, feedback_id: str, images: JsonValue) -> None:
    """Show what went with a claimed line, now that its mentions have been looked up too."""
    number = step.view.claimed_blocks.get(feedback_id)
    block = step.view.blocks[number] if number is not None else None
    if number is not None and isinstance(block, UserBlock):
        block.images = images_of(images)
        step.changes.blocks.add(number)


def _take_back(step: Step, event: FeedbackStateChanged) -> None:
    """Undo a claim: the call that was to carry the line failed, or never came."""
    view = step.view
    if view.claimed is not None and view.claimed.feedback_id == event.feedback_id:
        view.claimed = None
    number = view.claimed_blocks.pop(event.feedback_id, None)
    if number is None:
        return
    block = discard_claimed(step, number)
    if isinstance(block, UserBlock) and _line(step, event) is None and event.state not in _GONE:
        line = _new_line(step, event)
        line.text = block.text
        line.images = block.images
        view.queue.append(line)


def discard_claimed(step: Step, number: int) -> object:
    """Void and return the block of a line whose call was never accepted."""
    block = step.view.blocks[number]
    if isinstance(block, UserBlock | FeedbackBlock):
        block.discarded = True
        step.changes.blocks.add(number)
    return block


def _on_feedback_injected(step: Step, event: FeedbackInjected) -> None:
    if event.kind == USER_KIND:
        _enter(step, UserBlock(step.at_ms, event.content))
    elif event.kind == PREFILL_KIND:
        step.view.claimed = None
    else:
        _enter(step, FeedbackBlock(step.at_ms, event.kind, event.content))


def _on_user_message(step: Step, event: UserMessage) -> None:
    _enter(step, UserBlock(step.at_ms, event.content, starts_run=True))


def _enter(step: Step, block: UserBlock | FeedbackBlock) -> None:
    """Put a line at its place in the transcript, tied to the claim that announced it."""
    claimed, step.view.claimed = step.view.claimed, None
    number = step.add(block)
    if claimed is not None:
        step.view.claimed_blocks[claimed.feedback_id] = number
        if isinstance(block, UserBlock):
            block.feedback_id = claimed.feedback_id
            block.images = claimed.images


FEEDBACK_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    FeedbackStateChanged: _on_feedback_state,
    FeedbackInjected: _on_feedback_injected,
    UserMessage: _on_user_message,
}
