"""Finds the approvals and questions that were left open when a process ended."""

from collections.abc import Iterable
from typing import TypeAlias

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import (
    LoopEnd,
    PermissionDecision,
    PermissionRequest,
    QuestionAnswered,
    QuestionAsked,
    SessionStart,
    UserMessage,
)
from harn_tui.events.record import Record

OpenRequest: TypeAlias = PermissionRequest | QuestionAsked


def lost_requests(records: Iterable[Record]) -> tuple[OpenRequest, ...]:
    """Return what the processes which wrote ``records`` asked and got no answer to, in order.

    A call that ended waits for nobody, and the end of a run ends its calls. A process that took
    the session up asks again under a new id; when it ended before that, the request is still open.
    That of an agent is told once: the agent is gone.
    """
    waiting: dict[str, OpenRequest] = {}
    for record in records:
        match record.event:
            case PermissionRequest(request_id=asked) | QuestionAsked(question_id=asked) as request:
                _drop(waiting, request.tool_call_id)
                waiting[asked] = request
            case PermissionDecision(request_id=asked) | QuestionAnswered(question_id=asked):
                waiting.pop(asked, None)
            case ToolCallUpdate(tool_call_id=call_id, status=status) if status.is_terminal:
                _drop(waiting, call_id)
            case SessionStart():
                waiting = {i: r for i, r in waiting.items() if r.source is None}
            case LoopEnd() | UserMessage():
                waiting.clear()
    return tuple(waiting.values())


def _drop(waiting: dict[str, OpenRequest], call_id: str) -> None:
    for asked in [i for i, request in waiting.items() if request.tool_call_id == call_id]:
        del waiting[asked]
