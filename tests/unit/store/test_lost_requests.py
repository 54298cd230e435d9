"""Requests that nobody answered before the process ended."""

import pytest

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import (
    LoopEnd,
    PermissionDecision,
    PermissionRequest,
    QuestionAsked,
    SessionStart,
    UserMessage,
)
from harn_tui.events.record import Event, Record
from harn_tui.kinds import Decision, DecisionScope, HostMessageMode, LoopStatus, ToolCallStatus
from harn_tui.store.lost_requests import lost_requests

START = SessionStart("s", "/", "m", "p", "native")
ANSWER = PermissionDecision("s", "r1", Decision.ALLOW, DecisionScope.ONCE)
ENDED_CALL = ToolCallUpdate("s", "t1", "write", ToolCallStatus.FAILED)
RUNNING_CALL = ToolCallUpdate("s", "t1", "write", ToolCallStatus.IN_PROGRESS)
SAID = UserMessage("s", "something else", HostMessageMode.WAIT_FOR_COMPLETION)
ENDED_RUN = LoopEnd("s", "l", LoopStatus.CANCELLED, "stopped", 1, {})


def ask(number: int) -> PermissionRequest:
    return PermissionRequest("s", f"r{number}", f"t{number}", "write", "no rule", "write a")


def lost(*events: Event) -> list[str]:
    records = [Record(index, 0, None, event) for index, event in enumerate(events)]
    found = lost_requests(records)
    return [r.question_id if isinstance(r, QuestionAsked) else r.request_id for r in found]


def test_what_was_open_is_lost() -> None:
    assert lost(START, ask(1), ask(2), ANSWER) == ["r2"]
    assert lost(START, ask(1), RUNNING_CALL) == ["r1"]


@pytest.mark.parametrize("end", [ANSWER, ENDED_CALL, ENDED_RUN, SAID])
def test_what_was_answered_or_ended_or_followed_by_another_request_is_not_lost(end: Event) -> None:
    assert lost(START, ask(1), end) == []
    assert lost(START, ask(1), START, end) == []


def test_a_process_that_ended_before_it_asked_again_loses_nothing() -> None:
    assert lost(START, ask(1), START, START) == ["r1"]
    again = PermissionRequest("s", "r9", "t1", "write", "no rule", "write a")
    assert lost(START, ask(1), START, again) == ["r9"]
    assert lost(START, ask(1), START, again, START) == ["r9"]


def test_the_request_of_an_agent_is_lost_with_the_process_that_had_it() -> None:
    of_agent = PermissionRequest("s", "r1", "t1", "write", "no rule", "write a", source="fixer")
    assert lost(START, of_agent) == ["r1"]
    assert lost(START, of_agent, START) == []
