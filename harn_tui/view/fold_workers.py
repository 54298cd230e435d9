"""Fold steps of nested loops: one row each, which changes in place.

What stands in ``metadata`` is ours only in logs of our own, so every value is looked at first.
"""

from collections.abc import Callable
from typing import Any

from harn_tui.events.agent import WorkerUpdate
from harn_tui.json_types import JsonValue
from harn_tui.kinds import WorkerEvent
from harn_tui.view.model import WorkerBlock
from harn_tui.view.step import Step

ENDED_STATUSES = frozenset(event.status for event in WorkerEvent if event.is_terminal)
"""Statuses of a nested loop that has ended."""


def _on_worker_update(step: Step, event: WorkerUpdate) -> None:
    block = _block(step, event)
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    execution, provenance = _table(metadata, "execution"), _table(metadata, "provenance")
    block.name, block.task = event.worker_name, event.worker_task
    block.status, block.interrupted = event.status, False
    block.updated_at_ms = step.at_ms
    block.session_id = _text(provenance, "session_id") or block.session_id
    block.current_call = _text(execution, "current_call")
    questions = execution.get("questions")
    block.questions = [str(one) for one in questions] if isinstance(questions, list) else []
    block.last_line = _text(execution, "last_line") or block.last_line
    block.error = _text(metadata, "error") or None
    block.tool_calls = _count(execution, "tool_calls")
    block.tokens = _count(execution, "input_tokens") + _count(execution, "output_tokens")
    if event.status in ENDED_STATUSES:
        step.view.unfinished_workers.pop(event.worker_id, None)
    step.changes.status = True


def interrupt_workers(step: Step) -> None:
    """The process ended, and the nested loops that were at work with it."""
    view = step.view
    for number in view.unfinished_workers.values():
        block = view.blocks[number]
        if isinstance(block, WorkerBlock):
            block.interrupted, block.current_call, block.questions = True, "", []
            step.changes.blocks.add(number)
    view.unfinished_workers.clear()


def _block(step: Step, event: WorkerUpdate) -> WorkerBlock:
    """Return the row of the nested loop, made at its first event."""
    view = step.view
    number = view.workers_by_id.get(event.worker_id)
    block = view.blocks[number] if number is not None else None
    if number is None or not isinstance(block, WorkerBlock):
        block = WorkerBlock(
            started_at_ms=step.at_ms,
            worker_id=event.worker_id,
            name=event.worker_name,
            task=event.worker_task,
            status=event.status,
        )
        number = view.workers_by_id[event.worker_id] = step.add(block)
    view.unfinished_workers[event.worker_id] = number
    step.changes.blocks.add(number)
    return block


def _table(members: dict[str, JsonValue], key: str) -> dict[str, JsonValue]:
    value = members.get(key)
    return value if isinstance(value, dict) else {}


def _text(members: dict[str, JsonValue], key: str) -> str:
    value = members.get(key)
    return value if isinstance(value, str) else ""


def _count(members: dict[str, JsonValue], key: str) -> int:
    value = members.get(key)
    return value if type(value) is int and value > 0 else 0


WORKER_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {WorkerUpdate: _on_worker_update}
