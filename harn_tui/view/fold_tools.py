"""Fold steps of tool calls and the plan."""

from collections.abc import Callable
from typing import Any

from harn_tui.events.agent import Plan, ToolCall, ToolCallUpdate
from harn_tui.events.host import ToolOutput
from harn_tui.json_types import JsonValue
from harn_tui.kinds import LEDGER_TOOL_NAME, PERSON_COMMAND, ToolCallStatus
from harn_tui.view.file_changes import note_changes
from harn_tui.view.fold_failures import note_end
from harn_tui.view.model import ToolBlock
from harn_tui.view.step import Step
from harn_tui.view.tool_rows import row_of, tool_row
from harn_tui.view.waits import drop_waits


def _on_tool_call(step: Step, event: ToolCall) -> None:
    """Announce a call, or update it when it streamed before (10.57).

    The id of a call that ended or was voided names a new call: logs of the reference count
    some ids from 0 again in every run. A person's own command stands beside what the model
    streams and changes nothing of it.
    """
    if event.tool_name == PERSON_COMMAND:
        _on_person_command(step, event)
        return
    if event.parsing is None:
        step.discard_candidates()
    known = row_of(step, event.tool_call_id)
    if known is not None and (known.discarded or known.status.is_terminal or event.parsing):
        step.view.unfinished_tools.pop(event.tool_call_id, None)
        del step.view.tools_by_id[event.tool_call_id]
    block = tool_row(step, event.tool_call_id, event.tool_name, event.kind)
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


def _on_person_command(step: Step, event: ToolCall) -> None:
    view = step.view
    block = ToolBlock(
        started_at_ms=step.at_ms,
        tool_call_id=event.tool_call_id,
        tool_name=event.tool_name,
        kind=event.kind,
        status=event.status,
        arguments=event.raw_input,
        turn=view.turn,
        call=view.call,
        running_since_ms=step.at_ms,
    )
    number = step.append(block)
    view.tools_by_id[event.tool_call_id] = view.unfinished_tools[event.tool_call_id] = number
    step.changes.status = True


def _on_tool_call_update(step: Step, event: ToolCallUpdate) -> None:
    block = tool_row(step, event.tool_call_id, event.tool_name, None)
    if event.raw_input is not None:
        block.arguments, block.arguments_partial = event.raw_input, None
    elif event.raw_input_partial is not None:
        block.arguments, block.arguments_partial = None, event.raw_input_partial
    if block.interrupted and not event.status.is_terminal:
        _take_up(step, block)
    if event.status.is_terminal:
        _end(step, block, event)
    elif not block.status.is_terminal:
        _set_status(step, block, event.status)
        if step.view.call_started_at_ms is not None:
            step.note_reply()
        if event.parsing is False and event.raw_output is not None:
            block.arguments = event.raw_output


def _take_up(step: Step, block: ToolBlock) -> None:
    """A call goes on, and its turn with it, that only the end of a process had ended."""
    block.status, block.interrupted, block.ended_at_ms = ToolCallStatus.PENDING, False, None
    step.view.turn = block.turn
    call_id = block.tool_call_id
    step.view.unfinished_tools[call_id] = step.view.tools_by_id[call_id]
    step.changes.status = True


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
    block.status, block.ended_at_ms = event.status, step.at_ms
    block.interrupted = block.unrecovered = False
    block.error = event.error
    block.error_category = event.error_category
    block.duration_ms = event.duration_ms
    block.execution_duration_ms = event.execution_duration_ms
    block.executor = _executor_name(event)
    drop_waits(step, block)
    output = event.raw_output
    if isinstance(output, dict):
        text, details = output.get("text"), output.get("details")
        block.result_text = text if isinstance(text, str) else None
        block.details = details if isinstance(details, dict) else {}
    if event.status is ToolCallStatus.COMPLETED:
        index = step.view.tools_by_id[event.tool_call_id]
        step.changes.files |= note_changes(step.view.files, index, block.details)
        _note_ledger(step, block)
    note_end(step, step.view.tools_by_id[event.tool_call_id], block)
    step.changes.status = True


def _note_ledger(step: Step, block: ToolBlock) -> None:
    ledger = block.details.get("ledger")
    if block.tool_name == LEDGER_TOOL_NAME and isinstance(ledger, dict):
        step.view.ledger = ledger
        step.changes.plan = True


def _executor_name(event: ToolCallUpdate) -> str | None:
    if event.executor is None:
        return None
    server = event.executor.get("server_name")
    kind = event.executor.get("kind")
    return f"{kind} {server}" if server else str(kind)


def _on_tool_output(step: Step, event: ToolOutput) -> None:
    block = tool_row(step, event.tool_call_id, "", None)
    block.live_output.append(event.chunk)
    block.output_at_ms = step.at_ms


def _on_plan(step: Step, event: Plan) -> None:
    plan: JsonValue = event.plan
    step.view.plan = plan if isinstance(plan, dict) else None
    step.changes.plan = True


TOOL_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    ToolCall: _on_tool_call,
    ToolCallUpdate: _on_tool_call_update,
    ToolOutput: _on_tool_output,
    Plan: _on_plan,
}
