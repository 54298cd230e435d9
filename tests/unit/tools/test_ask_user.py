"""ask_user: what the person is asked, what counts as an answer, and when nobody is there."""

import asyncio
from dataclasses import dataclass, field

import pytest

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.arguments import validate_arguments
from harn_tui.tools.ask_user import (
    MAX_ANSWER_CHARACTERS,
    QuestionOption,
    UserQuestion,
    ask_user_tool,
)
from harn_tui.tools.base import ToolResult
from tests.unit.tools.conftest import Workspace

COLOURS: list[JsonValue] = [
    {"label": "Red", "description": "as blood"},
    {"label": "Green"},
]


@dataclass
class Person:
    """Answers with ``words``; ``None`` when nobody is there."""

    words: str | None
    asked: list[UserQuestion] = field(default_factory=list)

    async def __call__(self, question: UserQuestion) -> str | None:
        self.asked.append(question)
        return None if self.words is None else question.answer(self.words)


async def ask(workspace: Workspace, person: Person, **arguments: JsonValue) -> ToolResult:
    tool = ask_user_tool(person)
    checked = validate_arguments(tool, {"question": "Which colour?", **arguments})
    return await tool.run(checked, workspace.context)


async def test_an_answer_reaches_the_model_and_the_details(workspace: Workspace) -> None:
    person = Person("2")
    result = await ask(workspace, person, options=COLOURS, allow_text=False, default="red")
    assert result.text == "The person answered: Green"
    assert result.details["answer"] == "Green"
    (question,) = person.asked
    assert question.question_id.startswith("question_")
    assert question.session_id == "session"
    assert question.as_json() == {
        "question_id": question.question_id,
        "question": "Which colour?",
        "options": [
            {"label": "Red", "description": "as blood"},
            {"label": "Green", "description": ""},
        ],
        "allows_text": False,
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
    result = await ask(workspace, Person(None), options=COLOURS, default="2")
    assert result.ok
    assert result.text == "Nobody can be asked in this run; the default counts: Green"
    assert result.details["answer"] is None


async def test_when_nobody_is_there_and_nothing_is_assumed_the_model_must_decide(
    workspace: Workspace,
) -> None:
    result = await ask(workspace, Person(None))
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
    ],
)
async def test_a_question_that_cannot_be_put_is_refused(
    workspace: Workspace, arguments: dict[str, JsonValue]
) -> None:
    with pytest.raises(ToolError) as caught:
        await ask(workspace, Person("1"), **arguments)
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


async def test_questions_are_put_one_after_the_other(workspace: Workspace) -> None:
    open_questions = 0

    async def answer(question: UserQuestion) -> str | None:
        nonlocal open_questions
        open_questions += 1
        assert open_questions == 1
        await asyncio.sleep(0)
        open_questions -= 1
        return question.question

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

    async def wait(_question: UserQuestion) -> str | None:
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
