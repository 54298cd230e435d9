"""What a nested loop asks is asked at the root, and answered for that nested loop alone."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from harn_tui.feedback.wrapping import wrap_feedback
from harn_tui.kinds import Decision, DecisionScope, LoopStatus, ToolKind
from harn_tui.loop.config import PermissionQuestion
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.grants import SessionGrants
from tests.conformance.agent_driver import ROOT, Family, forever, start
from tests.conformance.loop_driver import Reply, make_tool, until

WRITE = make_tool("write", kind=ToolKind.EDIT)
ONCE = Answer(Decision.ALLOW)


class Person:
    """Answers every question in the same way and remembers what was asked."""

    def __init__(self, answer: Answer, before: Callable[[], Awaitable[None]] | None = None) -> None:
        self.asked: list[PermissionQuestion] = []
        self._answer = answer
        self._before = before

    def __call__(self, question: PermissionQuestion) -> Awaitable[Answer]:
        self.asked.append(question)
        return self._reply()

    async def _reply(self) -> Answer:
        if self._before is not None:
            await self._before()
        return self._answer


def one_writer(person: Person | None, **extra: Any) -> Family:
    return Family(
        {
            ROOT: [Reply(calls=(start("fix", name="fixer"),)), Reply("end")],
            "fix": [Reply(calls=(("write", {"path": "a"}),)), Reply("fixed")],
        },
        tools=(WRITE,),
        extra={"ask_permission": person, **extra},
    )


async def test_question_of_a_nested_loop_is_asked_at_the_root_with_its_name() -> None:
    person = Person(ONCE)
    family = one_writer(person)
    await family.run()
    (asked,) = person.asked
    assert (asked.source, asked.tool_name, asked.arguments) == ("fixer", "write", {"path": "a"})
    assert family.result_texts() == ["fixed"]


async def test_both_sessions_have_the_question_and_its_answer() -> None:
    person = Person(ONCE)
    family = one_writer(person)
    await family.run()
    (above,), (below,) = (
        family.of("permission_request"),
        family.child_of("fix", "permission_request"),
    )
    (asked,) = person.asked
    assert above.request_id == below.request_id == asked.request_id
    assert (below.source, below.arguments) == (None, None)
    assert (above.source, above.arguments) == ("fixer", {"path": "a"})
    (run_agent,) = family.ended_calls()
    assert above.tool_call_id == asked.tool_call_id == run_agent.tool_call_id
    for decision in (
        family.of("permission_decision"),
        family.child_of("fix", "permission_decision"),
    ):
        (only,) = decision
        assert (only.request_id, only.decision) == (asked.request_id, Decision.ALLOW)


async def test_question_from_two_levels_down_names_the_way_to_it() -> None:
    person = Person(ONCE)
    family = Family(
        {
            ROOT: [Reply(calls=(start("outer", name="out"),)), Reply("end")],
            "outer": [Reply(calls=(start("inner", name="in"),)), Reply("2")],
            "inner": [Reply(calls=(("write", {}),)), Reply("1")],
        },
        tools=(WRITE,),
        extra={"ask_permission": person},
    )
    await family.run()
    assert [question.source for question in person.asked] == ["out › in"]
    (above,) = family.of("permission_request")
    (between,) = family.child_of("outer", "permission_request")
    assert (above.source, between.source) == ("out › in", "in")
    assert len(family.of("permission_decision")) == 1
    assert len(family.child_of("outer", "permission_decision")) == 1


async def test_what_is_granted_to_a_nested_loop_does_not_widen_its_parent() -> None:
    person = Person(Answer(Decision.ALLOW, DecisionScope.SESSION))
    grants = SessionGrants()
    family = Family(
        {
            ROOT: [
                Reply(calls=(start("fix"),)),
                Reply(calls=(("write", {"path": "a"}),)),
                Reply("end"),
            ],
            "fix": [
                Reply(calls=(("write", {"path": "a"}),)),
                Reply(calls=(("write", {"path": "a"}),)),
                Reply("fixed"),
            ],
        },
        tools=(WRITE,),
        extra={"ask_permission": person, "grants": grants},
    )
    await family.run()
    assert [question.source for question in person.asked] == ["fix", None]
    (below,) = family.child_of("fix", "permission_decision")
    above, own = family.of("permission_decision")
    assert below.rule is not None
    assert (above.rule, own.rule) == (None, below.rule)
    assert grants.rules == (own.rule,)


async def test_what_the_parent_was_granted_holds_in_its_nested_loops() -> None:
    grants = SessionGrants()
    grants.remember("write", {"path": "a"})
    family = one_writer(None, grants=grants)
    await family.run()
    assert family.result_texts() == ["fixed"]


async def test_where_nobody_can_be_asked_a_nested_loop_is_denied() -> None:
    family = one_writer(None)
    await family.run()
    (decision,) = family.of("permission_decision")
    assert decision.decision is Decision.DENY
    assert family.result_texts()[0].startswith("The agent fixer was refused calls of write.")


async def test_note_on_an_approval_goes_to_the_nested_loop_that_asked() -> None:
    person = Person(Answer(Decision.ALLOW, note="only this once"))
    family = one_writer(person)
    await family.run()
    last = family.provider.requests_of("fix")[-1].messages[-1]
    assert last["content"] == wrap_feedback("user", "only this once")
    assert family.of("feedback_injected") == []


async def test_nested_loop_waits_for_input_while_its_question_is_open() -> None:
    family = one_writer(Person(ONCE))
    await family.run()
    updates = family.updates("fix")
    waiting = next(u for u in updates if u.event == "WorkerWaitingForInput")
    assert waiting.status == "awaiting_input"
    assert waiting.metadata["awaiting_started_at"]
    assert waiting.metadata["execution"]["questions"] == ["write {'path': 'a'}"]
    assert updates[-1].event == "WorkerCompleted"
    assert updates[-1].metadata["awaiting_started_at"] is None


async def test_cancelling_an_agent_that_waits_withdraws_its_question() -> None:
    async def cancel() -> None:
        family.agents.cancel(family.agent("fixer"))
        await forever()

    family = one_writer(Person(ONCE, before=cancel))
    result = await family.run()
    assert result.status is LoopStatus.DONE
    (decision,) = family.of("permission_decision")
    assert decision.decision is Decision.DENY
    assert "stopped before anybody decided" in decision.note
    assert family.updates("fix")[-1].event == "WorkerCancelled"


async def test_two_agents_may_wait_for_answers_at_the_same_time() -> None:
    both = asyncio.Event()

    async def wait_for_both() -> None:
        if len(person.asked) == 2:
            both.set()
        await both.wait()

    person = Person(ONCE, before=wait_for_both)
    family = Family(
        {
            ROOT: [Reply(calls=(start("a"), start("b"))), Reply("end")],
            "a": [Reply(calls=(("write", {"path": "a"}),)), Reply("a done")],
            "b": [Reply(calls=(("write", {"path": "b"}),)), Reply("b done")],
        },
        tools=(WRITE,),
        extra={"ask_permission": person},
    )
    await family.run()
    assert sorted(str(question.source) for question in person.asked) == ["a", "b"]
    assert family.result_texts() == ["a done", "b done"]


@pytest.mark.parametrize("is_open", [True, False])
async def test_agents_know_which_open_questions_are_theirs(is_open: bool) -> None:
    seen: list[bool] = []

    async def look() -> None:
        await until(lambda: family.agents.asks(person.asked[0].request_id))
        seen.append(family.agents.asks(person.asked[0].request_id if is_open else "other"))

    person = Person(ONCE, before=look)
    family = one_writer(person)
    await family.run()
    assert seen == [is_open]
    assert not family.agents.asks(person.asked[0].request_id)
