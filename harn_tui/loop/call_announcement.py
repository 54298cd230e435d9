"""Announces a call with its whole arguments; one that streamed in is only brought up to date."""

from harn_tui.events.agent import ToolCall, ToolCallUpdate
from harn_tui.ids import tool_call_event_id
from harn_tui.kinds import ToolCallStatus, ToolKind
from harn_tui.providers.base import ToolCallRequest
from harn_tui.sinks.emit import emit


def announce_call(
    session_id: str, call: ToolCallRequest, kind: ToolKind | None, *, is_known: bool
) -> None:
    """Emit ``call``; ``is_known`` tells that its name and kind were announced before (10.57)."""
    event_id = tool_call_event_id(call.id)
    if not is_known:
        emit(
            ToolCall(
                session_id=session_id,
                tool_call_id=event_id,
                tool_name=call.name,
                kind=kind,
                status=ToolCallStatus.PENDING,
                raw_input=call.raw_arguments if call.arguments is None else call.arguments,
            )
        )
        return
    emit(
        ToolCallUpdate(
            session_id=session_id,
            tool_call_id=event_id,
            tool_name=call.name,
            status=ToolCallStatus.PENDING,
            raw_input=call.arguments,
            raw_input_partial=call.raw_arguments if call.arguments is None else None,
        )
    )
