"""The ``worker_update`` events by which a session learns of its nested loops."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from harn_tui.events.agent import WorkerUpdate
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUB_AGENT_MODE, WorkerEvent
from harn_tui.loop.sub_agents.child import ChildAgent
from harn_tui.loop.sub_agents.parent_side import ParentSide

LEAST_PAUSE_MS = 250
"""Between two events of progress: whoever draws them redraws at most four times a second."""


class Alarm(Protocol):
    """A call that is due later and can be taken back."""

    def cancel(self) -> object:
        """Do not make the call."""
        ...


CallLater = Callable[[float, Callable[[], None]], Alarm]
"""Takes seconds and what to call then, once."""


def _call_later(delay_s: float, callback: Callable[[], None]) -> Alarm:
    return asyncio.get_running_loop().call_later(delay_s, callback)


class WorkerReporter:
    """Tells the parent's session of one nested loop: its begin, its progress, its end.

    Progress that comes too soon after the last event is told when the pause is over, in its
    newest state; nothing follows the end.
    """

    def __init__(
        self, child: ChildAgent, parent: ParentSide, *, call_later: CallLater = _call_later
    ) -> None:
        self._child = child
        self._parent = parent
        self._call_later = call_later
        self._told_at_ms = 0
        self._alarm: Alarm | None = None
        self._waiting_since_ms: int | None = None

    def spawned(self) -> None:
        """The nested loop begins."""
        self._tell(WorkerEvent.SPAWNED)

    def moved(self) -> None:
        """Something about the nested loop has changed."""
        if self._child.state.is_terminal:
            return
        is_waiting = bool(self._child.progress.open_questions)
        if is_waiting and self._waiting_since_ms is None:
            self._waiting_since_ms = self._child.now_ms()
            self._tell(WorkerEvent.WAITING_FOR_INPUT)
            return
        if not is_waiting:
            self._waiting_since_ms = None
        passed_ms = self._child.now_ms() - self._told_at_ms
        if not 0 <= passed_ms < LEAST_PAUSE_MS:
            self._tell_progress()
        elif self._alarm is None:
            delay_s = (LEAST_PAUSE_MS - passed_ms) / 1000
            self._alarm = self._call_later(delay_s, self._tell_progress)

    def ended(self, event: WorkerEvent, error: str | None = None) -> None:
        """The nested loop has ended; ``error`` says why it did not complete."""
        self._waiting_since_ms = None
        self._tell(event, error)

    def _tell_progress(self) -> None:
        is_waiting = self._waiting_since_ms is not None
        self._tell(WorkerEvent.WAITING_FOR_INPUT if is_waiting else WorkerEvent.PROGRESSED)

    def _tell(self, event: WorkerEvent, error: str | None = None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        child = self._child
        child.state = event
        self._told_at_ms = child.now_ms()
        self._parent.tell(
            WorkerUpdate(
                session_id=self._parent.session_id,
                worker_id=child.worker_id,
                worker_name=child.name,
                worker_task=child.task,
                worker_mode=SUB_AGENT_MODE,
                event=event.value,
                status=event.status,
                metadata=self._metadata(event, error),
            )
        )

    def _metadata(self, event: WorkerEvent, error: str | None) -> JsonObject:
        child = self._child
        is_whole = event is WorkerEvent.SPAWNED or event.is_terminal
        started_at = _stamp(child.started_at_ms)
        return {
            "artifact_count": 0,
            "audit": None,
            "awaiting_started_at": _stamp(self._waiting_since_ms),
            "child_run_id": child.progress.loop_id,
            "child_run_path": None,
            "created_at": started_at,
            "error": error,
            "execution": self._execution(),
            "finished_at": _stamp(self._told_at_ms) if event.is_terminal else None,
            "has_transcript": child.progress.turns > 0,
            "mode": SUB_AGENT_MODE,
            "parent_stage_id": None,
            "parent_worker_id": child.parent_worker_id,
            "provenance": {
                "worker_id": child.worker_id,
                "session_id": child.session_id,
                "parent_session_id": child.parent_session_id,
                "tool_call_id": self._parent.tool_call_id,
            },
            # Progress is told often, and the log keeps all of it.
            "request": child.request.as_json() if is_whole else {},
            "snapshot_path": None,
            "started_at": started_at,
            "task": child.task,
        }

    def _execution(self) -> JsonObject:
        progress = self._child.progress
        return {
            "current_call": progress.current_call,
            "questions": list(progress.open_questions.values()),
            "last_line": progress.last_line,
            "last_event_at": _stamp(self._child.last_event_at_ms),
            "turns": progress.turns,
            "tool_calls": progress.tool_calls,
            "input_tokens": progress.input_tokens,
            "output_tokens": progress.output_tokens,
            "cost_usd": progress.cost_usd,
        }


def _stamp(epoch_ms: int | None) -> str | None:
    """Return the time as RFC 3339 text, ``None`` for none."""
    if epoch_ms is None:
        return None
    time = datetime.fromtimestamp(epoch_ms / 1000, UTC)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
