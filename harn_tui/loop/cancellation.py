"""Ends a run from outside in a way that still yields a result."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class RunControl:
    """A handle on one run. ``cancel`` may be called from any place on the event loop.

    ``reason`` is a clause in words, such as "interrupted by the person". A control serves one
    run; a cancellation that comes before the run has begun ends it at its first await.
    """

    def __init__(self) -> None:
        self.reason = "the run was cancelled"
        self._task: asyncio.Task[object] | None = None
        self._is_cancelled = False

    def cancel(self, reason: str) -> bool:
        """Ask the run to end; false when it was asked before."""
        if self._is_cancelled:
            return False
        self._is_cancelled = True
        self.reason = reason
        if self._task is not None:
            self._task.cancel(reason)
        return True

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Tie the control to the current task for the length of a run."""
        self._task = asyncio.current_task()
        if self._is_cancelled and self._task is not None:
            self._task.cancel(self.reason)
        try:
            yield
        finally:
            self._task = None

    def take_cancellation(self) -> bool:
        """Return whether this control caused the task's cancellation, and if so absorb it.

        False when somebody else cancelled the task as well: that request must go on upward.
        """
        if not self._is_cancelled or self._task is None:
            return False
        return self._task.uncancel() == 0

    async def settle(self) -> None:
        """Absorb a cancellation that came after the run's last await and was never delivered.

        Without this it would strike whatever the task does next. Raises CancelledError when
        somebody else cancelled the task as well.
        """
        if not self._is_cancelled or self._task is None or not self._task.cancelling():
            return
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            if not self.take_cancellation():
                raise
