"""What the console needs of what a session asks the person, and of what its commands use.

Structural types like those of ``console.ports``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from harn_tui.permissions.rule_files import RuleFile
    from harn_tui.permissions.rule_trial import RuleTrial
    from harn_tui.tools.foreseen_change import ForeseenChange


class QuestionsPort(Protocol):
    """The questions of a session that wait for the person. Every method returns at once."""

    def answer(self, question_id: str, given: str | Sequence[str]) -> bool:
        """Answer with text or with chosen labels; false when the question no longer waits.

        Raises ValueError, in words, for what is no answer to it.
        """
        ...

    def decline(self, question_id: str) -> bool:
        """Refuse to answer; false when the question no longer waits."""
        ...


class CommandLoadsPort(Protocol):
    """What the commands of a session use of the processor."""

    def percent(self, tool_call_id: str) -> int | None:
        """Return what the call's command used lately, ``None`` when that is not known (yet).

        Returns at once; being asked has the next measure taken.
        """
        ...


class ApprovalsPort(Protocol):
    """The open permission questions of a session. Every method but ``foresee`` returns at once."""

    @property
    def files(self) -> Sequence[RuleFile]:
        """Where a rule can be kept, empty for nowhere."""
        ...

    def trial(self, request_id: str) -> RuleTrial | None:
        """Return what tries rules out for an open question; ``None`` where there is none."""
        ...

    def path_params(self, request_id: str) -> tuple[str, ...]:
        """Return the parameters of an open question's call that hold paths."""
        ...

    def granted_parameter(self, request_id: str) -> str | None:
        """Return the one parameter that a grant for the session is about, ``None`` for all."""
        ...

    def foresees(self, request_id: str) -> bool:
        """Whether it can be told what the call would change."""
        ...

    async def foresee(self, request_id: str) -> ForeseenChange | None:
        """Return what the call would change, ``None`` when that cannot be told.

        Raises nothing, and takes two seconds at most.
        """
        ...
