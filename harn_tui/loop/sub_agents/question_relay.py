"""Takes a nested loop's permission questions to whoever answers for its parent."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

from harn_tui.events.host import PermissionDecision
from harn_tui.kinds import Decision, DecisionScope
from harn_tui.loop.config import AskPermission, PermissionQuestion
from harn_tui.loop.permission_question import request_event
from harn_tui.loop.sub_agents.child import ChildAgent
from harn_tui.loop.sub_agents.parent_side import ParentSide
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.grants import pattern_rule


class QuestionRelay:
    """Asks in the parent's name, one level up; the parent's session has question and answer too.

    A parent that is itself nested passes the question on in the same way, so that it comes to
    the root. What is granted is granted to the nested loop that asked and to no other, unless it
    always holds.
    """

    def __init__(
        self, child: ChildAgent, parent: ParentSide, ask_parent: AskPermission | None
    ) -> None:
        self._child = child
        self._parent = parent
        self._ask_parent = ask_parent

    def ask(self, question: PermissionQuestion) -> Awaitable[Answer]:
        """Ask, announce the question to the parent's session, and return the answer to come."""
        inner = question.source
        source = self._child.name if inner is None else f"{self._child.name} › {inner}"
        asked = replace(question, source=source, tool_call_id=self._parent.tool_call_id)
        pending = _nobody() if self._ask_parent is None else self._ask_parent(asked)
        self._parent.tell(request_event(asked, self._parent.session_id))
        return self._answer(pending, question)

    async def _answer(self, pending: Awaitable[Answer], question: PermissionQuestion) -> Answer:
        try:
            answer = await pending
        except asyncio.CancelledError:
            note = f"The agent {self._child.name} was stopped before anybody decided."
            self._tell_decision(question, Answer(Decision.DENY, note=note))
            raise
        self._tell_decision(question, answer)
        is_own = question.source is None
        if is_own and answer.note and answer.decision is Decision.ALLOW:
            self._child.steer(answer.note)
        return answer

    def _tell_decision(self, question: PermissionQuestion, answer: Answer) -> None:
        """Announce the answer; only a rule that always holds is granted to the parent too."""
        rule = answer.rule if answer.scope is DecisionScope.ALWAYS else None
        self._parent.tell(
            PermissionDecision(
                session_id=self._parent.session_id,
                request_id=question.request_id,
                decision=answer.decision,
                scope=answer.scope,
                rule=None if rule is None else pattern_rule(question.tool_name, rule.pattern),
                note=answer.note,
            )
        )


async def _nobody() -> Answer:
    return Answer(Decision.DENY, note="Nobody can be asked in this run.")
