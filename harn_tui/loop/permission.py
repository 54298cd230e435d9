"""Decides whether a call may run by policies and rules; the arguments are checked in between.

A denied call never reaches validation, and nobody is asked about a call that could not run.
Rules that fail let nothing through.
"""

import asyncio
from dataclasses import dataclass

from harn_tui.errors import ToolError
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.json_types import JsonObject
from harn_tui.kinds import PermissionVerdict, ToolErrorCategory
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.failure_notice import tell_failure
from harn_tui.loop.state import LoopState
from harn_tui.permissions.annotations import CallAnnotations, SideEffectLevel
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.gate import GateDecision
from harn_tui.tools.arguments import validated_arguments
from harn_tui.tools.base import Tool


@dataclass(frozen=True, slots=True)
class CheckedCall:
    """A call that nobody denies, with its validated arguments, as the rules see it.

    ``decision`` is to allow it or to ask.
    """

    call: PermissionCall
    annotations: CallAnnotations
    decision: GateDecision


async def check_rules(
    config: LoopConfig, state: LoopState, tool: Tool, arguments: JsonObject
) -> CheckedCall:
    """Return what policies and rules say of a call whose arguments are validated here.

    Raises ToolError for a call that is denied or whose arguments are wrong.
    """
    checked = await _decide(config, state, tool, arguments)
    validated = await validated_arguments(tool, arguments)
    if validated != arguments:
        checked = await _decide(config, state, tool, validated)
    return checked


def permission_denied(reason: str) -> ToolError:
    """Return the error of a call that may not run; the model reads ``reason``."""
    return ToolError(reason, category=ToolErrorCategory.PERMISSION_DENIED)


async def _decide(
    config: LoopConfig, state: LoopState, tool: Tool, arguments: JsonObject
) -> CheckedCall:
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
        decision = await state.gate.settle(call, annotations, session_id=state.session_id)
    except BaseException as error:
        # boundary: rules may be a program's own; what they cannot judge must not run
        if not is_foreign_failure(error):
            raise
        tell_failure(state.session_id, "A permission rule", error, "the call was refused")
        reason = "The permission rules failed, so the call was refused."
        raise permission_denied(reason) from error
    if decision.verdict is PermissionVerdict.DENY:
        raise permission_denied(decision.reason)
    return CheckedCall(call, annotations, decision)


async def _paths_within(tool: Tool, arguments: JsonObject) -> tuple[str, ...]:
    paths_of = tool.paths_of
    return () if paths_of is None else await asyncio.to_thread(paths_of, arguments)
