"""What a session is doing at a moment, in words."""

from dataclasses import dataclass
from enum import StrEnum

from harn_tui.console.amounts import format_duration, format_seconds
from harn_tui.console.plain_text import one_line
from harn_tui.kinds import LoopStatus, ToolCallStatus
from harn_tui.view.model import SessionView, ToolBlock


class Activity(StrEnum):
    """Kinds of being busy; decides glyph and colour."""

    OPENING = "opening"
    IDLE = "idle"
    PAUSED = "paused"
    FAILED = "failed"
    WORKING = "working"
    WAITING_FOR_MODEL = "waiting_for_model"
    STREAMING = "streaming"
    RUNNING_TOOL = "running_tool"
    WAITING_FOR_PERSON = "waiting_for_person"
    RETRYING = "retrying"


@dataclass(frozen=True, slots=True)
class StateWords:
    """An activity and how it reads."""

    activity: Activity
    words: str


def state_words(view: SessionView, now_ms: int, *, is_paused: bool) -> StateWords:
    """Return what ``view`` is doing at ``now_ms``."""
    if not view.is_running:
        return _idle_words(view, is_paused=is_paused)
    if view.permissions or view.questions:
        return StateWords(Activity.WAITING_FOR_PERSON, "waiting for you")
    if view.retry_until_ms is not None and view.retry_until_ms > now_ms:
        left_ms = view.retry_until_ms - now_ms + 999
        return StateWords(Activity.RETRYING, f"retry in {format_seconds(left_ms)}")
    tool = _running_tool(view)
    if tool is not None:
        since = tool.running_since_ms or tool.started_at_ms
        name = one_line(tool.tool_name)
        return StateWords(Activity.RUNNING_TOOL, f"running {name} {format_seconds(now_ms - since)}")
    if view.call_started_at_ms is not None and view.first_token_at_ms is None:
        waited = format_seconds(now_ms - view.call_started_at_ms)
        return StateWords(Activity.WAITING_FOR_MODEL, f"waiting for the first token {waited}")
    if view.call_started_at_ms is not None:
        return StateWords(Activity.STREAMING, "streaming")
    return StateWords(Activity.WORKING, "working")


def elapsed_words(view: SessionView, now_ms: int) -> str:
    """Return how long the run takes, or took; empty when there was none."""
    if view.run_started_at_ms is None:
        return ""
    if view.is_running:
        return format_seconds(now_ms - view.run_started_at_ms)
    if view.run_ended_at_ms is None:
        return ""
    return format_duration(view.run_ended_at_ms - view.run_started_at_ms)


def _idle_words(view: SessionView, *, is_paused: bool) -> StateWords:
    if is_paused and view.queue:
        return StateWords(Activity.PAUSED, "paused")
    if view.last_status in {None, LoopStatus.DONE, LoopStatus.IDLE}:
        return StateWords(Activity.IDLE, "idle")
    if view.last_status is LoopStatus.CANCELLED:
        return StateWords(Activity.IDLE, "interrupted")
    words = view.last_status.value.replace("_", " ") if view.last_status else "failed"
    return StateWords(Activity.FAILED, words)


def _running_tool(view: SessionView) -> ToolBlock | None:
    """Return the call that was announced last among those that run."""
    for index in reversed(view.unfinished_tools.values()):
        block = view.blocks[index]
        if isinstance(block, ToolBlock) and block.status is ToolCallStatus.IN_PROGRESS:
            return block
    return None
