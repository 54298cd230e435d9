"""Fold steps of questions to the person and their answers.

What stands in ``options`` is ours only in logs of our own, so every value is looked at first.
"""

from collections.abc import Callable
from typing import Any

from harn_tui.events.host import QuestionAnswered, QuestionAsked
from harn_tui.json_types import JsonValue
from harn_tui.view.pending import PendingQuestion
from harn_tui.view.step import Step
from harn_tui.view.tool_rows import tool_row
from harn_tui.view.waits import mark_waits


def _on_question_asked(step: Step, event: QuestionAsked) -> None:
    """A call waits: for an answer to its own question, or to that of a nested loop."""
    step.view.questions.append(
        PendingQuestion(
            question_id=event.question_id,
            tool_call_id=event.tool_call_id,
            question=event.question,
            options=tuple(map(_option, event.options)),
            allows_text=event.allows_text,
            allows_several=event.allows_several,
            default=event.default,
            asked_at_ms=step.at_ms,
            source=event.source,
        )
    )
    mark_waits(step, tool_row(step, event.tool_call_id, "", None))
    step.changes.questions = step.changes.status = True


def _on_question_answered(step: Step, event: QuestionAnswered) -> None:
    """The call waits no more; what was answered comes with its result."""
    questions = step.view.questions
    for question in [q for q in questions if q.question_id == event.question_id]:
        questions.remove(question)
        mark_waits(step, tool_row(step, question.tool_call_id, "", None))
    step.changes.questions = step.changes.status = True


def _option(value: JsonValue) -> tuple[str, str]:
    members = value if isinstance(value, dict) else {"label": value}
    return _text(members.get("label")), _text(members.get("description"))


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


QUESTION_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    QuestionAsked: _on_question_asked,
    QuestionAnswered: _on_question_answered,
}
