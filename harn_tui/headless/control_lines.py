"""Control lines on standard input of a headless run, one JSON object a line.

``{"type":"feedback","kind":K,"content":C}``, ``{"type":"user_message","mode":M,"content":C}``,
``{"type":"permission_decision","request_id":R,"decision":"allow"|"deny",
"scope":"once"|"session"|"always","note":N,"rule":PATTERN,"place":"user"|"project"}`` (``rule`` and
``place`` go with ``always``; without them the proposed rule is kept for all folders),
``{"type":"answer","question_id":Q,"answer":A}`` (or ``"answers":[A,…]``, or ``"decline":true``),
``{"type":"model","name":M}``, ``{"type":"compact"}``, ``{"type":"cancel"}``,
``{"type":"resume"}``. ``model`` goes over to another model with the next call; ``M`` is a model, a
provider, or ``PROVIDER:MODEL``. ``compact`` has older messages summarised before the next call.
With ``"agent":WORKER_ID``, feedback and cancel are for that nested loop alone. ``resume`` wakes a
daemon that waits. A line that is none of these is reported and skipped.
"""

import json
from dataclasses import dataclass
from typing import TypeAlias

from harn_tui.feedback.host_messages import parse_host_message_mode
from harn_tui.feedback.item import USER_KIND
from harn_tui.kinds import Decision, DecisionScope, HostMessageMode, RulePlace
from harn_tui.permissions.chosen_rule import ChosenRule


@dataclass(frozen=True, slots=True)
class FeedbackLine:
    """Feedback for the next preflight, of the nested loop ``agent`` unless that is ``None``."""

    kind: str
    content: str
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class UserMessageLine:
    """A message from the host, with the moment at which it wants to be read."""

    content: str
    mode: HostMessageMode


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """An answer to a permission request."""

    request_id: str
    decision: Decision
    scope: DecisionScope
    note: str | None
    rule: ChosenRule | None = None


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """An answer to a question: text, one text an answer, or ``None`` to decline."""

    question_id: str
    given: str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ModelLine:
    """Go over to the model that ``name`` names."""

    name: str


@dataclass(frozen=True, slots=True)
class CompactLine:
    """Have the history compacted before the next model call."""


@dataclass(frozen=True, slots=True)
class CancelLine:
    """End the run, or the nested loop ``agent`` alone."""

    agent: str | None = None


@dataclass(frozen=True, slots=True)
class ResumeLine:
    """Wake a daemon that waits."""


ControlLine: TypeAlias = (
    FeedbackLine
    | UserMessageLine
    | DecisionLine
    | AnswerLine
    | ModelLine
    | CompactLine
    | CancelLine
    | ResumeLine
)


class ControlLineError(ValueError):
    """A line that says nothing we understand; the message says what is wrong with it."""


def parse_control_line(line: str) -> ControlLine:
    """Return what ``line`` asks for. Raises ControlLineError."""
    try:
        members = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ControlLineError(f"not JSON: {error}") from error
    if not isinstance(members, dict):
        raise ControlLineError("not a JSON object")
    match members.get("type"):
        case "feedback":
            return _feedback(members)
        case "user_message":
            mode = parse_host_message_mode(members.get("mode"))
            return UserMessageLine(_text(members, "content"), mode)
        case "permission_decision":
            return _decision(members)
        case "answer":
            return _answer(members)
        case "model":
            return ModelLine(_text(members, "name"))
        case "compact":
            return CompactLine()
        case "cancel":
            return CancelLine(_agent(members))
        case "resume":
            return ResumeLine()
        case other:
            raise ControlLineError(
                f"unknown type {other!r}; known are feedback, user_message, "
                "permission_decision, answer, model, compact, cancel and resume"
            )


def _feedback(members: dict[str, object]) -> FeedbackLine:
    kind, agent = _text(members, "kind", USER_KIND), _agent(members)
    if agent is not None and kind != USER_KIND:
        raise ControlLineError("feedback to an `agent` is a person's: leave `kind` out")
    return FeedbackLine(kind, _text(members, "content"), agent)


def _agent(members: dict[str, object]) -> str | None:
    return _text(members, "agent") if "agent" in members else None


def _decision(members: dict[str, object]) -> DecisionLine:
    try:
        decision = Decision(_text(members, "decision"))
        scope = DecisionScope(_text(members, "scope", DecisionScope.ONCE))
    except ValueError as error:
        raise ControlLineError(
            f"{error}; `decision` is allow or deny, `scope` once, session or always"
        ) from error
    note = members.get("note")
    if note is not None and not isinstance(note, str):
        raise ControlLineError("`note` is not text")
    return DecisionLine(_text(members, "request_id"), decision, scope, note, _rule(members))


def _rule(members: dict[str, object]) -> ChosenRule | None:
    """Return the rule that a decision gives; whether it may is for the session to say."""
    if "rule" not in members:
        if "place" in members:
            raise ControlLineError("`place` goes with a `rule`")
        return None
    try:
        place = RulePlace(_text(members, "place", RulePlace.USER))
    except ValueError as error:
        raise ControlLineError(f"{error}; `place` is user or project") from error
    return ChosenRule(_text(members, "rule"), place)


def _answer(members: dict[str, object]) -> AnswerLine:
    question_id = _text(members, "question_id")
    match [(key, members[key]) for key in ("answer", "answers", "decline") if key in members]:
        case [("answer", str(text))]:
            return AnswerLine(question_id, text)
        case [("answers", [*texts])]:
            return AnswerLine(question_id, tuple(map(_one_answer, texts)))
        case [("decline", True)]:
            return AnswerLine(question_id, None)
        case _:
            raise ControlLineError(
                "give one of `answer` (text), `answers` (a list of texts) and `decline` (true)"
            )


def _one_answer(value: object) -> str:
    if not isinstance(value, str):
        raise ControlLineError("`answers` is a list of texts")
    return value


def _text(members: dict[str, object], key: str, default: str | None = None) -> str:
    value = members.get(key, default)
    if not isinstance(value, str) or not value.strip():
        raise ControlLineError(f"`{key}` is missing or not text")
    return value
