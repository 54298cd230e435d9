"""What a model is told that calls a tool which it cannot call."""

from difflib import get_close_matches

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.loop.state import LoopState


def unknown_tool(state: LoopState, name: str) -> ToolError:
    """Return the refusal: out of the skills' scope, still to be searched for, or not there."""
    return ToolError(_reason(state, name), category=ToolErrorCategory.PERMISSION_DENIED)


def _reason(state: LoopState, name: str) -> str:
    hint = state.offered.hint(name)
    if hint is not None:
        return hint
    tool = next((tool for tool in state.offering.tools if tool.name == name), None)
    if tool is not None and not state.scope.allows(name, tool.namespace):
        return state.scope.refusal(name)
    near = get_close_matches(name, state.offered.names, n=1)
    question = f" Did you mean {near[0]!r}?" if near else ""
    known = ", ".join(sorted(state.offered.names)) or "none"
    return f"There is no tool called {name!r}.{question} Tools you can call: {known}."
