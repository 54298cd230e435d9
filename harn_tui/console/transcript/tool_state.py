"""How the state of a tool call looks; glyph and word come with it, so never by colour alone."""

from harn_tui.console.amounts import format_duration, format_seconds
from harn_tui.console.transcript.roles import Role
from harn_tui.kinds import ToolCallStatus
from harn_tui.view.model import ToolBlock
from harn_tui.view.tool_line import ToolState

STATE_ROLES = {
    ToolState.ANNOUNCED: Role.MUTED,
    ToolState.WAITING: Role.WAITING,
    ToolState.ASKING: Role.WAITING,
    ToolState.RUNNING: Role.RUNNING,
    ToolState.DONE: Role.SUCCESS,
    ToolState.FAILED: Role.ERROR,
    ToolState.TIMED_OUT: Role.ERROR,
    ToolState.REFUSED: Role.WARNING,
    ToolState.INTERRUPTED: Role.WARNING,
}


def state_role(block: ToolBlock, state: ToolState) -> Role:
    """Return how the state of a call looks: a failure that the run may mend yet is muted."""
    role = STATE_ROLES[state]
    return role if role is not Role.ERROR or block.unrecovered else Role.MUTED


def time_spent(block: ToolBlock, now_ms: int) -> str:
    """Return how long the call took or has been going on; nothing before it began."""
    if block.status.is_terminal:
        spent = block.execution_duration_ms
        spent = block.duration_ms if spent is None else spent
        return "" if spent is None else format_duration(spent)
    since = block.waiting_since_ms
    if since is None and block.status is ToolCallStatus.IN_PROGRESS:
        since = block.running_since_ms or block.started_at_ms
    return "" if since is None or now_ms <= since else format_seconds(now_ms - since)
