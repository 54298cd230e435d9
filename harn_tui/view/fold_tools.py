"""Fold steps of tool calls, their permissions and the plan."""

from collections.abc import Callable
from typing import Any

from harn_tui.events.agent import Plan, ToolCall, ToolCallUpdate
from harn_tui.events.host import PermissionDecision, PermissionRequest, ToolOutput
from harn_tui.json_types import JsonValue
from harn_tui.kinds import ToolCallStatus, ToolKind
from harn_tui.view.fold_failures import note_end
from harn_tui.view.model import AnsweredPermission, PendingPermission, ToolBlock
from harn_tui.view.step import Step


def _on_tool_call(step: Step, event: ToolCall) -> None:
    """Announce a call, or update it when it streamed before (10.57).

    The id of a call that ended or was voided names a new call: logs of the reference count
    some ids from 0 again in every run.
    """
    if event.parsing is None:
        step.discard_candidates()
    known = _known(step, event.tool_call_id)
    if known is not None and (known.discarded or known.status.is_terminal or event.parsing):
        step.view.unfinished_tools.pop(event.tool_call_id, None)
        del step.view.tools_by_id[event.tool_call_id]
    block = _block(step, event.tool_call_id, event.tool_name, event.kind)
    block.kind = event.kind or block.kind
    _set_status(step, block, event.status)
    if isinstance(event.raw_input, str):
        block.arguments, block.arguments_partial = None, event.raw_input
    else:
        block.arguments, block.arguments_partial = event.raw_input, None
    if event.parsing:
        step.view.candidates.append(step.view.tools_by_id[event.tool_call_id])
    if step.view.call_started_at_ms is not None:
        step.note_reply()


def _on_tool_call_update(step: Step, event: ToolCallUpdate) -> None:
    block = _block(step, event.tool_call_id, event.tool_name, None)
    if event.raw_input is not None:
        block.arguments, block.arguments_partial = event.raw_input, None
    elif event.raw_input_partial is not None:
        block.arguments, block.arguments_partial = None, event.raw_input_partial
    if event.status.is_terminal:
        _end(step, block, event)
    elif not block.status.is_terminal:
        _set_status(step, block, event.status)
        if event.parsing is False and event.raw_output is not None:
            block.arguments = event.raw_output


def _set_status(step: Step, block: ToolBlock, status: ToolCallStatus) -> None:
    block.status = status
    if status is ToolCallStatus.IN_PROGRESS and block.running_since_ms is None:
        block.running_since_ms = step.at_ms
        step.view.totals.tool_calls += 1
        step.changes.status = True


def _end(step: Step, block: ToolBlock, event: ToolCallUpdate) -> None:
    number = step.view.unfinished_tools.pop(event.tool_call_id, None)
    if number in step.view.candidates:
        step.view.candidates.remove(number)
    block.status = event.status
    block.interrupted = block.unrecovered = False
    block.error = event.error
    block.error_category = event.error_category
    block.duration_ms = event.duration_ms
    block.execution_duration_ms = event.execution_duration_ms
    block.executor = _executor_name(event)
    _drop_requests(step, block)
    output = event.raw_output
    if isinstance(output, dict):
        text, details = output.get("text"), output.get("details")
        block.result_text = text if isinstance(text, str) else None
        block.details = details if isinstance(details, dict) else {}
    note_end(step, step.view.tools_by_id[event.tool_call_id], block)
    step.changes.status = True


def _drop_requests(step: Step, block: ToolBlock) -> None:
    """A call that ended waits for nobody, whether or not its request was answered."""
    if block.waiting_since_ms is None:
        return
    block.waiting_since_ms = None
    requests = step.view.permissions
    requests[:] = [r for r in requests if r.tool_call_id != block.tool_call_id]
    step.changes.permissions = True


def _executor_name(event: ToolCallUpdate) -> str | None:
    if event.executor is None:
        return None
    server = event.executor.get("server_name")
    kind = event.executor.get("kind")
    return f"{kind} {server}" if server else str(kind)


def _known(step: Step, tool_call_id: str) -> ToolBlock | None:
    number = step.view.tools_by_id.get(tool_call_id)
    block = step.view.blocks[number] if number is not None else None
    return block if isinstance(block, ToolBlock) else None


def _block(step: Step, tool_call_id: str, tool_name: str, kind: ToolKind | None) -> ToolBlock:
    """Return the row of the call, made when the call was not known yet."""
    view = step.view
    known = _known(step, tool_call_id)
    if known is not None:
        step.changes.blocks.add(view.tools_by_id[tool_call_id])
        known.tool_name = tool_name or known.tool_name
        return known
    block = ToolBlock(
        started_at_ms=step.at_ms,
        tool_call_id=tool_call_id,
        tool_name=tool_name,
        kind=kind,
        status=ToolCallStatus.PENDING,
        turn=view.turn,
        call=view.call,
    )
    view.tools_by_id[tool_call_id] = view.unfinished_tools[tool_call_id] = step.add(block)
    return block


def _on_tool_output(step: Step, event: ToolOutput) -> None:
    _block(step, event.tool_call_id, "", None).live_output.append(event.chunk)


def _on_plan(step: Step, event: Plan) -> None:
    plan: JsonValue = event.plan
    step.view.plan = plan if isinstance(plan, dict) else None
    step.changes.plan = True


def _on_permission_request(step: Step, event: PermissionRequest) -> None:
    """A call waits: its own request, or that of a nested loop which it runs."""
    name = event.tool_name if event.source is None else ""
    block = _block(step, event.tool_call_id, name, None)
    if block.waiting_since_ms is None:
        block.waiting_since_ms = step.at_ms
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
        )
    )
    step.changes.permissions = step.changes.status = True


def _on_permission_decision(step: Step, event: PermissionDecision) -> None:
    view = step.view
    for request in [r for r in view.permissions if r.request_id == event.request_id]:
        view.permissions.remove(request)
        _block(step, request.tool_call_id, "", None).waiting_since_ms = _waiting_since(
            step, request
        )
        view.answered[request.tool_call_id] = AnsweredPermission(
            event.decision, event.scope, event.note
        )
    step.changes.permissions = step.changes.status = True


def _waiting_since(step: Step, answered: PendingPermission) -> int | None:
    """Return since when the call of an answered request waits for another one, if it does."""
    others = (
        request.asked_at_ms
        for request in step.view.permissions
        if request.tool_call_id == answered.tool_call_id
    )
    return min(others, default=None)


TOOL_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    ToolCall: _on_tool_call,
    ToolCallUpdate: _on_tool_call_update,
    ToolOutput: _on_tool_output,
    Plan: _on_plan,
    PermissionRequest: _on_permission_request,
    PermissionDecision: _on_permission_decision,
}
