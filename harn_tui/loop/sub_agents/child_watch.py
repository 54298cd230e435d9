"""Hears a nested loop's events and lets the parent know what of them matters to it."""

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import FeedbackStateChanged, PermissionRequest, QuestionAsked
from harn_tui.events.record import Event
from harn_tui.kinds import FeedbackState, ToolCallStatus
from harn_tui.loop.sub_agents.child import ChildAgent
from harn_tui.loop.sub_agents.child_progress import LINE_CHARS
from harn_tui.loop.sub_agents.parent_side import ParentSide
from harn_tui.loop.sub_agents.worker_events import WorkerReporter
from harn_tui.tools.readable import one_line


class ChildWatch:
    """A sink beside the nested session's own: it counts, reports, and says a line a step."""

    def __init__(self, child: ChildAgent, parent: ParentSide, reporter: WorkerReporter) -> None:
        self._child = child
        self._parent = parent
        self._reporter = reporter

    def handle_event(self, event: Event) -> None:
        """Take one event of the nested session."""
        child = self._child
        child.last_event_at_ms = child.now_ms()
        has_news = child.progress.take(event)
        line = self._line(event)
        if line:
            self._parent.say(one_line(line, LINE_CHARS))
        if has_news:
            self._reporter.moved()

    def _line(self, event: Event) -> str:
        """Return what the live output of the parent's call says of ``event``, or nothing."""
        match event:
            case ToolCallUpdate(status=ToolCallStatus.IN_PROGRESS):
                return self._child.progress.current_call
            case PermissionRequest():
                return f"waits for an answer: {event.summary}"
            case QuestionAsked():
                return f"waits for an answer: {event.question}"
            case FeedbackStateChanged(state=FeedbackState.QUEUED, content=str(text)):
                return f"> {text}"
            case FeedbackStateChanged(state=FeedbackState.DELIVERED):
                return f"> delivered before call {event.call}"
            case _:
                return ""
