"""Work that a front end begins and does not wait for, such as going over to another model."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class BackgroundWork:
    """Owns the tasks; they are ended with the front end.

    ``on_rest`` is called each time that nothing is under way any more, unless ``stop`` ended it.
    """

    def __init__(self, name: str, on_rest: Callable[[], None] = lambda: None) -> None:
        self._name = name
        self._on_rest = on_rest
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    @property
    def is_under_way(self) -> bool:
        """Whether any of it has not ended."""
        return bool(self._tasks)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin ``work``, which reports its failures itself."""
        task = asyncio.create_task(work, name=self._name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def wait(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Cancel what is under way, and wait for its end."""
        self._is_stopping = True
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._tasks and not self._is_stopping:
            self._on_rest()
