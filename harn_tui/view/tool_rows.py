"""The rows of tool calls, found or made by the id of the call."""

from harn_tui.kinds import ToolCallStatus, ToolKind
from harn_tui.view.model import ToolBlock
from harn_tui.view.step import Step


def row_of(step: Step, tool_call_id: str) -> ToolBlock | None:
    """Return the newest row of the call, ``None`` when there is none."""
    number = step.view.tools_by_id.get(tool_call_id)
    block = step.view.blocks[number] if number is not None else None
    return block if isinstance(block, ToolBlock) else None


def tool_row(step: Step, tool_call_id: str, tool_name: str, kind: ToolKind | None) -> ToolBlock:
    """Return the row of the call, changed by this step; made when the call was not known yet."""
    view = step.view
    known = row_of(step, tool_call_id)
    if known is not None:
        step.changes.blocks.add(view.tools_by_id[tool_call_id])
        known.tool_name = tool_name or known.tool_name
        return known
    block = ToolBlock(
        started_at_ms=step.at_ms,
        tool_call_id=tool_call_id,
        tool_name=tool_name,
        kind=kind,
        status=ToolCallStatus.PENDING,
        turn=view.turn,
        call=view.call,
    )
    number = step.add(block)
    view.tools_by_id[tool_call_id] = view.unfinished_tools[tool_call_id] = number
    if view.calls:
        view.calls[-1].tools.append(number)
    return block
