"""The state of a tool call as a glyph, a word and a role: never by colour alone."""

from dataclasses import dataclass

from harn_tui.console.amounts import format_duration, format_seconds
from harn_tui.console.transcript.roles import Role
from harn_tui.kinds import ToolCallStatus, ToolErrorCategory
from harn_tui.view.model import ToolBlock


@dataclass(frozen=True, slots=True)
class ToolState:
    """How a tool call stands. ``word_role`` is ``None`` where the word looks like the glyph."""

    glyph: str
    word: str
    role: Role
    word_role: Role | None = None


_PREPARING = ToolState("○", "preparing", Role.MUTED)
_WAITING = ToolState("◆", "waiting for approval", Role.WAITING)
_RUNNING = ToolState("●", "running", Role.RUNNING)
_DONE = ToolState("✓", "done", Role.SUCCESS, Role.MUTED)
_FAILED = ToolState("✗", "failed", Role.ERROR)
_REFUSED = ToolState("⊘", "refused", Role.WARNING)
_CANCELLED = ToolState("■", "cancelled", Role.WARNING)
_INTERRUPTED = ToolState("■", "interrupted", Role.WARNING)


def tool_state(block: ToolBlock) -> ToolState:
    """Return the state of ``block``."""
    match block.status:
        case ToolCallStatus.COMPLETED:
            return _DONE
        case ToolCallStatus.FAILED:
            return _failure(block)
        case _ if block.interrupted:
            return _INTERRUPTED
        case _ if block.waiting_since_ms is not None:
            return _WAITING
        case ToolCallStatus.IN_PROGRESS:
            return _RUNNING
        case _:
            return _PREPARING


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


def _failure(block: ToolBlock) -> ToolState:
    if block.error_category is ToolErrorCategory.PERMISSION_DENIED:
        return _REFUSED
    if block.interrupted:
        return _INTERRUPTED
    return _CANCELLED if block.error_category is ToolErrorCategory.CANCELLED else _FAILED
