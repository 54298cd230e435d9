"""How much of the processor the commands use that somebody waits for, measured on demand."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

log = logging.getLogger(__name__)

LEAST_PAUSE_S = 1.0
"""Between two measures of one command."""


class MeasuredTree(Protocol):
    """The processes of a command."""

    async def cpu_ms(self) -> int | None:
        """Return the processor time that they have used, ``None`` where nobody tells."""
        ...


class _Load:
    """The measures of one command; owns the task that takes the next one."""

    def __init__(self, tree: MeasuredTree, now_s: Callable[[], float]) -> None:
        self._tree = tree
        self._now_s = now_s
        self._asked_at_s = float("-inf")
        self._last: tuple[float, int] | None = None
        self._task: asyncio.Task[None] | None = None
        self.percent: int | None = None

    def measure_if_due(self) -> None:
        now = self._now_s()
        is_busy = self._task is not None and not self._task.done()
        if not is_busy and now - self._asked_at_s >= LEAST_PAUSE_S:
            self._asked_at_s = now
            self._task = asyncio.create_task(self._measure(), name="measure a command")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _measure(self) -> None:
        try:
            used = await self._tree.cpu_ms()
        except Exception:  # boundary: a number for people; the command goes on without it
            log.exception("command not measured")
            return
        if used is None:
            return
        now, last = self._now_s(), self._last
        self._last = (now, used)
        if last is not None and now > last[0]:
            self.percent = max(0, round((used - last[1]) / (now - last[0]) / 10))


class CommandLoads:
    """The commands of a session that run now, by the tool call that waits for each.

    Nothing is measured, and no task exists, but for calls that ``percent`` is asked about.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._loads: dict[str, _Load] = {}

    def percent(self, tool_call_id: str) -> int | None:
        """Return what the call's command used lately, 100 for one busy core.

        ``None`` when the call runs no command, and until there are two measures: ask again. At
        once; the next measure is taken in the background, at most one a second.
        """
        load = self._loads.get(tool_call_id)
        if load is None:
            return None
        load.measure_if_due()
        return load.percent

    @asynccontextmanager
    async def running(self, tool_call_id: str, tree: MeasuredTree) -> AsyncIterator[None]:
        """Have ``percent`` know of the command inside the ``with`` block."""
        load = self._loads[tool_call_id] = _Load(tree, self._now_s)
        try:
            yield
        finally:
            if self._loads.get(tool_call_id) is load:
                del self._loads[tool_call_id]
            await load.stop()
