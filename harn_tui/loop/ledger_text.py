"""How a task ledger reads to the model: in the prompt, and when it holds a completion back."""

from harn_tui.feedback.wrapping import wrap_injection
from harn_tui.loop.ledger import TaskLedger
from harn_tui.loop.ledger_shape import Deliverable

INJECTION_KIND = "task_ledger"
"""Kind of the injected message, and the tag of the block in it."""

GATE_FEEDBACK_KIND = "ledger_not_satisfied"
"""Kind of the feedback that ``gate_text`` is the content of."""

SHOWN_OBSERVATIONS = 5

_REFUSED = (
    "You declared the task complete, but the task ledger has deliverables that are not resolved:"
)
_WAYS_OUT = (
    "Resolve each before you finish. When it is finished, mark it `done` with the `ledger` tool. "
    "When it is blocked, remove what blocks it and finish it. When it is not needed or cannot be "
    "done, mark it `dropped` with a `note` that says why."
)


def render_for_prompt(ledger: TaskLedger) -> str:
    """Return the ledger as lines of text, only its newest observations; empty when it is."""
    if ledger.is_empty:
        return ""
    content = ledger.content
    lines = [f"Task: {_indented(content.root_task)}"] if content.root_task else []
    if content.deliverables:
        lines += ["Deliverables:", *(f"- {_item(item)}" for item in content.deliverables)]
    if content.rationale:
        lines.append(f"Rationale: {_indented(content.rationale)}")
    if content.observations:
        newest = content.observations[-SHOWN_OBSERVATIONS:]
        lines += ["Observations:", *(f"- {_indented(text)}" for text in newest)]
    return "\n".join(lines)


def ledger_block(ledger: TaskLedger) -> str:
    """Return the content of the message that shows the ledger; empty when the ledger is.

    The message stands last in one request and is never recorded.
    """
    rendered = render_for_prompt(ledger)
    return wrap_injection(INJECTION_KIND, rendered) if rendered else ""


def gate_text(ledger: TaskLedger) -> str:
    """Return what to tell a model whose completion the ledger refuses.

    Empty when nothing is open or blocked.
    """
    items = ledger.open_items
    if not items:
        return ""
    return "\n".join([_REFUSED, *(f"- {_item(item)}" for item in items), _WAYS_OUT])


def _item(item: Deliverable) -> str:
    note = f" (note: {_indented(item.note)})" if item.note else ""
    return f"[{item.id}] ({item.status.value}) {_indented(item.text)}{note}"


def _indented(text: str) -> str:
    """Return ``text`` with its further lines set in, so that none passes for an entry."""
    return "\n  ".join(text.splitlines())
