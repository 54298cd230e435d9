"""The ``ask_user`` tool: one question to the person, with answers to choose from or in words."""

from dataclasses import replace
from typing import Protocol

from harn_tui.errors import ToolError
from harn_tui.ids import new_question_id
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.tools.arguments import flag_argument, text_argument
from harn_tui.tools.base import TimeKeeping, Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.readable import one_line
from harn_tui.tools.user_question import (
    ASK_USER_TOOL_NAME,
    MAX_OPTIONS,
    QuestionOption,
    UserAnswer,
    UserQuestion,
)
from harn_tui.tools.write_file import encode_text


class AskUser(Protocol):
    """Puts a question before the person."""

    async def __call__(self, question: UserQuestion, /) -> UserAnswer | None:
        """Return what the person answered, ``None`` when nobody can be asked.

        May wait for as long as the person takes; a cancellation takes the question back. Calls
        that run at the same time ask at the same time: whoever asks has them wait in line.
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
        "allow_several": {
            "type": "boolean",
            "default": False,
            "description": "Whether the person may choose several of the options.",
        },
        "default": {
            "type": "string",
            "description": "The answer to assume when the person just confirms or is not there.",
        },
    },
    "required": ["question"],
    "additionalProperties": False,
}


def _question(arguments: JsonObject, context: ToolContext) -> UserQuestion:
    words = text_argument(arguments, "question")
    encode_text(words, "question")
    options = _options(arguments.get("options"))
    allows_several = flag_argument(arguments, "allow_several")
    if allows_several and not options:
        raise _wrong("parameter `allow_several` needs `options` to choose from.")
    question = UserQuestion(
        question_id=new_question_id(),
        session_id=context.session_id,
        question=words,
        options=options,
        allows_text=flag_argument(arguments, "allow_text"),
        allows_several=allows_several,
        tool_call_id=context.tool_call_id,
    )
    default = text_argument(arguments, "default", "").strip()
    if not default:
        return question
    encode_text(default, "default")
    try:
        return replace(question, default=question.answer(default))
    except ValueError as error:
        raise _wrong(f"parameter `default` is no answer: {error}.") from error


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


def _result(question: UserQuestion, answer: UserAnswer | None) -> ToolResult:
    """Return what the model reads of the answer, and for programs the question with it."""
    details: JsonObject = {**question.as_json(), "answers": [], "is_declined": False}
    if answer is None:
        return _unanswered(question, details)
    if answer.is_declined:
        details["is_declined"] = True
        text = "The person declined to answer. Do not ask it again; go on without the answer."
        return ToolResult(text, details=details)
    details["answers"] = list(answer.answers)
    if len(answer.answers) == 1:
        return ToolResult(f"The person answered: {answer.answers[0]}", details=details)
    chosen = "\n".join(f"- {one}" for one in answer.answers)
    return ToolResult(f"The person answered:\n{chosen}", details=details)


def _unanswered(question: UserQuestion, details: JsonObject) -> ToolResult:
    if question.default is None:
        text = "Nobody can be asked in this run. Decide yourself, and say what you assumed."
        return ToolResult(text, ok=False, details=details)
    text = f"Nobody can be asked in this run; the default counts: {question.default}"
    return ToolResult(text, details=details)


def _summarize(arguments: JsonObject) -> str:
    return f"ask: {one_line(str(arguments.get('question', '')))}"


def ask_user_tool(ask: AskUser) -> Tool:
    """Return the tool that asks with ``ask``."""

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        question = _question(arguments, context)
        return _result(question, await ask(question))

    return Tool(
        name=ASK_USER_TOOL_NAME,
        description=_DESCRIPTION,
        parameters=_PARAMETERS,
        annotations=ToolAnnotations(ToolKind.THINK, "read_only"),
        run=run,
        summarize=_summarize,
        time_keeping=TimeKeeping.PEOPLE,
    )
