"""What a session waits for from the person: decisions on calls, and answers to questions."""

from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.kinds import Decision, DecisionScope


@dataclass(slots=True)
class PendingPermission:
    """A permission request without an answer.

    ``source`` names the nested loop that asks, ``None`` for the session itself. ``arguments``
    are then those of the nested loop's call; else the call has a row that has them. ``risks``
    are labels of what its command could do, ``origin`` is where the rule that asks was written,
    ``proposed_rule`` the pattern of a rule that would let calls like it through. ``confinement``
    says whether a sandbox will hold its command.
    """

    request_id: str
    tool_call_id: str
    tool_name: str
    reason: str
    summary: str
    asked_at_ms: int
    source: str | None = None
    arguments: JsonObject | None = None
    risks: tuple[str, ...] = ()
    origin: str | None = None
    proposed_rule: str | None = None
    confinement: str | None = None


@dataclass(frozen=True, slots=True)
class PendingQuestion:
    """A question to the person without an answer; the fields are those of ``QuestionAsked``.

    Each option is its label and its description. ``source`` names the nested loop that asks.
    """

    question_id: str
    tool_call_id: str
    question: str
    options: tuple[tuple[str, str], ...]
    allows_text: bool
    allows_several: bool
    default: str | None
    asked_at_ms: int
    source: str | None = None

    @property
    def takes_text(self) -> bool:
        """Whether other words than an option's are an answer."""
        return self.allows_text or not self.options


@dataclass(slots=True)
class AnsweredPermission:
    """How a permission request was answered, for the tool row and the log."""

    decision: Decision
    scope: DecisionScope
    note: str | None
