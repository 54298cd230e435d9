"""What a call of ask_user asks, the root asks the person, and every question ends exactly once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, QuestionOutcome
from harn_tui.loop.asking import ask_person
from harn_tui.loop.cancellation import RunControl
from harn_tui.tools.ask_user import ask_user_tool
from harn_tui.tools.user_question import UserAnswer, UserQuestion
from tests.conformance.agent_driver import ROOT, Family, forever, start
from tests.conformance.loop_driver import Reply, until

ASK_USER = ask_user_tool(ask_person)
COLOURS: JsonObject = {
    "question": "Which colour?",
    "options": [{"label": "Red"}, {"label": "Blue", "description": "as the sea"}],
}


class Person:
    """Takes questions and answers each with ``answer``, after ``before``."""

    def __init__(self, answer: Any, before: Callable[[], Awaitable[object]] | None = None) -> None:
        self.asked: list[UserQuestion] = []
        self._answer = answer
        self._before = before

    def __call__(self, question: UserQuestion) -> Awaitable[Any]:
        self.asked.append(question)
        return self._reply()

    async def _reply(self) -> Any:
        if self._before is not None:
            await self._before()
        return self._answer


def asking_root(person: Person | None, **more: Any) -> Family:
    replies = {ROOT: [Reply(calls=(("ask_user", COLOURS),)), Reply("end")]}
    return Family(replies, tools=(ASK_USER,), extra={"ask_person": person}, **more)


def asking_child(person: Person | None, **more: Any) -> Family:
    replies = {
        ROOT: [Reply(calls=(start("outer", name="out"),)), Reply("end")],
        "outer": [Reply(calls=(start("inner", name="in"),)), Reply("2")],
        "inner": [Reply(calls=(("ask_user", COLOURS),)), Reply("1")],
    }
    return Family(replies, tools=(ASK_USER,), extra={"ask_person": person}, **more)


async def test_question_and_answer_stand_between_the_begin_and_the_end_of_the_call() -> None:
    family = asking_root(Person(UserAnswer(("Blue",))))
    await family.run()
    (asked,), (answered,) = family.of("question_asked"), family.of("question_answered")
    assert (asked.question, asked.allows_text, asked.default) == ("Which colour?", True, None)
    assert asked.options == [
        {"label": "Red", "description": ""},
        {"label": "Blue", "description": "as the sea"},
    ]
    assert answered.question_id == asked.question_id
    assert (answered.outcome, answered.answers) == (QuestionOutcome.ANSWERED, ["Blue"])
    (call,) = family.ended_calls()
    assert asked.tool_call_id == call.tool_call_id
    types = [event.type for event in family.sink.events]
    begin = types.index("question_asked")
    assert types[begin - 1 : begin + 3] == [
        "tool_call_update",
        "question_asked",
        "question_answered",
        "tool_call_update",
    ]
    assert family.result_texts() == ["The person answered: Blue"]


async def test_declined_question_is_told_to_the_model() -> None:
    family = asking_root(Person(UserAnswer()))
    await family.run()
    (answered,) = family.of("question_answered")
    assert (answered.outcome, answered.answers) == (QuestionOutcome.DECLINED, [])
    assert "declined to answer" in family.result_texts()[0]


async def test_question_without_anybody_to_ask_fails_with_words() -> None:
    family = asking_root(None)
    await family.run()
    assert family.of("question_asked") == []
    (call,) = family.ended_calls()
    assert (call.status, call.error) == ("failed", family.result_texts()[0])
    assert "Nobody can be asked" in call.error


async def test_question_that_nobody_answers_is_announced_and_ends_alike() -> None:
    family = asking_root(Person(None))
    await family.run()
    (answered,) = family.of("question_answered")
    assert answered.outcome is QuestionOutcome.NOBODY
    assert "Nobody can be asked" in family.result_texts()[0]


async def test_question_of_a_nested_loop_comes_to_the_root_with_the_way_to_it() -> None:
    person = Person(UserAnswer(("Red",)))
    family = asking_child(person)
    await family.run()
    (at_root,) = person.asked
    (above,) = family.of("question_asked")
    (between,) = family.child_of("outer", "question_asked")
    (below,) = family.child_of("inner", "question_asked")
    assert above.question_id == between.question_id == below.question_id == at_root.question_id
    assert (above.source, between.source, below.source) == ("out › in", "in", None)
    assert above.session_id == family.session_id
    assert above.tool_call_id == family.ended_calls()[0].tool_call_id
    for answers in (
        family.of("question_answered"),
        family.child_of("outer", "question_answered"),
        family.child_of("inner", "question_answered"),
    ):
        assert [(a.question_id, a.answers) for a in answers] == [(at_root.question_id, ["Red"])]
    assert family.result_texts("inner") == ["The person answered: Red"]


async def test_agent_that_asks_is_told_as_waiting() -> None:
    waiting = asyncio.Event()
    family = asking_child(Person(UserAnswer(("Red",)), waiting.wait))
    running = asyncio.create_task(family.run())
    await until(lambda: any(u.event == "WorkerWaitingForInput" for u in family.updates("outer")))
    update = family.updates("outer")[-1]
    assert update.metadata["execution"]["questions"] == ["Which colour?"]
    waiting.set()
    await running
    assert family.updates("outer")[-1].status == "completed"


async def test_nested_loop_without_anybody_to_ask_decides_itself() -> None:
    family = asking_child(None)
    await family.run()
    assert "Nobody can be asked" in family.result_texts("inner")[0]
    assert family.child_of("inner", "question_asked") == []


@pytest.mark.parametrize("family_of", [asking_root, asking_child])
async def test_cancelled_run_withdraws_its_questions(
    family_of: Callable[..., Family],
) -> None:
    control = RunControl()
    person = Person(UserAnswer(("Red",)), forever)
    family = family_of(person, control=control)
    running = asyncio.create_task(family.run())
    await until(lambda: bool(family.of("question_asked")))
    control.cancel("stopped")
    result = await running
    assert result.status is LoopStatus.CANCELLED
    (answered,) = family.of("question_answered")
    assert (answered.outcome, answered.answers) == (QuestionOutcome.WITHDRAWN, [])


async def test_broken_way_to_ask_fails_the_call_and_not_the_run() -> None:
    family = asking_root(Person("no answer at all"))
    result = await family.run()
    assert result.status is LoopStatus.DONE
    (answered,) = family.of("question_answered")
    assert answered.outcome is QuestionOutcome.WITHDRAWN
    assert family.ended_calls()[0].status == "failed"
