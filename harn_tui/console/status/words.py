"""What a session is doing at a moment, in words."""

from dataclasses import dataclass
from enum import StrEnum

from harn_tui.console.amounts import format_duration, format_seconds
from harn_tui.console.status.quiet import (
    first_token_wait,
    person_wait,
    running_tool,
    stream_pause,
    tool_at_work,
)
from harn_tui.kinds import LoopStatus
from harn_tui.view.model import SessionView


class Activity(StrEnum):
    """Kinds of being busy; decides glyph and colour."""

    OPENING = "opening"
    IDLE = "idle"
    PAUSED = "paused"
    FAILED = "failed"
    WORKING = "working"
    WAITING_FOR_MODEL = "waiting_for_model"
    OVERDUE = "overdue"
    STREAMING = "streaming"
    RUNNING_TOOL = "running_tool"
    WAITING_FOR_PERSON = "waiting_for_person"
    RETRYING = "retrying"


@dataclass(frozen=True, slots=True)
class StateWords:
    """An activity and how it reads."""

    activity: Activity
    words: str


def state_words(
    view: SessionView, now_ms: int, *, is_paused: bool, cpu_percent: int | None = None
) -> StateWords:
    """Return what ``view`` is doing at ``now_ms``, or which layer is quiet.

    ``cpu_percent`` is what the command uses that runs, ``None`` when that is not known.
    """
    if not view.is_running:
        return _idle_words(view, is_paused=is_paused)
    person = person_wait(view, now_ms)
    if person is not None:
        return StateWords(Activity.WAITING_FOR_PERSON, person.words)
    if view.retry_until_ms is not None and view.retry_until_ms > now_ms:
        left_ms = view.retry_until_ms - now_ms + 999
        return StateWords(Activity.RETRYING, f"retry in {format_seconds(left_ms)}")
    tool = running_tool(view)
    if tool is not None:
        return StateWords(Activity.RUNNING_TOOL, tool_at_work(tool, now_ms, cpu_percent).words)
    if view.call_started_at_ms is None:
        return StateWords(Activity.WORKING, "working")
    if view.first_token_at_ms is None:
        wait = first_token_wait(view, now_ms)
        activity = Activity.OVERDUE if wait.is_odd else Activity.WAITING_FOR_MODEL
        return StateWords(activity, wait.words)
    pause = stream_pause(view, now_ms)
    if pause is not None:
        return StateWords(Activity.OVERDUE, pause.words)
    return StateWords(Activity.STREAMING, "streaming")


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
