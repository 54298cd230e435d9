"""Stops a run when the tool call that is running has ended, so that its result is kept."""

from collections.abc import Callable

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import LoopEnd, QuestionAnswered, QuestionAsked
from harn_tui.events.record import Record
from harn_tui.kinds import ToolCallStatus


class SoftStop:
    """Watches the records of a session. ``interrupt`` stops its run at once."""

    def __init__(self, interrupt: Callable[[], object]) -> None:
        self._interrupt = interrupt
        self._running: set[str] = set()
        self._questions: set[str] = set()
        self._is_armed = False

    @property
    def is_armed(self) -> bool:
        """Whether the run stops when a call ends."""
        return self._is_armed

    def arm(self) -> bool:
        """Stop when the next call ends; false when none is running or this was asked before.

        Nor does it wait for a call that waits for the person: they would have to answer first.
        """
        if self._is_armed or not self._running or self._questions:
            return False
        self._is_armed = True
        return True

    def take(self, record: Record) -> None:
        """Look at one record; calls ``interrupt`` when the moment has come."""
        event = record.event
        if isinstance(event, ToolCallUpdate):
            self._take_update(event)
        elif isinstance(event, QuestionAsked):
            self._questions.add(event.question_id)
        elif isinstance(event, QuestionAnswered):
            self._questions.discard(event.question_id)
        elif isinstance(event, LoopEnd):
            self._is_armed = False
            self._running.clear()
            self._questions.clear()

    def _take_update(self, event: ToolCallUpdate) -> None:
        if event.status is ToolCallStatus.IN_PROGRESS:
            self._running.add(event.tool_call_id)
            return
        if not event.status.is_terminal or event.tool_call_id not in self._running:
            return
        self._running.discard(event.tool_call_id)
        if self._is_armed and not self._running:
            self._is_armed = False
            self._interrupt()
