"""What a typed line means: a request, a command that begins with a slash, or an answer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from harn_tui.kinds import Boundary, Decision, DecisionScope


class Command(StrEnum):
    """The commands without a text of their own; the value is what is typed after the slash."""

    HELP = "help"
    STOP = "stop"
    QUEUE = "queue"
    RESUME = "resume"
    COMPACT = "compact"
    AGAIN = "again"
    DECLINE = "decline"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class SayLine:
    """Words for the model, and where they enter."""

    text: str
    boundary: Boundary = Boundary.NEXT_PREFLIGHT


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """An answer to the approval that was asked for first."""

    decision: Decision
    scope: DecisionScope
    note: str | None


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """An answer in words, or by the numbers of options, to the model's oldest question."""

    text: str


@dataclass(frozen=True, slots=True)
class ModelLine:
    """The model to go over to; empty to hear which there are."""

    words: str


@dataclass(frozen=True, slots=True)
class StrayAnswer:
    """The bare number of an answer when nothing is asked: it came too late, or by mistake."""

    number: str


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """A slash and a word that is no command."""

    name: str


TypedLine: TypeAlias = (
    SayLine | AnswerLine | ReplyLine | ModelLine | StrayAnswer | Command | UnknownCommand | None
)

_CHOICES = {
    "1": (Decision.ALLOW, DecisionScope.ONCE),
    "2": (Decision.ALLOW, DecisionScope.SESSION),
    "3": (Decision.DENY, DecisionScope.ONCE),
}
_REPLY = "answer"
_MODEL = "model"
_BOUNDARIES = {"after": Boundary.AFTER_RUN, "now": Boundary.NOW}


def read_line(line: str, *, is_asked: bool) -> TypedLine:
    """Return what ``line`` means, ``None`` for a blank one.

    ``is_asked`` says that an approval waits: only then is a line that begins with one of the
    numbers, alone or before a note, an answer. Two slashes begin a text with one.
    """
    text = line.strip()
    if not text:
        return None
    if text.startswith("/"):
        return _command(text)
    if is_asked:
        number, _, note = text.partition(" ")
        if number in _CHOICES:
            return AnswerLine(*_CHOICES[number], note.strip() or None)
    elif text in _CHOICES:
        return StrayAnswer(text)
    return SayLine(text)


def _command(text: str) -> TypedLine:
    if text.startswith("//"):
        return SayLine(text[1:])
    name, _, rest = text[1:].partition(" ")
    if name in _BOUNDARIES and rest.strip():
        return SayLine(rest.strip(), _BOUNDARIES[name])
    if name == _REPLY and rest.strip():
        return ReplyLine(rest.strip())
    if name == _MODEL:
        return ModelLine(rest.strip())
    if name in set(Command) and not rest.strip():
        return Command(name)
    # A path is not a command: it is more likely the start of a request.
    if "/" in name or not name:
        return SayLine(text)
    return UnknownCommand(name)
