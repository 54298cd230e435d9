"""From records to one redraw a frame: the only way by which events reach the screen.

``take`` is called on the emitter's stack: it appends to a deque and, when no frame is due, arms a
one-shot timer. A frame drains the deque, folds the records into the view and calls ``draw`` once
with all that changed. Without records there is no timer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from harn_tui.console.ports import Fold
    from harn_tui.events.record import Record
    from harn_tui.view.model import Changes, SessionView

log = logging.getLogger(__name__)

FRAME_SECONDS = 1 / 30
"""Least time between the starts of two frames."""

MAX_QUEUED_WRITES = 2
"""More writes than this waiting for the terminal, and a frame is put off: text waits in the view."""


class Handle(Protocol):
    """A scheduled call that can be taken back."""

    def cancel(self) -> None:
        """Do not make the call."""
        ...


class Scheduler(Protocol):
    """Where one-shot calls are put; ``LoopScheduler`` is the real one."""

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start."""
        ...

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Handle:
        """Call ``callback`` once, ``delay_s`` seconds from now."""
        ...


class LoopScheduler:
    """One-shot calls on the running event loop, in the context this object was made in."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._context: Context = copy_context()

    def monotonic(self) -> float:
        """Return the loop's own time."""
        return self._loop.time()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Handle:
        """Call ``callback`` once, on the loop."""
        return self._loop.call_later(delay_s, callback, context=self._context)


class FramePump:
    """Collects records and turns them into frames.

    ``apply`` folds one record into ``view``; ``draw`` gets the merged changes of a frame;
    ``is_congested`` says that the terminal does not keep up. Until ``release`` is called records
    are only kept, so that older ones can be folded first.
    """

    def __init__(
        self,
        view: SessionView,
        apply: Fold,
        draw: Callable[[Changes], None],
        *,
        scheduler: Scheduler,
        is_congested: Callable[[], bool] = lambda: False,
    ) -> None:
        self._view = view
        self._apply = apply
        self._draw = draw
        self._scheduler = scheduler
        self._is_congested = is_congested
        self._records: deque[Record] = deque()
        self._handle: Handle | None = None
        self._last_frame_s = float("-inf")
        self._is_released = False

    @property
    def is_armed(self) -> bool:
        """Whether a frame is due."""
        return self._handle is not None

    def take(self, record: Record) -> None:
        """Keep a record for the next frame. Never raises, never touches a widget."""
        self._records.append(record)
        if self._handle is None and self._is_released:
            self._arm(self._last_frame_s + FRAME_SECONDS - self._scheduler.monotonic())

    def release(self) -> None:
        """Start making frames, at once when records wait."""
        self._is_released = True
        if self._records and self._handle is None:
            self._arm(0)

    def close(self) -> None:
        """Take back the due frame; later records are ignored."""
        self._is_released = False
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _arm(self, delay_s: float) -> None:
        self._handle = self._scheduler.call_later(max(0.0, delay_s), self._frame)

    def _frame(self) -> None:
        self._handle = None
        if self._is_congested():
            self._arm(FRAME_SECONDS)
            return
        self._last_frame_s = self._scheduler.monotonic()
        changes: Changes | None = None
        while self._records:
            change = self._fold(self._records.popleft())
            if changes is None:
                changes = change
            elif change is not None:
                changes.merge(change)
        if changes is not None:
            self._draw(changes)

    def _fold(self, record: Record) -> Changes | None:
        try:
            return self._apply(self._view, record)
        except Exception:  # noqa: BLE001 - boundary: one bad record must not stop the screen
            log.exception("record not folded index=%s", record.index)
            return None
