"""Stops a program at each of its awaits in turn, without a clock.

A task gives up control only where its coroutine suspends. Counting those moments in every task
of an event loop numbers all the places at which anything else, a cancellation above all, can
come in between.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from typing import Any


class StepCounter:
    """Counts the suspensions of all tasks that its event loops start, and tells of each.

    ``on_step`` gets the number of the step, from 1, while the task that suspends is still the
    current one: what it cancels is cancelled at exactly this await.
    """

    def __init__(self, on_step: Callable[[int], None]) -> None:
        self.steps = 0
        """The suspensions so far."""
        self._on_step = on_step

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """Return an event loop whose tasks are counted; for ``asyncio.Runner``."""
        loop = asyncio.new_event_loop()
        loop.set_task_factory(self._task)
        return loop

    def _task(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        context: Context | None = None,
    ) -> asyncio.Task[Any]:
        assert isinstance(coroutine, Coroutine)
        return asyncio.Task(_Counted(coroutine, self._count), loop=loop, context=context)

    def _count(self) -> None:
        self.steps += 1
        self._on_step(self.steps)


class _Counted(Coroutine[Any, Any, Any]):
    """A coroutine that says whenever it suspends."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], on_suspend: Callable[[], None]) -> None:
        self._coroutine = coroutine
        self._on_suspend = on_suspend

    def send(self, value: Any) -> Any:
        awaited = self._coroutine.send(value)
        self._on_suspend()
        return awaited

    def throw(self, *error: Any) -> Any:
        awaited = self._coroutine.throw(*error)
        self._on_suspend()
        return awaited

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Generator[Any, None, Any]:
        return self._coroutine.__await__()
