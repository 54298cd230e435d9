"""Requests that nobody answered before the process ended."""

import pytest

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import LoopEnd, PermissionDecision, PermissionRequest, SessionStart
from harn_tui.events.record import Event, Record
from harn_tui.kinds import Decision, DecisionScope, LoopStatus, ToolCallStatus
from harn_tui.store.lost_requests import lost_requests

START = SessionStart("s", "/", "m", "p", "native")
ANSWER = PermissionDecision("s", "r1", Decision.ALLOW, DecisionScope.ONCE)
ENDED_CALL = ToolCallUpdate("s", "t1", "write", ToolCallStatus.FAILED)
RUNNING_CALL = ToolCallUpdate("s", "t1", "write", ToolCallStatus.IN_PROGRESS)
ENDED_RUN = LoopEnd("s", "l", LoopStatus.CANCELLED, "stopped", 1, {})


def ask(number: int) -> PermissionRequest:
    return PermissionRequest("s", f"r{number}", f"t{number}", "write", "no rule", "write a")


def lost(*events: Event) -> list[str]:
    records = [Record(index, 0, None, event) for index, event in enumerate(events)]
    return [request.request_id for request in lost_requests(records)]


def test_what_was_open_is_lost() -> None:
    assert lost(START, ask(1), ask(2), ANSWER) == ["r2"]
    assert lost(START, ask(1), RUNNING_CALL) == ["r1"]


@pytest.mark.parametrize("end", [ANSWER, ENDED_CALL, ENDED_RUN, START])
def test_what_was_answered_or_ended_or_told_before_is_not_lost(end: Event) -> None:
    assert lost(START, ask(1), end) == []
