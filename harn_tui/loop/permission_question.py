"""Asks a person for a call, or whoever answers for them, and remembers what they allowed.

Questions that cannot be asked let nothing through.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from harn_tui.errors import ConfigError, ToolError
from harn_tui.events.host import PermissionDecision, PermissionRequest
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.ids import new_request_id
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Decision, DecisionScope, ToolErrorCategory
from harn_tui.loop.config import LoopConfig, PermissionQuestion
from harn_tui.loop.failure_notice import tell_failure
from harn_tui.loop.permission import CheckedCall, permission_denied
from harn_tui.loop.state import LoopState
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.remembering import remember
from harn_tui.permissions.rule_trial import RuleTrial, try_rules
from harn_tui.sinks.emit import aemit, emit
from harn_tui.tools.base import Tool, ToolContext
from harn_tui.tools.foreseen_change import ForeseenChange
from harn_tui.tools.readable import one_line


async def ask_permission(
    config: LoopConfig, state: LoopState, tool: Tool, checked: CheckedCall, tool_call_id: str
) -> None:
    """Ask for a call and return when it may run. Raises ToolError when it may not."""
    decision, arguments = checked.decision, checked.call.arguments
    trial = await _trial(state, checked)
    question = PermissionQuestion(
        request_id=new_request_id(),
        tool_call_id=tool_call_id,
        tool_name=tool.name,
        reason=decision.reason,
        summary=_summary(state, tool, arguments),
        arguments=arguments,
        risks=tuple(dict.fromkeys(label.value for label in decision.risk_labels)),
        origin=decision.origin,
        trial=trial,
        path_params=(checked.call if trial is None else trial.call).path_params,
        foresee=_foresight(config, state, tool, arguments, tool_call_id),
        confinement=await _confinement(state, tool),
    )
    answer = await _ask(config, state, question, checked)
    if answer.is_cancelled:
        raise ToolError(
            "The run was stopped before anybody decided.", category=ToolErrorCategory.CANCELLED
        )
    if answer.decision is Decision.DENY:
        raise permission_denied(_refusal_reason(answer))


def _foresight(
    config: LoopConfig, state: LoopState, tool: Tool, arguments: JsonObject, tool_call_id: str
) -> Callable[[], ForeseenChange] | None:
    if tool.foresee is None:
        return None
    context = ToolContext(
        session_id=state.session_id,
        cwd=config.cwd,
        workspace_roots=config.workspace_roots,
        on_output=lambda _text, _stream: None,
        tool_call_id=tool_call_id,
    )
    return partial(tool.foresee, arguments, context)


async def _trial(state: LoopState, checked: CheckedCall) -> RuleTrial | None:
    try:
        return await try_rules(state.gate, checked.call, checked.annotations)
    except BaseException as error:
        # boundary: rules may be a program's own
        if not is_foreign_failure(error):
            raise
        tell_failure(state.session_id, "Trying out a rule", error, "none is proposed")
        return None


def request_event(question: PermissionQuestion, session_id: str) -> PermissionRequest:
    """Return the announcement of ``question`` in a session.

    The arguments are told of a nested loop's call, which has no row of its own there.
    """
    return PermissionRequest(
        session_id=session_id,
        request_id=question.request_id,
        tool_call_id=question.tool_call_id,
        tool_name=question.tool_name,
        reason=question.reason,
        summary=question.summary,
        source=question.source,
        arguments=None if question.source is None else question.arguments,
        risks=list(question.risks) or None,
        origin=question.origin,
        proposed_rule=_proposed_rule(question.trial),
        confinement=question.confinement,
    )


def _proposed_rule(trial: RuleTrial | None) -> JsonObject | None:
    proposal = None if trial is None else trial.proposal
    if proposal is None:
        return None
    return {
        "tool": proposal.tool_name,
        "pattern": proposal.pattern,
        "argument": proposal.argument,
    }


async def _confinement(state: LoopState, tool: Tool) -> str | None:
    if tool.confinement is None:
        return None
    try:
        return await tool.confinement()
    except BaseException as error:
        # boundary: a tool's own code, for people only
        if not is_foreign_failure(error):
            raise
        tell_failure(state.session_id, f"The sandbox of {tool.name}", error, "it is not told")
        return None


def _summary(state: LoopState, tool: Tool, arguments: JsonObject) -> str:
    """Return the line that a person decides on; whoever decides must see what would run."""
    plain = one_line(f"{tool.name} {json.dumps(arguments, ensure_ascii=False)}")
    try:
        summary: object = tool.summarize(arguments)
    except BaseException as error:
        # boundary: a tool's own code, for people only
        if not is_foreign_failure(error):
            raise
        what = f"The summary of {tool.name}"
        tell_failure(state.session_id, what, error, "its arguments are shown as they are")
        return plain
    return summary if isinstance(summary, str) else plain


async def _ask(
    config: LoopConfig, state: LoopState, question: PermissionQuestion, checked: CheckedCall
) -> Answer:
    """Announce the question, wait for its answer and announce that too.

    The answer is asked for first, because whoever hears the announcement may answer at once.
    """
    pending = _begin_to_ask(config, state, question)
    emit(request_event(question, state.session_id))
    if pending is None:
        answer = Answer(Decision.DENY, note="Nobody can be asked in this run.")
    else:
        answer = await _answer(state, pending)
    answer, rule = _remembered(config, state, checked, answer)
    await aemit(
        PermissionDecision(
            session_id=state.session_id,
            request_id=question.request_id,
            decision=answer.decision,
            scope=answer.scope,
            rule=rule,
            note=answer.note,
        )
    )
    return answer


def _remembered(
    config: LoopConfig, state: LoopState, checked: CheckedCall, answer: Answer
) -> tuple[Answer, str | None]:
    """Grant what was allowed; return the answer with the scope that it has, and the rule."""
    if answer.decision is not Decision.ALLOW:
        return answer, None
    pattern = None if answer.rule is None else answer.rule.pattern
    if answer.scope is DecisionScope.ALWAYS and pattern is None:
        # A program that answers so keeps what it likes; here it holds for the session.
        answer = replace(answer, scope=DecisionScope.SESSION)
    try:
        rule = remember(checked.call, answer.scope, config.grants, pattern=pattern)
    except ConfigError as error:
        tell_failure(state.session_id, "Remembering an approval", error, "it holds this once")
        return replace(answer, scope=DecisionScope.ONCE), None
    return answer, rule


def _begin_to_ask(
    config: LoopConfig, state: LoopState, question: PermissionQuestion
) -> Awaitable[object] | None:
    if config.ask_permission is None:
        return None
    try:
        return config.ask_permission(question)
    except BaseException as error:
        # boundary: a program's own way to ask
        if not is_foreign_failure(error):
            raise
        _tell_unasked(state, error)
        return None


async def _answer(state: LoopState, pending: Awaitable[object]) -> Answer:
    try:
        answer = await pending
        if isinstance(answer, Answer):
            return answer
        raise TypeError(f"{answer!r} is no answer")
    except BaseException as error:
        # boundary: a program's own way to ask; without an answer nothing is allowed
        if not is_foreign_failure(error):
            raise
        _tell_unasked(state, error)
        return Answer(Decision.DENY, note="The question got no answer.")


def _tell_unasked(state: LoopState, error: BaseException) -> None:
    tell_failure(state.session_id, "Asking for permission", error, "the call was refused")


def _refusal_reason(answer: Answer) -> str:
    if answer.note:
        return f"This call was refused: {answer.note}"
    return "This call was refused. Do not try it again; do something else or ask."
