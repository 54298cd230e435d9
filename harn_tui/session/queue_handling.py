"""What a person does with the queue as a whole: order, boundaries, pause, and a look ahead."""

from collections.abc import Callable

from harn_tui.feedback.item import USER_KIND, FeedbackItem
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Boundary, FeedbackState
from harn_tui.loop.messages import feedback_message, person_message, with_images
from harn_tui.session.lines import QueuedLines

_NEXT_BOUNDARY = {
    Boundary.NEXT_PREFLIGHT: Boundary.AFTER_RUN,
    Boundary.AFTER_RUN: Boundary.NEXT_PREFLIGHT,
    Boundary.NOW: Boundary.NEXT_PREFLIGHT,
}
_DUE = frozenset({Boundary.NOW, Boundary.NEXT_PREFLIGHT})


class QueueHandling:
    """Every method returns at once; what it did comes back as records."""

    def __init__(
        self,
        session_id: str,
        lines: QueuedLines,
        queue: FeedbackQueue,
        is_running: Callable[[], bool],
    ) -> None:
        self._session_id = session_id
        self._lines = lines
        self._queue = queue
        self._is_running = is_running

    @property
    def is_paused(self) -> bool:
        """Whether the person holds the queue back; lines still gather in it."""
        return self._queue.pauses.has(self._session_id)

    def pause(self) -> None:
        """Hold all lines back, also from the run that is active, until ``resume``."""
        self._queue.pauses.begin(self._session_id)

    def resume(self) -> None:
        """Let lines go again; starting a run with one is the session's part."""
        self._queue.pauses.end(self._session_id)
        self._queue.arrivals.announce()

    def move(self, feedback_id: str, offset: int) -> bool:
        """Move a line by ``offset`` places, negative is sooner; false when nothing moves."""
        return self._lines.move(feedback_id, offset)

    def change_boundary(self, feedback_id: str) -> bool:
        """Let a line enter after the run instead of before the next call, or the other way."""
        item = self._queue.get(feedback_id)
        return item is not None and self._lines.retarget(feedback_id, _NEXT_BOUNDARY[item.boundary])

    def preview(self) -> list[JsonObject]:
        """Return the messages that the next model call will add to the history, in order.

        Exactly as they will be sent, as neutral messages (docs/messages.md): within a run each
        line in its wrapper; before one the first line as it was typed.
        """
        waiting = [
            item
            for item in self._queue.pending(self._session_id)
            if item.state is FeedbackState.QUEUED
        ]
        messages: list[JsonObject] = []
        if not self._is_running():
            first = self._lines.next_for_run()
            if first is None:
                return []
            waiting.remove(first)
            message = person_message(first.content, first.feedback_id)
            messages.append(with_images(message, first.images))
        return messages + [feedback_message(item) for item in waiting if _is_due(item)]


def _is_due(item: FeedbackItem) -> bool:
    return item.boundary in _DUE or item.kind != USER_KIND
