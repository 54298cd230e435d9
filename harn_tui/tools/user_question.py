"""A question to the person, what counts as an answer to it, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from harn_tui.json_types import JsonObject, JsonValue

ASK_USER_TOOL_NAME = "ask_user"
"""The tool by which a model asks the person: it asks, and does nothing else."""

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
    ``allows_several`` options may be chosen at once. ``tool_call_id`` names the call that asks,
    and ``source`` the nested loop that it is made in, ``None`` for the session's own.
    """

    question_id: str
    session_id: str
    question: str
    options: tuple[QuestionOption, ...] = ()
    allows_text: bool = True
    default: str | None = None
    allows_several: bool = False
    tool_call_id: str = ""
    source: str | None = None

    def options_json(self) -> list[JsonValue]:
        """Return the options for programs, in the order in which they are numbered."""
        return [
            {"label": option.label, "description": option.description} for option in self.options
        ]

    def as_json(self) -> JsonObject:
        """Return the question for programs, in the form of docs/tools.md (questions)."""
        return {
            "question_id": self.question_id,
            "question": self.question,
            "options": self.options_json(),
            "allows_text": self.allows_text,
            "allows_several": self.allows_several,
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
        label = self._label(given)
        if label is not None:
            return label
        if self.options and not self.allows_text:
            labels = ", ".join(f"{n}: {option.label}" for n, option in enumerate(self.options, 1))
            raise ValueError(f"choose one of {labels}")
        return given

    def answers(self, given: str | Sequence[str]) -> tuple[str, ...]:
        """Return the answers that ``given`` holds, each once; never none.

        Text is one answer, or several numbers or labels with commas between them where several
        are allowed. A sequence has one answer an item. Raises ValueError as ``answer`` does.
        """
        texts = self._parts(given) if isinstance(given, str) else tuple(given)
        if len(texts) > 1 and not self.allows_several:
            raise ValueError("one answer is asked for")
        return tuple(dict.fromkeys(map(self.answer, texts or ("",))))

    def _parts(self, text: str) -> tuple[str, ...]:
        parts = tuple(text.split(","))
        is_list = self.allows_several and len(parts) > 1 and self._label(text.strip()) is None
        if is_list and all(self._label(part.strip()) is not None for part in parts):
            return parts
        return (text,)

    def _label(self, given: str) -> str | None:
        """Return the option that ``given`` names, ``None`` when it names none."""
        for option in self.options:
            if given.casefold() == option.label.casefold():
                return option.label
        numbers = {str(number): option.label for number, option in enumerate(self.options, 1)}
        return numbers.get(given)


@dataclass(frozen=True, slots=True)
class UserAnswer:
    """What the person said: what ``UserQuestion.answers`` made of it, or nothing at all."""

    answers: tuple[str, ...] = ()

    @property
    def is_declined(self) -> bool:
        """Whether the person would not answer."""
        return not self.answers
