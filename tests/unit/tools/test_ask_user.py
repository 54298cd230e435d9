"""ask_user: what the person is asked, what counts as an answer, and when nobody is there."""

import asyncio
from dataclasses import dataclass, field

import pytest

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.arguments import validate_arguments
from harn_tui.tools.ask_user import ask_user_tool
from harn_tui.tools.base import ToolResult
from harn_tui.tools.user_question import (
    MAX_ANSWER_CHARACTERS,
    QuestionOption,
    UserAnswer,
    UserQuestion,
)
from tests.unit.tools.conftest import Workspace

COLOURS: list[JsonValue] = [
    {"label": "Red", "description": "as blood"},
    {"label": "Green"},
]


@dataclass
class Person:
    """Answers with ``words``, declines without; ``is_there`` false when nobody is."""

    words: str | None
    is_there: bool = True
    asked: list[UserQuestion] = field(default_factory=list)

    async def __call__(self, question: UserQuestion, /) -> UserAnswer | None:
        self.asked.append(question)
        if not self.is_there:
            return None
        return UserAnswer() if self.words is None else UserAnswer(question.answers(self.words))


NOBODY = Person(None, is_there=False)


async def ask(workspace: Workspace, person: Person, **arguments: JsonValue) -> ToolResult:
    tool = ask_user_tool(person)
    checked = validate_arguments(tool, {"question": "Which colour?", **arguments})
    return await tool.run(checked, workspace.context)


async def test_an_answer_reaches_the_model_and_the_details(workspace: Workspace) -> None:
    person = Person("2")
    result = await ask(workspace, person, options=COLOURS, allow_text=False, default="red")
    assert result.text == "The person answered: Green"
    assert result.details["answers"] == ["Green"]
    (question,) = person.asked
    assert question.question_id.startswith("question_")
    assert question.session_id == "session"
    assert question.tool_call_id == workspace.context.tool_call_id
    assert question.as_json() == {
        "question_id": question.question_id,
        "question": "Which colour?",
        "options": [
            {"label": "Red", "description": "as blood"},
            {"label": "Green", "description": ""},
        ],
        "allows_text": False,
        "allows_several": False,
        "default": "Red",
    }


QUESTION = UserQuestion(
    "q", "s", "?", (QuestionOption("Red"), QuestionOption("2"), QuestionOption("Blue")), True, "Red"
)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("red", "Red"),
        ("1", "Red"),
        ("2", "2"),
        ("3", "Blue"),
        (" BLUE ", "Blue"),
        ("", "Red"),
        ("4", "4"),
        ("a mix of both", "a mix of both"),
    ],
)
def test_a_label_a_number_or_free_words_are_answers(words: str, answer: str) -> None:
    assert QUESTION.answer(words) == answer


SEVERAL = UserQuestion(
    "q",
    "s",
    "?",
    (QuestionOption("Red"), QuestionOption("Blue, dark"), QuestionOption("Green")),
    allows_several=True,
)


@pytest.mark.parametrize(
    ("given", "answers"),
    [
        ("1,3", ("Red", "Green")),
        ("red, 2", ("Red", "Blue, dark")),
        ("Blue, dark", ("Blue, dark",)),
        ("3", ("Green",)),
        ("1, 1", ("Red",)),
        ("1, or none", ("1, or none",)),
        (["1", "a fourth, too"], ("Red", "a fourth, too")),
    ],
)
def test_several_answers_may_be_given_where_that_is_asked(
    given: str | list[str], answers: tuple[str, ...]
) -> None:
    assert SEVERAL.answers(given) == answers


def test_several_answers_to_a_question_for_one_are_none() -> None:
    assert QUESTION.answers("1, 3") == ("1, 3",)
    with pytest.raises(ValueError, match="one answer is asked for"):
        QUESTION.answers(["1", "3"])


def test_no_answer_at_all_is_the_default() -> None:
    assert QUESTION.answers([]) == QUESTION.answers("") == ("Red",)
    with pytest.raises(ValueError, match="an answer is needed"):
        SEVERAL.answers([])


async def test_several_answers_reach_the_model_one_a_line(workspace: Workspace) -> None:
    result = await ask(workspace, Person("2, 1"), options=COLOURS, allow_several=True)
    assert result.text == "The person answered:\n- Green\n- Red"
    assert result.details["answers"] == ["Green", "Red"]


async def test_a_person_may_decline(workspace: Workspace) -> None:
    result = await ask(workspace, Person(None), options=COLOURS, default="2")
    assert result.ok
    assert "declined to answer" in result.text
    assert (result.details["answers"], result.details["is_declined"]) == ([], True)


@pytest.mark.parametrize(
    ("question", "words", "problem"),
    [
        (UserQuestion("q", "s", "?"), "  ", "an answer is needed"),
        (UserQuestion("q", "s", "?", (QuestionOption("A"),), False), "B", "choose one of 1: A"),
        (UserQuestion("q", "s", "?"), "x" * (MAX_ANSWER_CHARACTERS + 1), "may have"),
    ],
)
def test_what_is_no_answer_is_said_in_words(
    question: UserQuestion, words: str, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        question.answer(words)


async def test_when_nobody_is_there_the_default_counts(workspace: Workspace) -> None:
    result = await ask(workspace, NOBODY, options=COLOURS, default="2")
    assert result.ok
    assert result.text == "Nobody can be asked in this run; the default counts: Green"
    assert result.details["answers"] == []


async def test_when_nobody_is_there_and_nothing_is_assumed_the_model_must_decide(
    workspace: Workspace,
) -> None:
    result = await ask(workspace, NOBODY)
    assert not result.ok
    assert "Decide yourself" in result.text


@pytest.mark.parametrize(
    "arguments",
    [
        {"options": [{"label": "A"}, {"label": "a"}]},
        {"options": [{"label": " "}]},
        {"options": [{"label": str(n)} for n in range(11)]},
        {"options": COLOURS, "allow_text": False, "default": "Blue"},
        {"question": "\ud800"},
        {"options": ["Red"]},
        {"allow_several": True},
    ],
)
async def test_a_question_that_cannot_be_put_is_refused(
    workspace: Workspace, arguments: dict[str, JsonValue]
) -> None:
    with pytest.raises(ToolError) as caught:
        await ask(workspace, Person("1"), **arguments)
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


async def test_questions_of_calls_that_run_at_once_are_all_put_at_once(
    workspace: Workspace,
) -> None:
    asked: list[str] = []
    all_asked = asyncio.Event()

    async def answer(question: UserQuestion) -> UserAnswer | None:
        asked.append(question.question)
        if len(asked) == 3:
            all_asked.set()
        await all_asked.wait()
        return UserAnswer((question.question,))

    tool = ask_user_tool(answer)
    calls = [
        tool.run(validate_arguments(tool, {"question": f"{n}?"}), workspace.context)
        for n in range(3)
    ]
    results = await asyncio.gather(*calls)
    assert [result.text for result in results] == [f"The person answered: {n}?" for n in range(3)]


async def test_a_question_is_taken_back_when_the_run_is_cancelled(workspace: Workspace) -> None:
    is_open = asyncio.Event()
    was_cancelled = False

    async def wait(_question: UserQuestion) -> UserAnswer | None:
        nonlocal was_cancelled
        is_open.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            was_cancelled = True
            raise
        return None

    tool = ask_user_tool(wait)
    task = asyncio.ensure_future(tool.run({"question": "?"}, workspace.context))
    await is_open.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert was_cancelled
