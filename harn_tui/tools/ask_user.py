"""The ``ask_user`` tool: one question to the person, with answers to choose from or in words."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from harn_tui.errors import ToolError
from harn_tui.ids import new_question_id
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.tools.arguments import flag_argument, text_argument
from harn_tui.tools.base import TimeKeeping, Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.readable import one_line
from harn_tui.tools.write_file import encode_text

MAX_OPTIONS = 10
MAX_ANSWER_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class QuestionOption:
    """An answer to choose. ``description`` says more, empty when there is no more to say."""

    label: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class UserQuestion:
    """What a person is asked.

    Without ``options`` any text is an answer; with some, text counts when ``allows_text`` is
    true. ``default`` is the answer when the person just confirms, ``None`` when they must choose.
    """

    question_id: str
    session_id: str
    question: str
    options: tuple[QuestionOption, ...] = ()
    allows_text: bool = True
    default: str | None = None

    def as_json(self) -> JsonObject:
        """Return the question for programs, in the form of docs/tools.md (questions)."""
        options: list[JsonValue] = [
            {"label": option.label, "description": option.description} for option in self.options
        ]
        return {
            "question_id": self.question_id,
            "question": self.question,
            "options": options,
            "allows_text": self.allows_text,
            "default": self.default,
        }

    def answer(self, text: str) -> str:
        """Return the answer that ``text`` gives: an option by label or number from 1, or free text.

        Blank text is the default. Raises ValueError, in words, for what is no answer.
        """
        given = text.strip()
        if not given:
            if self.default is not None:
                return self.default
            raise ValueError("an answer is needed")
        if len(given) > MAX_ANSWER_CHARACTERS:
            raise ValueError(f"an answer may have {MAX_ANSWER_CHARACTERS} characters")
        for option in self.options:
            if given.casefold() == option.label.casefold():
                return option.label
        numbers = {str(number): option for number, option in enumerate(self.options, 1)}
        if given in numbers:
            return numbers[given].label
        if self.options and not self.allows_text:
            labels = ", ".join(f"{number}: {o.label}" for number, o in numbers.items())
            raise ValueError(f"choose one of {labels}")
        return given


class AskUser(Protocol):
    """Puts a question before the person."""

    async def __call__(self, question: UserQuestion, /) -> str | None:
        """Return what ``question.answer`` made of the person's words.

        ``None`` when nobody can be asked. May wait for as long as the person takes; a
        cancellation takes the question back.
        """


_DESCRIPTION = (
    "Ask the person one question and wait for the answer. Use it for a decision that only they can"
    " make and that you cannot find out yourself. Give `options` when the likely answers are"
    " known, the one that you recommend first."
)
_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "question": {
            "type": "string",
            "minLength": 1,
            "description": "The question, complete in itself.",
        },
        "options": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "label": {
                        "type": "string",
                        "minLength": 1,
                        "description": "The answer in a few words.",
                    },
                    "description": {"type": "string", "description": "What choosing it means."},
                },
                "required": ["label"],
                "additionalProperties": False,
            },
            "description": f"Answers to choose from, at most {MAX_OPTIONS}.",
        },
        "allow_text": {
            "type": "boolean",
            "default": True,
            "description": "Whether the person may answer in their own words instead.",
        },
        "default": {
            "type": "string",
            "description": "The answer to assume when the person just confirms or is not there.",
        },
    },
    "required": ["question"],
    "additionalProperties": False,
}


def _question(arguments: JsonObject, session_id: str) -> UserQuestion:
    words = text_argument(arguments, "question")
    encode_text(words, "question")
    options = _options(arguments.get("options"))
    allows_text = flag_argument(arguments, "allow_text")
    question = UserQuestion(new_question_id(), session_id, words, options, allows_text)
    default = text_argument(arguments, "default", "").strip()
    if not default:
        return question
    encode_text(default, "default")
    try:
        chosen = question.answer(default)
    except ValueError as error:
        raise _wrong(f"parameter `default` is no answer: {error}.") from error
    return UserQuestion(question.question_id, session_id, words, options, allows_text, chosen)


def _options(value: JsonValue) -> tuple[QuestionOption, ...]:
    given = value if isinstance(value, list) else []
    options = []
    for item in given:
        if isinstance(item, dict):
            label = text_argument(item, "label").strip()
            description = text_argument(item, "description", "").strip()
            encode_text(label + description, "options")
            options.append(QuestionOption(label, description))
    labels = {option.label.casefold() for option in options}
    if len(labels) < len(options) or "" in labels:
        raise _wrong("parameter `options`: each label must be there once, and not be blank.")
    if len(options) > MAX_OPTIONS:
        raise _wrong(f"parameter `options` may have {MAX_OPTIONS} entries at most.")
    return tuple(options)


def _wrong(message: str) -> ToolError:
    return ToolError(message, category=ToolErrorCategory.SCHEMA_VALIDATION)


def _unanswered(question: UserQuestion) -> ToolResult:
    details: JsonObject = {**question.as_json(), "answer": None}
    if question.default is None:
        text = "Nobody can be asked in this run. Decide yourself, and say what you assumed."
        return ToolResult(text, ok=False, details=details)
    text = f"Nobody can be asked in this run; the default counts: {question.default}"
    return ToolResult(text, details=details)


def _summarize(arguments: JsonObject) -> str:
    return f"ask: {one_line(str(arguments.get('question', '')))}"


def ask_user_tool(ask: AskUser) -> Tool:
    """Return the tool that asks with ``ask``, one question at a time."""
    turn = asyncio.Lock()

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        question = _question(arguments, context.session_id)
        async with turn:
            answer = await ask(question)
        if answer is None:
            return _unanswered(question)
        return ToolResult(
            f"The person answered: {answer}", details={**question.as_json(), "answer": answer}
        )

    return Tool(
        name="ask_user",
        description=_DESCRIPTION,
        parameters=_PARAMETERS,
        annotations=ToolAnnotations(ToolKind.THINK),
        run=run,
        summarize=_summarize,
        time_keeping=TimeKeeping.PEOPLE,
    )
