"""The open permission questions of a session, and the rules that their answers leave in files."""

import asyncio
import logging
from collections.abc import Awaitable
from contextvars import copy_context
from dataclasses import replace

from harn_tui.errors import ConfigError, UsageError
from harn_tui.events.host import Notice
from harn_tui.kinds import Decision, DecisionScope, NoticeLevel, RulePlace
from harn_tui.loop.config import PermissionQuestion
from harn_tui.permissions.broker import Answer, PermissionBroker
from harn_tui.permissions.chosen_rule import ChosenRule
from harn_tui.permissions.grants import granted_parameter, pattern_rule
from harn_tui.permissions.rule_files import RuleFile
from harn_tui.permissions.rule_trial import RuleTrial
from harn_tui.permissions.stored_rules import add_rule
from harn_tui.session.foresight import foreseen
from harn_tui.sinks.emit import emit
from harn_tui.tools.foreseen_change import ForeseenChange

log = logging.getLogger(__name__)


class Approvals:
    """Asks and takes answers, nested loops included; to be used on one event loop.

    ``files`` are those whose rules count in this session. Make it outside every loop: what it
    tells the session is told in the surroundings that it was made in.
    """

    def __init__(
        self, session_id: str, broker: PermissionBroker, files: tuple[RuleFile, ...]
    ) -> None:
        self.files = files
        """Where a rule can be kept, the first one by default; empty for nowhere."""
        self._session_id = session_id
        self._broker = broker
        self._questions: dict[str, PermissionQuestion] = {}
        self._surroundings = copy_context()

    def trial(self, request_id: str) -> RuleTrial | None:
        """Return what tries rules out for an open question, ``None`` where there is none."""
        question = self._questions.get(request_id)
        return None if question is None else question.trial

    def path_params(self, request_id: str) -> tuple[str, ...]:
        """Return the parameters of an open question's call that hold paths."""
        question = self._questions.get(request_id)
        return () if question is None else question.path_params

    def granted_parameter(self, request_id: str) -> str | None:
        """Return the parameter that a grant for the session is about, ``None`` for all."""
        question = self._questions.get(request_id)
        if question is None:
            return None
        return granted_parameter(question.tool_name, question.arguments)

    def foresees(self, request_id: str) -> bool:
        """Whether the tool of an open question can tell what its call would change."""
        question = self._questions.get(request_id)
        return question is not None and question.foresee is not None

    async def foresee(self, request_id: str) -> ForeseenChange | None:
        """Return what an open question's call would change, ``None`` where nobody can tell.

        Takes two seconds at most and raises nothing: what goes wrong is told as the ``problem``.
        """
        question = self._questions.get(request_id)
        if question is None or question.foresee is None:
            return None
        return await foreseen(question.foresee, self._session_id)

    def ask(self, question: PermissionQuestion) -> Awaitable[Answer]:
        """Accept answers to ``question`` from now on; await what is returned for the answer."""
        self._broker.open(question.request_id)
        self._questions[question.request_id] = question
        return self._wait(question)

    def answer(
        self,
        request_id: str,
        decision: Decision,
        scope: DecisionScope,
        note: str | None,
        rule: ChosenRule | None,
    ) -> bool:
        """Answer a question; false when it is not open. Raises UsageError for a wrong rule."""
        if request_id not in self._broker.pending():
            return False
        rule = self._checked(request_id, decision, scope, rule)
        return self._broker.answer(request_id, Answer(decision, scope, note, rule=rule))

    @property
    def are_own(self) -> bool:
        """Whether no nested loop asks; its question ends with it."""
        return all(question.source is None for question in self._questions.values())

    def _checked(
        self,
        request_id: str,
        decision: Decision,
        scope: DecisionScope,
        rule: ChosenRule | None,
    ) -> ChosenRule | None:
        """Return the rule that an answer gives: that which was chosen, else the proposed one."""
        if decision is Decision.DENY or scope is not DecisionScope.ALWAYS:
            if rule is not None:
                raise UsageError("A rule goes with an approval that always holds.")
            return None
        trial = self.trial(request_id)
        if trial is None or not self.files:
            raise UsageError("This session keeps no rules.", hint="Allow it for the session.")
        if rule is None and trial.proposal is not None:
            rule = ChosenRule(trial.proposal.pattern, self.files[0].place)
        problem = trial.problem("" if rule is None else rule.pattern)
        if rule is None or problem is not None:
            raise UsageError(problem or "A pattern is needed.")
        self._file(rule.place)
        return rule

    def _file(self, place: RulePlace) -> RuleFile:
        for file in self.files:
            if file.place is place:
                return file
        raise UsageError(
            "What a project allows counts only when its folder is trusted.",
            hint="Run `harn-tui config trust`, or keep the rule for all folders.",
        )

    async def _wait(self, question: PermissionQuestion) -> Answer:
        try:
            answer = await self._broker.ask(question.request_id)
        finally:
            del self._questions[question.request_id]
        trial, rule = question.trial, answer.rule
        if trial is None or rule is None:
            return answer
        return await self._keep(trial, rule, answer)

    async def _keep(self, trial: RuleTrial, rule: ChosenRule, answer: Answer) -> Answer:
        """Write the rule down; when that fails it holds for the session, and the person knows."""
        try:
            file = self._file(rule.place)
            await asyncio.to_thread(add_rule, file, trial.kept_rule(rule.pattern))
        except ConfigError as error:
            log.warning("a rule was not kept session_id=%s", self._session_id, exc_info=error)
            words = pattern_rule(trial.call.tool_name, rule.pattern)
            self._tell(f"The rule was not kept: {error} It holds for this session only: {words}")
            return replace(answer, scope=DecisionScope.SESSION)
        return answer

    def _tell(self, text: str) -> None:
        """Warn in the session, whichever loop is running here."""
        notice = Notice(self._session_id, NoticeLevel.WARNING, text)
        self._surroundings.copy().run(emit, notice)
