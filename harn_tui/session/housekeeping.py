"""Work that can wait: done once, in a thread, some time after a session was opened."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from harn_tui.errors import StoreError

log = logging.getLogger(__name__)

_DELAY_S = 20.0


class Housekeeping:
    """Calls ``work`` once, unless it is stopped before its time; what fails is logged."""

    def __init__(
        self,
        work: Callable[[], object],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._work = work
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to wait."""
        self._task = asyncio.create_task(self._run(), name="housekeeping")

    async def stop(self) -> None:
        """End the wait; work that has begun goes on to its end in its thread."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        await self._sleep(_DELAY_S)
        try:
            await asyncio.to_thread(self._work)
        except StoreError:
            log.exception("housekeeping failed")
