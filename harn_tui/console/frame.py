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

CALM_FRAME_SECONDS = 0.5
"""The same with reduced motion: text comes in pieces that stand still while they are read."""

MAX_QUEUED_WRITES = 2
"""When more writes than this wait for the terminal, a frame is put off; nothing is lost."""


MAX_RECORDS_A_FRAME = 2000
"""A longer burst (a seek in a replay, a long catch-up) is folded over several frames."""


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
    ``is_congested`` says that the terminal does not keep up, ``is_calm`` that a person wants to
    see less motion. Until ``release`` is called records
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
        is_calm: Callable[[], bool] = lambda: False,
    ) -> None:
        self._view = view
        self._apply = apply
        self._draw = draw
        self._scheduler = scheduler
        self._is_congested = is_congested
        self._is_calm = is_calm
        self._records: deque[Record] = deque()
        self._handle: Handle | None = None
        self._last_frame_s = float("-inf")
        self.is_released = False
        """Whether frames are made."""

    @property
    def is_armed(self) -> bool:
        """Whether a frame is due."""
        return self._handle is not None

    @property
    def pending_count(self) -> int:
        """How many records wait for a frame."""
        return len(self._records)

    def restart(self, view: SessionView) -> None:
        """Forget the records that wait, and fold the next ones into ``view``."""
        self._records.clear()
        self._view = view

    def take(self, record: Record) -> None:
        """Keep a record for the next frame. Never raises, never touches a widget."""
        self._records.append(record)
        if self._handle is None and self.is_released:
            self._arm(self._last_frame_s + self._frame_seconds - self._scheduler.monotonic())

    def release(self) -> None:
        """Start making frames, at once when records wait."""
        self.is_released = True
        if self._records and self._handle is None:
            self._arm(0)

    def close(self) -> None:
        """Take back the due frame; later records are ignored."""
        self.is_released = False
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    @property
    def _frame_seconds(self) -> float:
        return CALM_FRAME_SECONDS if self._is_calm() else FRAME_SECONDS

    def _arm(self, delay_s: float) -> None:
        self._handle = self._scheduler.call_later(max(0.0, delay_s), self._frame)

    def _frame(self) -> None:
        self._handle = None
        if self._is_congested():
            self._arm(self._frame_seconds)
            return
        self._last_frame_s = self._scheduler.monotonic()
        changes: Changes | None = None
        for _ in range(min(len(self._records), MAX_RECORDS_A_FRAME)):
            change = self._fold(self._records.popleft())
            if changes is None:
                changes = change
            elif change is not None:
                changes.merge(change)
        if self._records:
            self._arm(0)
        if changes is not None:
            self._draw(changes)

    def _fold(self, record: Record) -> Changes | None:
        try:
            return self._apply(self._view, record)
        except Exception:  # boundary: one bad record must not stop the screen
            log.exception("record not folded index=%s", record.index)
            return None
