"""Finds the permission requests that a process left open when it ended."""

from collections.abc import Iterable

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import LoopEnd, PermissionDecision, PermissionRequest, SessionStart
from harn_tui.events.record import Record


def lost_requests(records: Iterable[Record]) -> tuple[PermissionRequest, ...]:
    """Return the requests that the last process which wrote ``records`` left without an answer.

    A call that ended waits for nobody, and the end of a run ends its calls.
    """
    waiting: dict[str, PermissionRequest] = {}
    for record in records:
        match record.event:
            case PermissionRequest() as request:
                waiting[request.request_id] = request
            case PermissionDecision(request_id=request_id):
                waiting.pop(request_id, None)
            case ToolCallUpdate(tool_call_id=call_id, status=status) if waiting:
                if status.is_terminal:
                    waiting = {i: r for i, r in waiting.items() if r.tool_call_id != call_id}
            case SessionStart() | LoopEnd():
                waiting.clear()
    return tuple(waiting.values())
