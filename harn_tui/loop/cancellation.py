"""Ends a run from outside in a way that still yields a result."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


BY_THE_PERSON = "interrupted by the person"
"""Why a run ended that a person stopped."""


class RunControl:
    """A handle on one run. ``cancel`` may be called from any place on the event loop.

    ``reason`` is a clause in words, such as "interrupted by the person"; the first one stays. A
    control serves one run; a cancellation that comes before the run has begun ends it at its
    first await. Until then ``reason`` tells of a cancellation that did not come this way.
    """

    def __init__(self, reason: str = "the run was cancelled") -> None:
        self.reason = reason
        self._task: asyncio.Task[object] | None = None
        self._is_cancelled = False
        self._requests = 0

    @property
    def is_cancelled(self) -> bool:
        """Whether the run was asked to end."""
        return self._is_cancelled

    def cancel(self, reason: str) -> bool:
        """Ask the run to end; false when it was asked before.

        Asking again cancels again: a tool or a provider may have swallowed the first time.
        """
        is_first = not self._is_cancelled
        if is_first:
            self._is_cancelled = True
            self.reason = reason
        self._cancel_task()
        return is_first

    def _cancel_task(self) -> None:
        if self._task is not None:
            self._requests += 1
            self._task.cancel(self.reason)

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Tie the control to the current task for the length of a run."""
        self._task = asyncio.current_task()
        if self._is_cancelled:
            self._cancel_task()
        try:
            yield
        finally:
            self._task = None

    def take_cancellation(self) -> bool:
        """Return whether this control alone caused the task's cancellation, and absorb it.

        False when somebody else cancelled the task as well: that request must go on upward.
        """
        if not self._is_cancelled or self._task is None:
            return False
        while self._requests:
            self._requests -= 1
            self._task.uncancel()
        return self._task.cancelling() == 0

    async def settle(self) -> None:
        """Absorb a cancellation that came after the run's last await and was never delivered.

        Without this it would strike whatever the task does next. Raises CancelledError when
        somebody else cancelled the task as well.
        """
        if not self._requests:
            return
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            if not self.take_cancellation():
                raise


async def to_its_end(
    work: Coroutine[Any, Any, T], name: str
) -> tuple[T, asyncio.CancelledError | None]:
    """Run ``work`` in a task called ``name`` to its end, however often this one is cancelled.

    Returns the work's result and the last cancellation that came meanwhile, which the caller
    raises when it is done. Raises what the work raises.
    """
    task = asyncio.create_task(work, name=name)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancellation = error
    return task.result(), cancellation
