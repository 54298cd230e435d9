"""Fold step of messages that entered the model-facing history.

They draw nothing: the events that streamed them did. They settle what those left open, and
bring the text of a compaction's summary.
"""

from collections.abc import Callable
from typing import Any

from harn_tui.events.host import MessageRecorded
from harn_tui.view.fold_compaction import take_summary
from harn_tui.view.fold_feedback import mark_delivered, note_images
from harn_tui.view.model import AssistantBlock
from harn_tui.view.step import Step


def _on_message_recorded(step: Step, event: MessageRecorded) -> None:
    message = event.message
    feedback_id = message.get("feedback_id")
    if isinstance(feedback_id, str):
        if message.get("images"):
            note_images(step, feedback_id, message["images"])
        # The history has the line, so it must not return to the queue even if a crash kept the
        # receipt from being written.
        mark_delivered(step, feedback_id, step.view.call)
    if message.get("interrupted") is True:
        _mark_interrupted(step)
    if not take_summary(step, message):
        step.view.context.add(message)


def _mark_interrupted(step: Step) -> None:
    """Mark the text of the open call's attempt, which a tool row may already have closed."""
    view = step.view
    if view.attempt_start is None:
        return
    for number in range(len(view.blocks) - 1, view.attempt_start - 1, -1):
        block = view.blocks[number]
        if type(block) is AssistantBlock:
            block.interrupted = True
            step.changes.blocks.add(number)
            return


MESSAGE_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    MessageRecorded: _on_message_recorded,
}
