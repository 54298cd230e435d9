"""One nested loop while it runs: who it is, how far it has come, and how it is reached."""

import time
from collections.abc import Callable

from harn_tui.errors import HarnError
from harn_tui.events.host import FeedbackStateChanged
from harn_tui.feedback.item import USER_KIND, FeedbackItem
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.json_types import JsonObject
from harn_tui.kinds import WorkerEvent
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.sub_agents.agent_request import AgentRequest
from harn_tui.loop.sub_agents.child_progress import ChildProgress
from harn_tui.sinks.base import EventSink
from harn_tui.sinks.emit import emit
from harn_tui.sinks.scope import loop_sink
from harn_tui.tools.readable import one_line


class ChildAgent:
    """A nested loop. ``parent`` is the nested loop that started it, ``None`` for a root's child.

    ``sink`` and ``feedback`` are those of its own session. ``clock_ms`` gives Unix-epoch
    milliseconds.
    """

    def __init__(
        self,
        worker_id: str,
        request: AgentRequest,
        *,
        session_id: str,
        parent_session_id: str,
        parent: "ChildAgent | None",
        sink: EventSink,
        feedback: FeedbackQueue,
        call_words: Callable[[str, JsonObject], str],
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.worker_id = worker_id
        self.request = request
        self.session_id = session_id
        self.parent_session_id = parent_session_id
        self.parent_worker_id = None if parent is None else parent.worker_id
        self.depth: int = 1 if parent is None else parent.depth + 1
        """How many loops it is nested in."""
        self.control = RunControl("the run that started it was stopped")
        self.progress = ChildProgress(call_words)
        self.state = WorkerEvent.SPAWNED
        self.now_ms = clock_ms
        self.started_at_ms = clock_ms()
        self.last_event_at_ms = self.started_at_ms
        self._sink = sink
        self._feedback = feedback

    @property
    def name(self) -> str:
        """Its name for people; others may have the same."""
        return self.request.name

    @property
    def task(self) -> str:
        """What it was asked to do."""
        return self.request.task

    @property
    def is_running(self) -> bool:
        """Whether its loop still goes on; its session may be open for a moment longer."""
        return self.progress.status is None

    @property
    def doing(self) -> str:
        """What it does now in one line: what it asks, its call, its last words, or its task."""
        progress = self.progress
        for question in progress.open_questions.values():
            return f"waits for an answer: {question}"
        return progress.current_call or progress.last_line or one_line(self.task)

    def steer(self, text: str) -> None:
        """Queue a person's line for its next model call.

        The line is journalled, where the nested session has a journal, before this returns.
        Raises HarnError for blank text.
        """
        if not text.strip():
            raise HarnError("There is nothing to send.", hint="Type a line first.")
        item = self._feedback.push(self.session_id, USER_KIND, text)
        # Whoever steers may stand inside another loop, whose sink must not hear this.
        with loop_sink(self.session_id, self._sink):
            emit(
                FeedbackStateChanged(
                    session_id=self.session_id,
                    feedback_id=item.feedback_id,
                    state=item.state,
                    boundary=item.boundary,
                    content=item.content,
                )
            )

    def unread_lines(self) -> tuple[FeedbackItem, ...]:
        """Return the lines that wait for a model call."""
        return self._feedback.pending(self.session_id)

    def cancel(self, reason: str) -> bool:
        """Ask it to end; false when it was asked before."""
        return self.control.cancel(reason)
