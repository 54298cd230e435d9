"""What the parent's model reads of a nested loop that ended."""

from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, ToolErrorCategory, WorkerEvent
from harn_tui.loop.call_events import usage_fields
from harn_tui.loop.result import LoopResult
from harn_tui.loop.sub_agents.child import ChildAgent
from harn_tui.tools.base import ToolResult

_NO_TEXT = "(The agent ended without a text.)"


def agent_result(child: ChildAgent, result: LoopResult) -> ToolResult:
    """Return the nested loop's visible text, as a failure unless all of it went well.

    A call in it that was refused makes it one of category ``permission_denied``: the parent is
    to know that something was not done, whatever the text says.
    """
    text = (result.visible_text or result.text).strip()
    problem = agent_problem(child, result)
    said = text or _NO_TEXT
    return ToolResult(
        text=f"The agent {child.name} {problem}.\n\n{said}" if problem else said,
        ok=problem is None,
        category=_category(child, result),
        details=_details(child, result),
    )


def agent_problem(child: ChildAgent, result: LoopResult) -> str | None:
    """Return what went wrong as a clause about the agent, ``None`` for nothing."""
    problems = []
    if result.status is not LoopStatus.DONE:
        problems.append(f"ended as {result.status.value} ({result.reason.rstrip('.')})")
    if child.progress.refused:
        names = ", ".join(dict.fromkeys(child.progress.refused))
        problems.append(f"was refused calls of {names}")
    return " and ".join(problems) or None


def final_event(status: LoopStatus) -> WorkerEvent:
    """Return the event that tells of the end; refused calls do not keep it from completing."""
    match status:
        case LoopStatus.DONE:
            return WorkerEvent.COMPLETED
        case LoopStatus.CANCELLED:
            return WorkerEvent.CANCELLED
        case _:
            return WorkerEvent.FAILED


def _category(child: ChildAgent, result: LoopResult) -> ToolErrorCategory:
    if child.progress.refused:
        return ToolErrorCategory.PERMISSION_DENIED
    if result.status is LoopStatus.CANCELLED:
        return ToolErrorCategory.CANCELLED
    return ToolErrorCategory.TOOL_ERROR


def _details(child: ChildAgent, result: LoopResult) -> JsonObject:
    return {
        "worker_id": child.worker_id,
        "session_id": child.session_id,
        "status": result.status.value,
        "iterations": result.iterations,
        "usage": usage_fields(result.usage),
        "cost_usd": result.cost_usd,
    }
