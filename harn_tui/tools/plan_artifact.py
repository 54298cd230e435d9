"""Normalises what a model sends as a plan (docs/loop.md, plan tools; schema harn.plan.v1)."""

import hashlib
import json
from collections.abc import Mapping

from harn_tui.json_types import JsonObject, JsonValue

SCHEMA_VERSION = "harn.plan.v1"
DEFAULT_TITLE = "Plan"

_STEP_STATUSES: Mapping[str, str] = {
    "pending": "pending",
    "todo": "pending",
    "not_started": "pending",
    "in_progress": "in_progress",
    "active": "in_progress",
    "running": "in_progress",
    "started": "in_progress",
    "completed": "completed",
    "complete": "completed",
    "done": "completed",
    "blocked": "blocked",
    "waiting": "blocked",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "dropped": "cancelled",
    "skipped": "cancelled",
}
_APPROVAL_STATES = frozenset({"unrequested", "requested", "approved", "rejected"})


def plan_artifact(tool_name: str, arguments: JsonObject) -> JsonObject:
    """Return the plan artifact for one call of ``emit_plan`` or ``update_plan``.

    ``steps`` may also be called ``plan``, and a step's ``content`` ``step``; a step may be plain
    text. Steps without text are left out. The id depends on all other fields and nothing else.
    """
    artifact: JsonObject = {
        "_type": "plan_artifact",
        "schema_version": SCHEMA_VERSION,
        "tool": tool_name,
        "title": _text(arguments.get("title")) or DEFAULT_TITLE,
        "summary": _text(arguments.get("summary")),
        "steps": _steps(arguments),
        "assumptions": _texts(arguments.get("assumptions")),
        "open_questions": _texts(arguments.get("open_questions")),
        "verification_commands": _texts(arguments.get("verification_commands")),
        "approval": _approval(arguments),
    }
    return {**artifact, "id": _plan_id(artifact)}


def _plan_id(artifact: JsonObject) -> str:
    canonical = json.dumps(artifact, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()
    return f"plan_{digest[:12]}"


def _steps(arguments: JsonObject) -> list[JsonValue]:
    given = arguments.get("steps")
    given = arguments.get("plan") if given is None else given
    if not isinstance(given, list):
        return []
    steps = [_step(item) for item in given]
    kept = [step for step in steps if step["content"]]
    return [{**step, "id": step["id"] or f"step-{n}"} for n, step in enumerate(kept, start=1)]


def _step(item: JsonValue) -> JsonObject:
    if not isinstance(item, dict):
        item = {"content": item}
    status = (_text(item.get("status")) or "pending").lower().replace("-", "_").replace(" ", "_")
    return {
        "id": _text(item.get("id")),
        "content": _text(item.get("content")) or _text(item.get("step")),
        "status": _STEP_STATUSES.get(status, "pending"),
        "priority": _text(item.get("priority")) or None,
    }


def _approval(arguments: JsonObject) -> JsonObject:
    given = arguments.get("approval")
    if isinstance(given, str):
        given = {"state": given}
    approval: JsonObject = dict(given) if isinstance(given, dict) else {}
    if arguments.get("approved") is True or approval.get("approved") is True:
        approval["state"] = "approved"
    if approval.get("state") not in _APPROVAL_STATES:
        approval["state"] = "unrequested"
    return approval


def _text(value: JsonValue) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: JsonValue) -> list[JsonValue]:
    items = value if isinstance(value, list) else [value]
    return [text for text in map(_text, items) if text]
