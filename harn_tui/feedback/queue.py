"""The lines on their way to the model, and the only place where their states change.

Legal changes: queued -> held -> queued, queued or held -> withdrawn, queued -> claimed ->
delivered, claimed -> queued, and anything on its way -> undelivered. Each happens at once for
everybody: a claimed line cannot be edited, an edited one cannot be claimed.

A line keeps its place while it is held or claimed, so one that comes back to the queue stands
where it stood. Lines pushed on the loop's own side (``push``) are claimed before those pushed
from other threads (``push_threadsafe``); both are first in, first out (docs/loop.md, feedback).
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any, Final, TypeAlias

from harn_tui.feedback.arrivals import Arrivals
from harn_tui.feedback.item import AttachedImage, FeedbackItem
from harn_tui.feedback.pauses import Pauses
from harn_tui.ids import new_feedback_id
from harn_tui.kinds import Boundary, FeedbackState

_log = logging.getLogger("agent.feedback")

_SOONEST_FIRST: Final = (Boundary.NOW, Boundary.NEXT_PREFLIGHT, Boundary.AFTER_RUN)
_QUEUED: Final = frozenset({FeedbackState.QUEUED})
_HELD: Final = frozenset({FeedbackState.HELD})
_CLAIMED: Final = frozenset({FeedbackState.CLAIMED})
_WAITING: Final = _QUEUED | _HELD

_Channel = dict[str, FeedbackItem]
_Changed: TypeAlias = FeedbackState | Boundary | str | tuple[AttachedImage, ...] | None


class FeedbackQueue:
    """Feedback of one session or of many, with one lock for all of it.

    ``on_change`` is called with the item after each change, and ``on_reorder`` with a session
    id and its waiting lines' ids after each move: in the order of the changes, before the
    method that made them returns, with the lock held. They may call the queue again, must not
    wait for another thread, and are logged when they fail.
    """

    def __init__(
        self,
        *,
        on_change: Callable[[FeedbackItem], None] | None = None,
        on_reorder: Callable[[str, tuple[str, ...]], None] | None = None,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.arrivals = Arrivals()
        """Announces whenever a line is queued: a new one, or one that comes back to the queue."""
        self._lock = threading.RLock()
        self._local: _Channel = {}
        self._global: _Channel = {}
        self._on_change = on_change
        self._on_reorder = on_reorder
        self.pauses = Pauses()
        self._clock_ms = clock_ms
        self._reports: deque[Callable[[], None]] = deque()
        self._is_reporting = False

    def push(
        self,
        session_id: str,
        kind: str,
        content: str,
        boundary: Boundary = Boundary.NEXT_PREFLIGHT,
        images: tuple[AttachedImage, ...] = (),
        feedback_id: str | None = None,
    ) -> FeedbackItem:
        """Queue a line from the loop's own side (a person, a callback); return it.

        ``feedback_id`` is a fresh one that was minted elsewhere.
        """
        item = _new_item(session_id, kind, content, boundary, images, feedback_id)
        return self._push(self._local, item)

    def push_threadsafe(
        self,
        session_id: str,
        kind: str,
        content: str,
        boundary: Boundary = Boundary.NEXT_PREFLIGHT,
    ) -> FeedbackItem:
        """Queue a line from elsewhere (a background tool, a hook); return it."""
        return self._push(self._global, _new_item(session_id, kind, content, boundary))

    def restore(self, items: Iterable[FeedbackItem]) -> None:
        """Put back what an earlier process left, as it is and without reporting a change."""
        with self._lock:
            self._local.update((item.feedback_id, item) for item in items)
            self.arrivals.announce()

    def claim(
        self, session_id: str, boundary: Boundary, *, limit: int | None = None
    ) -> tuple[FeedbackItem, ...]:
        """Claim, in order, the queued lines that are due at ``boundary``; at most ``limit``.

        A later boundary includes the earlier ones: ``NOW``, ``NEXT_PREFLIGHT``, ``AFTER_RUN``.
        """
        due = _SOONEST_FIRST[: _SOONEST_FIRST.index(boundary) + 1]
        with self._lock:
            found = islice(
                (
                    item
                    for item in self._of_session(session_id)
                    if item.state is FeedbackState.QUEUED
                    and item.boundary in due
                    and not self.pauses.holds(item)
                ),
                limit,
            )
            claimed = [self._replace(item, state=FeedbackState.CLAIMED) for item in list(found)]
            self._report()
        return tuple(claimed)

    def claim_one(self, feedback_id: str) -> FeedbackItem | None:
        """Claim this line, whatever its boundary; ``None`` when it is not queued."""
        with self._lock:
            is_claimed = self._change((feedback_id,), _QUEUED, state=FeedbackState.CLAIMED)
            return self.get(feedback_id) if is_claimed else None

    def mark_delivered(self, feedback_ids: Iterable[str]) -> bool:
        """State that the model got these claimed lines.

        ``False`` when one of them was not claimed; the others are delivered all the same.
        """
        return self._change(feedback_ids, _CLAIMED, state=FeedbackState.DELIVERED)

    def return_to_queue(self, feedback_ids: Iterable[str]) -> bool:
        """Queue these claimed lines again, each at the place that it had.

        ``False`` when one of them was not claimed; the others return all the same.
        """
        return self._change(feedback_ids, _CLAIMED, state=FeedbackState.QUEUED)

    def hold(self, feedback_id: str) -> bool:
        """Keep a queued line back, for editing. ``False`` when it is not queued."""
        return self._change((feedback_id,), _QUEUED, state=FeedbackState.HELD)

    def release(
        self,
        feedback_id: str,
        content: str | None = None,
        images: tuple[AttachedImage, ...] | None = None,
    ) -> bool:
        """Queue a held line again, with new ``content`` and ``images`` unless ``None``.

        ``False`` when it is not held.
        """
        state = FeedbackState.QUEUED
        return self._change((feedback_id,), _HELD, state=state, content=content, images=images)

    def withdraw(self, feedback_id: str) -> bool:
        """Take a waiting line back for good. ``False`` when it is neither queued nor held."""
        return self._change((feedback_id,), _WAITING, state=FeedbackState.WITHDRAWN)

    def retarget(self, feedback_id: str, boundary: Boundary) -> bool:
        """Let a waiting line enter at ``boundary``. ``False`` when it is not waiting."""
        return self._change((feedback_id,), _WAITING, boundary=boundary)

    def move(self, feedback_id: str, offset: int) -> bool:
        """Move a waiting line by ``offset`` places among its session's waiting lines.

        Negative is sooner; moves past an end stop there. Lines from other threads stay behind
        the others. ``False`` when nothing moves.
        """
        with self._lock:
            channel = self._channel_of(feedback_id)
            if channel is None or channel[feedback_id].state not in _WAITING:
                return False
            session_id = channel[feedback_id].session_id
            order = [i.feedback_id for i in channel.values() if _is_waiting(i, session_id)]
            place = order.index(feedback_id)
            target = min(max(place + offset, 0), len(order) - 1)
            if target == place:
                return False
            order.insert(target, order.pop(place))
            _reorder(channel, order)
            self._reports.append(lambda: self._tell_order(session_id))
            self._report()
        return True

    def get(self, feedback_id: str) -> FeedbackItem | None:
        """Return the line as it is now, ``None`` when it is unknown or has reached its end."""
        with self._lock:
            channel = self._channel_of(feedback_id)
            return None if channel is None else channel[feedback_id]

    def pending(self, session_id: str) -> tuple[FeedbackItem, ...]:
        """Return the session's waiting lines, queued and held, in the order of claiming."""
        with self._lock:
            return tuple(i for i in self._of_session(session_id) if i.state in _WAITING)

    def leftovers(self, session_id: str) -> tuple[FeedbackItem, ...]:
        """End every line of the session that has not been delivered; return them, undelivered.

        Claimed ones are included. For the end of a session that nobody will take up again.
        """
        with self._lock:
            items = list(self._of_session(session_id))
            ended = [self._replace(item, state=FeedbackState.UNDELIVERED) for item in items]
            self._report()
        return tuple(ended)

    def _push(self, channel: _Channel, given: FeedbackItem) -> FeedbackItem:
        with self._lock:
            item = replace(given, queued_at_ms=self._clock_ms())
            channel[item.feedback_id] = item
            self._reports += [lambda: self._tell(item), self.arrivals.announce]
            self._report()
        return item

    def _of_session(self, session_id: str) -> Iterator[FeedbackItem]:
        everything = chain(self._local.values(), self._global.values())
        return (item for item in everything if item.session_id == session_id)

    def _channel_of(self, feedback_id: str) -> _Channel | None:
        for channel in (self._local, self._global):
            if feedback_id in channel:
                return channel
        return None

    def _change(
        self,
        feedback_ids: Iterable[str],
        allowed: frozenset[FeedbackState],
        **changes: _Changed,
    ) -> bool:
        """Change the items whose state allows it; ``False`` when one of them does not.

        ``changes`` are new values by the item's field; ``None`` leaves it.
        """
        with self._lock:
            wanted = [self.get(feedback_id) for feedback_id in dict.fromkeys(feedback_ids)]
            items = [item for item in wanted if item is not None and item.state in allowed]
            for item in items:
                self._replace(item, **changes)
            self._report()
        return len(items) == len(wanted)

    def _replace(self, item: FeedbackItem, **changes: _Changed) -> FeedbackItem:
        given: dict[str, Any] = {key: new for key, new in changes.items() if new is not None}
        changed = replace(item, **given)
        channel = self._channel_of(item.feedback_id)
        assert channel is not None
        if changed.state in _WAITING or changed.state is FeedbackState.CLAIMED:
            channel[item.feedback_id] = changed
        else:
            del channel[item.feedback_id]
        self._reports.append(lambda: self._tell(changed))
        if changed.state is FeedbackState.QUEUED:
            self._reports.append(self.arrivals.announce)
        return changed

    def _report(self) -> None:
        """Call the callbacks for all changes so far, unless one of them is running."""
        if self._is_reporting:
            return
        self._is_reporting = True
        try:
            while self._reports:
                _call_isolated(self._reports.popleft())
        finally:
            self._is_reporting = False

    def _tell(self, item: FeedbackItem) -> None:
        if self._on_change is not None:
            self._on_change(item)

    def _tell_order(self, session_id: str) -> None:
        if self._on_reorder is not None:
            self._on_reorder(session_id, tuple(i.feedback_id for i in self.pending(session_id)))


def _new_item(
    session_id: str,
    kind: str,
    content: str,
    boundary: Boundary,
    images: tuple[AttachedImage, ...] = (),
    feedback_id: str | None = None,
) -> FeedbackItem:
    """Return a line whose time of queuing is not yet known."""
    return FeedbackItem(
        feedback_id=feedback_id or new_feedback_id(),
        session_id=session_id,
        kind=kind,
        content=content,
        boundary=boundary,
        state=FeedbackState.QUEUED,
        queued_at_ms=0,
        images=images,
    )


def _is_waiting(item: FeedbackItem, session_id: str) -> bool:
    return item.session_id == session_id and item.state in _WAITING


def _reorder(channel: _Channel, order: list[str]) -> None:
    """Put the items named in ``order`` into the places they hold together, in that order."""
    named = set(order)
    following = iter(order)
    rearranged = [next(following) if key in named else key for key in channel]
    items = {key: channel[key] for key in rearranged}
    channel.clear()
    channel.update(items)


def _call_isolated(report: Callable[[], None]) -> None:
    try:
        report()
    except Exception:  # noqa: BLE001 - boundary: a listener must not undo a change of state
        _log.exception("feedback listener failed")
