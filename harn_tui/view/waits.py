"""Whether a tool call waits for the person, by what is open of it."""

from harn_tui.view.model import ToolBlock
from harn_tui.view.step import Step


def mark_waits(step: Step, block: ToolBlock) -> None:
    """Note on the row what the call waits for now, and since when."""
    view, call_id = step.view, block.tool_call_id
    requests = [r.asked_at_ms for r in view.permissions if r.tool_call_id == call_id]
    questions = [q.asked_at_ms for q in view.questions if q.tool_call_id == call_id]
    block.waiting_since_ms = min(requests + questions, default=None)
    block.is_asking = bool(questions) and not requests


def drop_waits(step: Step, block: ToolBlock) -> None:
    """A call that ended waits for nobody, whether or not it got its answers."""
    if block.waiting_since_ms is None:
        return
    block.waiting_since_ms, block.is_asking = None, False
    view, call_id = step.view, block.tool_call_id
    view.permissions[:] = [r for r in view.permissions if r.tool_call_id != call_id]
    view.questions[:] = [q for q in view.questions if q.tool_call_id != call_id]
    step.changes.permissions = step.changes.questions = True
