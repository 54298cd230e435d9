"""The lines that a person queued: each journalled, announced, and moved only in legal steps."""

from collections.abc import Iterable

from harn_tui.events.host import FeedbackStateChanged
from harn_tui.feedback.item import USER_KIND, AttachedImage, FeedbackItem
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import Boundary, FeedbackState
from harn_tui.sinks.emit import emit


class QueuedLines:
    """One session's queue as a person handles it.

    The queue's own callback has journalled a change by the time it is announced here.
    """

    def __init__(self, session_id: str, queue: FeedbackQueue) -> None:
        self._session_id = session_id
        self._queue = queue

    def restore(self, items: Iterable[FeedbackItem]) -> None:
        """Queue again what an earlier process left waiting, and show it."""
        items = tuple(items)
        self._queue.restore(items)
        for item in items:
            self._announce(item, with_content=True)

    def add(
        self,
        text: str,
        boundary: Boundary,
        kind: str = USER_KIND,
        images: tuple[AttachedImage, ...] = (),
        feedback_id: str | None = None,
    ) -> FeedbackItem:
        """Queue a new line and return it; ``feedback_id`` is one that was minted elsewhere."""
        item = self._queue.push(self._session_id, kind, text, boundary, images, feedback_id)
        self._announce(item, with_content=True)
        return item

    def withdraw(self, feedback_id: str) -> bool:
        """Take a line back for good; false when it is past recall."""
        item = self._queue.get(feedback_id)
        if item is None or not self._queue.withdraw(feedback_id):
            return False
        self._emit(feedback_id, FeedbackState.WITHDRAWN, item.boundary)
        return True

    def hold(self, feedback_id: str) -> bool:
        """Keep a line from being claimed while it is edited."""
        return self._queue.hold(feedback_id) and self._announce_now(feedback_id)

    def release(
        self,
        feedback_id: str,
        text: str | None,
        images: tuple[AttachedImage, ...] | None = None,
    ) -> bool:
        """Let a held line go again, with new text and images if given."""
        is_released = self._queue.release(feedback_id, text, images)
        return is_released and self._announce_now(feedback_id)

    def retarget(self, feedback_id: str, boundary: Boundary) -> bool:
        """Change where a line enters the context."""
        return self._queue.retarget(feedback_id, boundary) and self._announce_now(feedback_id)

    def move(self, feedback_id: str, offset: int) -> bool:
        """Move a line by ``offset`` places among those that wait; false when nothing moves."""
        if not self._queue.move(feedback_id, offset):
            return False
        waiting = self._queue.pending(self._session_id)
        place = [item.feedback_id for item in waiting].index(feedback_id)
        item = waiting[place]
        emit(
            FeedbackStateChanged(
                self._session_id, feedback_id, item.state, item.boundary, place=place
            )
        )
        return True

    def claim_for_run(self) -> FeedbackItem | None:
        """Claim the line that a new run starts with; ``None`` when there is none."""
        item = self.next_for_run()
        return None if item is None else self._queue.claim_one(item.feedback_id)

    def next_for_run(self) -> FeedbackItem | None:
        """Return the line that a new run starts with: one to go now, else the oldest queued.

        Only a person's own words start a run; the runtime's feedback waits for its preflight.
        """
        waiting = [
            item
            for item in self._queue.pending(self._session_id)
            if item.state is FeedbackState.QUEUED and item.kind == USER_KIND
        ]
        urgent = [item for item in waiting if item.boundary is Boundary.NOW]
        return next(iter((*urgent, *waiting)), None)

    def give_back(self, item: FeedbackItem) -> None:
        """Queue the line of a run that ended without ever taking it up."""
        now = self._queue.get(item.feedback_id)
        if now is not None and now.state is FeedbackState.CLAIMED:
            self._queue.return_to_queue((item.feedback_id,))
            self._announce_now(item.feedback_id)

    def _announce_now(self, feedback_id: str) -> bool:
        item = self._queue.get(feedback_id)
        if item is not None:
            self._announce(item, with_content=item.state is FeedbackState.QUEUED)
        return True

    def _announce(self, item: FeedbackItem, *, with_content: bool) -> None:
        content = item.content if with_content else None
        images = [image.as_json() for image in item.images] if with_content else []
        self._emit(item.feedback_id, item.state, item.boundary, content, images)

    def _emit(
        self,
        feedback_id: str,
        state: FeedbackState,
        boundary: Boundary,
        content: str | None = None,
        images: list[JsonObject] | None = None,
    ) -> None:
        shown: list[JsonValue] | None = [*images] if images else None
        emit(
            FeedbackStateChanged(
                self._session_id, feedback_id, state, boundary, content, images=shown
            )
        )
