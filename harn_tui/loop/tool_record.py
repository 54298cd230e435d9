"""What a run remembers of a call that ended: figures, verification, what acted."""

from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.state import LoopState, ToolCallOutcome

_CHANGING_KINDS = frozenset({ToolKind.EDIT, ToolKind.DELETE, ToolKind.MOVE})


def count_call(config: LoopConfig, state: LoopState, outcome: ToolCallOutcome) -> None:
    """Count the call, and take it as verification or as the end of one.

    A call that was only not repeated is among the calls of the run, one that was denied is not.
    """
    if outcome.is_rejected:
        state.counters.tool_rejections += 1
        state.reject_tool(outcome.tool_name)
        if outcome.category is ToolErrorCategory.REJECTED_LOOP:
            state.use_tool(outcome.tool_name)
        return
    state.has_acted = True
    state.use_tool(outcome.tool_name)
    state.counters.tool_executions += 1
    if outcome.status == "ok" and outcome.tool_name not in state.tools_successful:
        state.tools_successful.append(outcome.tool_name)
    _note_verification(config, state, outcome)


def _note_verification(config: LoopConfig, state: LoopState, outcome: ToolCallOutcome) -> None:
    """Keep the exit code of a verification; a later change makes it void (10.25)."""
    if outcome.tool_name in config.options.verification_tools:
        state.verification_exit_code = outcome.exit_code
        return
    tool = state.offered.get(outcome.tool_name)
    if tool is not None and tool.annotations.kind in _CHANGING_KINDS:
        state.verification_exit_code = None
