"""What a model is told that calls a tool which it cannot call."""

from collections.abc import Mapping
from difflib import get_close_matches

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.loop.state import LoopState
from harn_tui.tools.base import Tool


def unknown_tool(state: LoopState, name: str) -> ToolError:
    """Return the refusal: out of the skills' scope, still to be searched for, or not there."""
    return ToolError(_reason(state, name), category=ToolErrorCategory.PERMISSION_DENIED)


def unavailable_tools(state: LoopState) -> Mapping[str, str]:
    """Return the tools that exist and cannot be called in this turn, with the refusal of each."""
    refusals = ((tool.name, _refusal(state, tool)) for tool in state.offering.tools)
    return {name: refusal for name, refusal in refusals if refusal is not None}


def _refusal(state: LoopState, tool: Tool) -> str | None:
    if not state.scope.allows(tool.name, tool.namespace):
        return state.scope.refusal(tool.name)
    return state.offered.hint(tool.name)


def _reason(state: LoopState, name: str) -> str:
    tool = next((tool for tool in state.offering.tools if tool.name == name), None)
    refusal = None if tool is None else _refusal(state, tool)
    if refusal is not None:
        return refusal
    near = get_close_matches(name, state.offered.names, n=1)
    question = f" Did you mean {near[0]!r}?" if near else ""
    known = ", ".join(sorted(state.offered.names)) or "none"
    return f"There is no tool called {name!r}.{question} Tools you can call: {known}."
