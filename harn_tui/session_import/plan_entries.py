"""Plans of other agents, which are lists of entries, as plans of ours (docs/events.md)."""

import hashlib
import json

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.session_import.source_values import text_of


def plan_from_entries(entries: list[JsonObject], tool: str) -> JsonObject:
    """Return the plan with the steps ``entries``, each with ``content`` or ``step``."""
    steps: list[JsonValue] = [
        {
            "id": f"step-{number}",
            "content": text_of(entry.get("content")) or text_of(entry.get("step")),
            "status": text_of(entry.get("status")) or "pending",
            "priority": text_of(entry.get("priority")) or None,
        }
        for number, entry in enumerate(entries, start=1)
    ]
    plan: JsonObject = {
        "_type": "plan_artifact",
        "schema_version": "harn.plan.v1",
        "tool": tool,
        "title": "Plan",
        "summary": "",
        "steps": steps,
        "assumptions": [],
        "open_questions": [],
        "verification_commands": [],
        "approval": {"state": "unrequested"},
    }
    text = json.dumps(plan, sort_keys=True, separators=(",", ":"))
    return plan | {"id": f"plan_{hashlib.sha256(text.encode('utf-8')).hexdigest()[:12]}"}
