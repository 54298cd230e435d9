"""Decides whether a call may run: rules first, then its arguments, then a person.

A denied call never reaches validation, and nobody is asked about a call that could not run.
Rules that fail, and questions that cannot be asked, let nothing through.
"""

import asyncio
import json
from collections.abc import Awaitable

from harn_tui.errors import ToolError
from harn_tui.events.host import PermissionDecision, PermissionRequest
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.ids import new_request_id
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Decision, DecisionScope, PermissionVerdict, ToolErrorCategory
from harn_tui.loop.config import LoopConfig, PermissionQuestion
from harn_tui.loop.failure_notice import tell_failure
from harn_tui.loop.state import LoopState
from harn_tui.permissions.annotations import CallAnnotations, SideEffectLevel
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.gate import GateDecision
from harn_tui.sinks.emit import aemit, emit
from harn_tui.tools.arguments import validated_arguments
from harn_tui.tools.base import Tool
from harn_tui.tools.readable import one_line


async def check_rules(
    config: LoopConfig, state: LoopState, tool: Tool, arguments: JsonObject
) -> tuple[JsonObject, GateDecision]:
    """Return the validated arguments and what policies and rules say of them: allow or ask.

    Raises ToolError for a call that is denied or whose arguments are wrong.
    """
    decision = await _decide(config, state, tool, arguments)
    if decision.verdict is PermissionVerdict.DENY:
        raise denied(decision.reason)
    validated = await validated_arguments(tool, arguments)
    if validated != arguments:
        decision = await _decide(config, state, tool, validated)
    if decision.verdict is PermissionVerdict.DENY:
        raise denied(decision.reason)
    return validated, decision


def reason_to_ask(decision: GateDecision) -> str:
    """Return why a person is asked, with what a command of the call could do."""
    labels = ", ".join(dict.fromkeys(label.value for label in decision.risk_labels))
    return f"{decision.reason} Risks: {labels}." if labels else decision.reason


async def ask_permission(
    config: LoopConfig,
    state: LoopState,
    tool: Tool,
    arguments: JsonObject,
    tool_call_id: str,
    reason: str,
) -> None:
    """Ask for a call and return when it may run. Raises ToolError when it may not."""
    question = PermissionQuestion(
        request_id=new_request_id(),
        tool_call_id=tool_call_id,
        tool_name=tool.name,
        reason=reason,
        summary=_summary(state, tool, arguments),
        arguments=arguments,
    )
    answer = await _ask(config, state, question)
    if answer.is_cancelled:
        raise ToolError(
            "The run was stopped before anybody decided.", category=ToolErrorCategory.CANCELLED
        )
    if answer.decision is Decision.DENY:
        raise denied(_refusal_reason(answer))


async def _decide(
    config: LoopConfig, state: LoopState, tool: Tool, arguments: JsonObject
) -> GateDecision:
    own = tool.annotations
    paths = own.path_params or ("path",)
    try:
        inner = await _paths_within(tool, arguments)
        call = PermissionCall(tool.name, arguments, paths, config.cwd, inner)
        level = SideEffectLevel(own.side_effect_level)
        annotations = CallAnnotations(
            own.kind,
            level,
            own.path_params,
            own.capabilities,
            tool.is_of_runtime,
            own.reaches_any_address,
        )
        return await state.gate.settle(call, annotations, session_id=state.session_id)
    except BaseException as error:
        # boundary: rules may be a program's own; what they cannot judge must not run
        if not is_foreign_failure(error):
            raise
        tell_failure(state.session_id, "A permission rule", error, "the call was refused")
        reason = "The permission rules failed, so the call was refused."
        return GateDecision(PermissionVerdict.DENY, reason)


async def _paths_within(tool: Tool, arguments: JsonObject) -> tuple[str, ...]:
    paths_of = tool.paths_of
    return () if paths_of is None else await asyncio.to_thread(paths_of, arguments)


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


async def _ask(config: LoopConfig, state: LoopState, question: PermissionQuestion) -> Answer:
    """Announce the question, wait for its answer and announce that too.

    The answer is asked for first, because whoever hears the announcement may answer at once.
    """
    pending = _begin_to_ask(config, state, question)
    emit(
        PermissionRequest(
            session_id=state.session_id,
            request_id=question.request_id,
            tool_call_id=question.tool_call_id,
            tool_name=question.tool_name,
            reason=question.reason,
            summary=question.summary,
        )
    )
    if pending is None:
        answer = Answer(Decision.DENY, note="Nobody can be asked in this run.")
    else:
        answer = await _answer(state, pending)
    rule: str | None = None
    if answer.decision is Decision.ALLOW and answer.scope is not DecisionScope.ONCE:
        rule = config.grants.remember(question.tool_name, question.arguments)
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


def denied(reason: str) -> ToolError:
    """Return the end of a call that may not run."""
    return ToolError(reason, category=ToolErrorCategory.PERMISSION_DENIED)


def _refusal_reason(answer: Answer) -> str:
    if answer.note:
        return f"This call was refused: {answer.note}"
    return "This call was refused. Do not try it again; do something else or ask."
