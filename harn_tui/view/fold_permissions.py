"""Fold steps of permission requests and their answers."""

from collections.abc import Callable
from typing import Any

from harn_tui.events.host import PermissionDecision, PermissionRequest
from harn_tui.json_types import JsonObject
from harn_tui.view.pending import AnsweredPermission, PendingPermission
from harn_tui.view.step import Step
from harn_tui.view.tool_rows import tool_row
from harn_tui.view.waits import mark_waits


def _on_permission_request(step: Step, event: PermissionRequest) -> None:
    """A call waits: its own request, or that of a nested loop which it runs."""
    name = event.tool_name if event.source is None else ""
    step.view.permissions.append(
        PendingPermission(
            request_id=event.request_id,
            tool_call_id=event.tool_call_id,
            tool_name=event.tool_name,
            reason=event.reason,
            summary=event.summary,
            asked_at_ms=step.at_ms,
            source=event.source,
            arguments=event.arguments,
            risks=tuple(str(label) for label in event.risks or ()),
            origin=event.origin,
            proposed_rule=_pattern(event.proposed_rule),
            confinement=event.confinement,
        )
    )
    mark_waits(step, tool_row(step, event.tool_call_id, name, None))
    step.changes.permissions = step.changes.status = True


def _pattern(rule: JsonObject | None) -> str | None:
    pattern = None if rule is None else rule.get("pattern")
    return pattern if isinstance(pattern, str) else None


def _on_permission_decision(step: Step, event: PermissionDecision) -> None:
    view = step.view
    for request in [r for r in view.permissions if r.request_id == event.request_id]:
        view.permissions.remove(request)
        mark_waits(step, tool_row(step, request.tool_call_id, "", None))
        view.answered[request.tool_call_id] = AnsweredPermission(
            event.decision, event.scope, event.note
        )
    step.changes.permissions = step.changes.status = True


PERMISSION_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    PermissionRequest: _on_permission_request,
    PermissionDecision: _on_permission_decision,
}
