"""What wakes an idle daemon: who can, how it hears of that at once, and what it is told."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from harn_tui.feedback.arrivals import Arrivals
from harn_tui.feedback.host_messages import HostMessageQueue
from harn_tui.feedback.item import PREFILL_KIND
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import FeedbackState

_MOST_LISTED_PATHS = 50


class WakeReason(StrEnum):
    """Why a daemon woke; the first that applies. All but ``MESSAGE`` are also feedback kinds."""

    MESSAGE = "message"
    RESUME = "resume"
    WATCH = "watch"
    TIMER = "timer"


@dataclass(frozen=True, slots=True)
class WakeFeedback:
    """What the model is told of a wake: runtime feedback of ``kind``, not yet wrapped."""

    kind: str
    content: str


@dataclass(frozen=True, slots=True)
class Wake:
    """The daemon goes on with another turn.

    ``watch_paths`` are the paths that changed, for ``WATCH`` alone. ``is_resumed`` says that a
    resume signal was used up, which one that comes with a message is. ``feedback`` is to be
    injected; ``None`` for ``MESSAGE``, where the messages themselves are read: all of them,
    whatever their mode or boundary, or the same ones wake the daemon again.
    """

    reason: WakeReason
    watch_paths: tuple[str, ...] = ()
    is_resumed: bool = False
    feedback: WakeFeedback | None = None


class WakeSignal:
    """A host's own way to wake a daemon, from any thread; it is used up by one wake.

    A signal that is given while the daemon is active counts for its next idle period.
    """

    def __init__(self) -> None:
        self.arrivals = Arrivals()
        """Announces every signal."""
        self._lock = threading.Lock()
        self._is_given = False
        self.is_closed = False
        """Whether the host is gone: nothing will come from there any more."""

    def resume(self) -> None:
        """Wake the daemon. More than one signal before it wakes is one."""
        with self._lock:
            self._is_given = True
        self.arrivals.announce()

    def close(self) -> None:
        """Say that the host is gone. A daemon that nothing else can wake then ends."""
        self.is_closed = True
        self.arrivals.announce()

    def take(self) -> bool:
        """Use the signal up; false when none was given."""
        with self._lock:
            is_given, self._is_given = self._is_given, False
        return is_given


@dataclass(frozen=True, slots=True)
class WakeSources:
    """Those who can wake the daemon of one session.

    ``signal`` ``None`` means that no host is there to do it: then only an interval and watched
    paths keep the daemon waiting. What already waits to be read wakes it all the same.
    """

    session_id: str
    host_messages: HostMessageQueue
    feedback: FeedbackQueue
    signal: WakeSignal | None = None

    def take_wake(self) -> Wake | None:
        """Return the wake that is due now, ``None`` for none; a signal is used up by it.

        Any host message and any queued line counts, but a prefill, which is no message, and a
        line that is being edited.
        """
        is_resumed = self.signal is not None and self.signal.take()
        if self._has_messages():
            return Wake(WakeReason.MESSAGE, is_resumed=is_resumed)
        if is_resumed:
            content = "The host woke you. See whether there is something to do, and do it."
            return _wake(WakeReason.RESUME, content, is_resumed=True)
        return None

    def _has_messages(self) -> bool:
        return len(self.host_messages) > 0 or any(
            item.state is FeedbackState.QUEUED
            and item.kind != PREFILL_KIND
            and not self.feedback.pauses.holds(item)
            for item in self.feedback.pending(self.session_id)
        )

    @contextlib.contextmanager
    def heard(self) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever something arrives, from whatever thread.

        It says that it is worth looking, no more. To be used on the running event loop.
        """
        loop = asyncio.get_running_loop()
        event = asyncio.Event()

        def ring() -> None:
            with contextlib.suppress(RuntimeError):  # the event loop was closed meanwhile
                loop.call_soon_threadsafe(event.set)

        places = [self.host_messages.arrivals, self.feedback.arrivals]
        if self.signal is not None:
            places.append(self.signal.arrivals)
        with contextlib.ExitStack() as subscriptions:
            for arrivals in places:
                subscriptions.callback(arrivals.subscribe(ring))
            yield event


def watch_wake(changed: tuple[str, ...]) -> Wake:
    """Return the wake for paths that changed."""
    listed = [f"- {_shown(path)}" for path in changed[:_MOST_LISTED_PATHS]]
    if len(changed) > _MOST_LISTED_PATHS:
        listed.append(f"and {len(changed) - _MOST_LISTED_PATHS} more")
    content = "\n".join(["Watched paths were created, changed or deleted:", *listed])
    return _wake(WakeReason.WATCH, content, watch_paths=changed)


def timer_wake(interval_ms: int) -> Wake:
    """Return the wake for an interval that is over."""
    content = f"The wake interval of {interval_ms} ms is over. See whether there is work to do."
    return _wake(WakeReason.TIMER, content)


def _wake(
    reason: WakeReason,
    content: str,
    *,
    watch_paths: tuple[str, ...] = (),
    is_resumed: bool = False,
) -> Wake:
    return Wake(reason, watch_paths, is_resumed, WakeFeedback(reason.value, content))


def _shown(path: str) -> str:
    """Return ``path`` on one line: a file's name may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)
