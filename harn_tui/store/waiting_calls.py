"""Finds the calls that waited for an approval when a process ended, before any had begun."""

from collections.abc import Collection, Sequence

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import MessageRecorded, PermissionRequest
from harn_tui.events.record import Record
from harn_tui.ids import tool_call_event_id
from harn_tui.kinds import ToolCallStatus


def waiting_calls(
    records: Sequence[Record], lost: Collection[PermissionRequest], open_calls: Sequence[str]
) -> frozenset[str]:
    """Return those ``open_calls`` that can be taken up where they were left: all or none.

    ``open_calls`` are the ids of calls of the last reply without a result, ``lost`` the requests
    that nobody answered. A process asks before it begins any of the calls that it asks about, and
    answers those before them: so one that has begun means that it did not end while it asked.
    """
    events = {tool_call_event_id(call) for call in open_calls}
    asked = {request.tool_call_id for request in lost if request.source is None}
    if not asked or not asked <= events or _has_begun(records, events):
        return frozenset()
    return frozenset(open_calls)


def _has_begun(records: Sequence[Record], events: Collection[str]) -> bool:
    """Whether one of ``events`` was begun or ended since the last reply was recorded."""
    for record in reversed(records):
        match record.event:
            case ToolCallUpdate(tool_call_id=call, status=status) if call in events:
                if status is not ToolCallStatus.PENDING:
                    return True
            case MessageRecorded(message={"role": "assistant"}):
                return False
    return True
