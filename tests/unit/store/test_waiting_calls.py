"""Which calls of a log waited for an approval when it ended, and had not begun."""

import pytest

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import (
    MessageRecorded,
    PermissionRequest,
    QuestionAnswered,
    QuestionAsked,
    SessionStart,
)
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import QuestionOutcome, ToolCallStatus
from harn_tui.store.history import INTERRUPTED_RESULT, fold_history
from harn_tui.store.lost_requests import lost_requests
from harn_tui.store.waiting_calls import waiting_calls
from tests.unit.store.log_building import numbered
from tests.unit.store.test_history import assistant, result, user

START = SessionStart("s", "/", "m", "p", "native")


def recorded(*messages: JsonObject) -> list[Event]:
    return [MessageRecorded("s", message) for message in messages]


def update(call: str, status: ToolCallStatus) -> Event:
    return ToolCallUpdate("s", f"tool-{call}", "write", status)


def ask(call: str, source: str | None = None) -> Event:
    return PermissionRequest("s", "r", f"tool-{call}", "write", "no rule", "write", source)


def question(call: str, source: str | None = None) -> Event:
    return QuestionAsked("s", "q", f"tool-{call}", "Tabs?", [], True, False, source=source)


def asking(call: str, name: str = "ask_user") -> Event:
    return ToolCallUpdate("s", f"tool-{call}", name, ToolCallStatus.IN_PROGRESS)


def waiting(*events: Event) -> set[str]:
    records = list(numbered([START, *events]))
    return set(waiting_calls(records, lost_requests(records), fold_history(records).open_at_end()))


PENDING = [update(call, ToolCallStatus.PENDING) for call in "abc"]
REPLY = recorded(user("q"), assistant("", "a", "b", "c"))


def test_the_calls_without_a_result_wait_with_the_one_that_was_asked_about() -> None:
    assert waiting(*REPLY, *PENDING, ask("a")) == {"a", "b", "c"}
    assert waiting(*REPLY, *PENDING, ask("a"), START, START) == {"a", "b", "c"}
    done = [update("a", ToolCallStatus.COMPLETED), *recorded(result("a"))]
    assert waiting(*REPLY, *PENDING, *done, ask("b")) == {"b", "c"}


def test_a_question_is_put_once_more_but_not_that_of_a_tool_that_did_other_things() -> None:
    assert waiting(*REPLY, *PENDING, asking("a"), question("a")) == {"a", "b", "c"}
    answered = QuestionAnswered("s", "q", QuestionOutcome.ANSWERED, ["yes"])
    assert waiting(*REPLY, *PENDING, asking("a"), question("a"), answered) == set()
    assert waiting(*REPLY, *PENDING, asking("a", "deploy"), question("a")) == set()
    assert waiting(*REPLY, *PENDING, asking("a"), question("a", source="fixer")) == set()


@pytest.mark.parametrize(
    "events",
    [
        [*REPLY, *PENDING],
        [*REPLY, *PENDING, ask("other")],
        [*REPLY, *PENDING, ask("a", source="fixer")],
        [*REPLY, *PENDING, ask("a"), update("b", ToolCallStatus.IN_PROGRESS)],
        [*REPLY, *PENDING, ask("a"), update("b", ToolCallStatus.FAILED)],
        [*REPLY, *PENDING, ask("a"), *recorded(user("behind it"))],
        [*recorded(user("q"), assistant("<write></write>")), ask("a")],
        [ask("a")],
    ],
)
def test_calls_that_may_have_begun_or_were_not_asked_about_do_not_wait(events: list[Event]) -> None:
    assert waiting(*events) == set()


def test_an_id_that_an_earlier_reply_used_is_no_call_of_the_last_one() -> None:
    again = recorded(assistant("", "a"))
    begun = update("a", ToolCallStatus.IN_PROGRESS)
    assert waiting(*REPLY, begun, *again, ask("a")) == {"a"}


def test_only_the_results_of_calls_that_wait_are_left_out() -> None:
    history = fold_history(numbered([*REPLY, *recorded(result("b"))]))
    assert history.open_at_end() == ("a", "c")
    left = history.with_open({"a"})
    assert left[-2:] == [result("b"), result("c", INTERRUPTED_RESULT)]
    assert history.with_open(()) == history.messages
    assert fold_history(numbered(recorded(user("q")))).open_at_end() == ()
