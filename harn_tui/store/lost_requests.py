"""Finds the permission requests that were left open when a process ended."""

from collections.abc import Iterable

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import (
    LoopEnd,
    PermissionDecision,
    PermissionRequest,
    SessionStart,
    UserMessage,
)
from harn_tui.events.record import Record


def lost_requests(records: Iterable[Record]) -> tuple[PermissionRequest, ...]:
    """Return the requests that the processes which wrote ``records`` left without an answer.

    A call that ended waits for nobody, and the end of a run ends its calls. A process that took
    the session up asks again under a new id; when it ended before that, the request is still open.
    That of an agent is told once: the agent is gone.
    """
    waiting: dict[str, PermissionRequest] = {}
    for record in records:
        match record.event:
            case PermissionRequest() as request:
                _drop(waiting, request.tool_call_id)
                waiting[request.request_id] = request
            case PermissionDecision(request_id=request_id):
                waiting.pop(request_id, None)
            case ToolCallUpdate(tool_call_id=call_id, status=status) if status.is_terminal:
                _drop(waiting, call_id)
            case SessionStart():
                waiting = {i: r for i, r in waiting.items() if r.source is None}
            case LoopEnd() | UserMessage():
                waiting.clear()
    return tuple(waiting.values())


def _drop(waiting: dict[str, PermissionRequest], call_id: str) -> None:
    for request_id in [i for i, request in waiting.items() if request.tool_call_id == call_id]:
        del waiting[request_id]
