"""Finds the calls that waited for a person when a process ended, before any had begun."""

from collections.abc import Collection, Sequence

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import MessageRecorded
from harn_tui.events.record import Record
from harn_tui.ids import tool_call_event_id
from harn_tui.kinds import ToolCallStatus
from harn_tui.store.lost_requests import OpenRequest
from harn_tui.tools.user_question import ASK_USER_TOOL_NAME


def waiting_calls(
    records: Sequence[Record], lost: Collection[OpenRequest], open_calls: Sequence[str]
) -> frozenset[str]:
    """Return those ``open_calls`` that can be taken up where they were left: all or none.

    ``open_calls`` are the ids of calls of the last reply without a result, ``lost`` what nobody
    answered. A process asks before it begins any of the calls that it asks about, and answers
    those before them: so one that has begun means that it did not end while it asked. A question
    of ``ask_user`` can be put once more; what another tool did before it asked is not known.
    """
    events = {tool_call_event_id(call) for call in open_calls}
    asked = {request.tool_call_id for request in lost if request.source is None}
    if not asked or not asked <= events or _has_begun(records, events):
        return frozenset()
    return frozenset(open_calls)


def may_begin_again(update: ToolCallUpdate) -> bool:
    """Whether a call that got no further than ``update`` can be begun anew."""
    is_question = update.tool_name == ASK_USER_TOOL_NAME
    is_asking = is_question and update.status is ToolCallStatus.IN_PROGRESS
    return is_asking or update.status is ToolCallStatus.PENDING


def _has_begun(records: Sequence[Record], events: Collection[str]) -> bool:
    """Whether one of ``events`` was begun or ended since the last reply was recorded."""
    for record in reversed(records):
        match record.event:
            case ToolCallUpdate(tool_call_id=call) as update if call in events:
                if not may_begin_again(update):
                    return True
            case MessageRecorded(message={"role": "assistant"}):
                return False
    return True
