"""The fold: one pure function from a view and a record to the next view.

Live screen, replay, resume, headless output and tests all use it, so they cannot disagree. It
is total: every event type has a step, and what is unknown becomes a generic row. A step costs
the same however long the session is.
"""

from collections.abc import Callable, Iterable
from typing import Any

from harn_tui.events.record import Record
from harn_tui.view.fold_compaction import COMPACTION_STEPS
from harn_tui.view.fold_feedback import FEEDBACK_STEPS
from harn_tui.view.fold_messages import MESSAGE_STEPS
from harn_tui.view.fold_permissions import PERMISSION_STEPS
from harn_tui.view.fold_questions import QUESTION_STEPS
from harn_tui.view.fold_rows import ROW_STEPS
from harn_tui.view.fold_run import RUN_STEPS
from harn_tui.view.fold_text import TEXT_STEPS
from harn_tui.view.fold_tools import TOOL_STEPS
from harn_tui.view.fold_workers import WORKER_STEPS
from harn_tui.view.model import Changes, SessionView
from harn_tui.view.step import Step

_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    **TEXT_STEPS,
    **TOOL_STEPS,
    **PERMISSION_STEPS,
    **QUESTION_STEPS,
    **FEEDBACK_STEPS,
    **MESSAGE_STEPS,
    **COMPACTION_STEPS,
    **RUN_STEPS,
    **WORKER_STEPS,
    **ROW_STEPS,
}


def apply(view: SessionView, record: Record) -> Changes:
    """Fold ``record`` into ``view`` and return what changed."""
    changes = Changes()
    _fold(view, record, changes)
    return changes


def apply_all(view: SessionView, records: Iterable[Record]) -> Changes:
    """Fold ``records`` in order and return all that changed."""
    changes = Changes()
    for record in records:
        _fold(view, record, changes)
    return changes


def _fold(view: SessionView, record: Record, changes: Changes) -> None:
    event = record.event
    if not view.session_id:
        view.session_id = event.session_id
    _STEPS[type(event)](Step(view, changes, record.emitted_at_ms, record.index), event)
    view.event_count = record.index + 1
    view.last_event_at_ms = record.emitted_at_ms
