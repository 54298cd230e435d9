"""Work that must run to its end even when the task that asked for it is cancelled."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def run_to_completion(work: Coroutine[Any, Any, T]) -> T:
    """Await ``work`` to its end and return its result.

    A cancellation that arrives meanwhile is raised once the work has ended, so a cancelled tool
    never leaves a half-done write or an unreaped process behind. The work must be bounded.
    """
    task = asyncio.create_task(work)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # marks it as seen: the cancellation is what the caller hears of
    raise cancellation


async def run_in_thread(function: Callable[[], T]) -> T:
    """Run blocking file work in a thread, to its end, without holding up the event loop."""
    return await run_to_completion(asyncio.to_thread(function))
