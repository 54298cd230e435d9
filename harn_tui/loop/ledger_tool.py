"""The ``ledger`` tool as a model is told of it.

The loop answers its calls itself, with the events of a tool call but without policy or hooks
(docs/loop.md, task ledger).
"""

from harn_tui.kinds import LEDGER_TOOL_NAME
from harn_tui.loop.ledger import ACTION_NAMES
from harn_tui.loop.ledger_shape import DeliverableStatus
from harn_tui.providers.base import ToolSchema

LEDGER_TOOL = ToolSchema(
    name=LEDGER_TOOL_NAME,
    description=(
        "Keep the task ledger that is shown to you at the end of each request. While one of its"
        " deliverables is open or blocked you cannot finish. Use only ids that the ledger shows."
        " Actions: add (text, id?) a deliverable; mark (id, status, note?) one, where blocked and"
        " dropped need a note; rationale (text) says why you work as you do; note (text) keeps an"
        " observation; seed_plan (deliverables) adds all at once when there are none."
    ),
    parameters={
        "type": "object",
        "properties": {
            "action": {
                "type": "string",
                "enum": list(ACTION_NAMES),
                "description": "What to do with the ledger.",
            },
            "id": {
                "type": "string",
                "description": "Of a deliverable: for mark, and for add when you choose it.",
            },
            "text": {
                "type": "string",
                "description": "For add, rationale and note; an empty rationale clears it.",
            },
            "status": {
                "type": "string",
                "enum": [status.value for status in DeliverableStatus],
                "description": "For mark.",
            },
            "note": {
                "type": "string",
                "description": "For mark: why; replaces the note that was there.",
            },
            "deliverables": {
                "type": "array",
                "items": {"type": "string"},
                "description": "For seed_plan: one text for each deliverable.",
            },
        },
        "required": ["action"],
        "additionalProperties": False,
    },
)
"""Name, description and parameters; offered while the run has a ledger that is not empty."""
