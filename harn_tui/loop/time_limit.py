"""How long a tool may take, and what becomes of a call that takes longer.

A call that is out of time is cancelled and given a moment to clean up. One that does not end then
is answered all the same: what it runs, such as a function in a thread, goes on by itself, and its
result is dropped.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ToolError
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.kinds import ToolErrorCategory
from harn_tui.permissions.globs import glob_matches
from harn_tui.tools.base import TimeKeeping, Tool

log = logging.getLogger(__name__)

T = TypeVar("T")

CLEAN_UP_S: Final = 5.0
"""How long a call that is out of time may take to end what it began."""

_left_behind: set[asyncio.Task[Any]] = set()
"""Calls that did not end when they were told to; the event loop itself would forget them."""


def time_limit_of(tool: Tool, options: LoopOptions) -> float | None:
    """Return how many seconds one attempt of ``tool`` may take, ``None`` for any time.

    What the options say of its name comes first, the exact name before a glob; then what the tool
    says of itself, then the default of the options.
    """
    if tool.time_keeping is TimeKeeping.PEOPLE:
        return None
    named = _named_limit(tool.name, options)
    if named is not None:
        return named or None
    if tool.timeout_s is not None:
        return tool.timeout_s
    return options.tool_timeout_s if tool.time_keeping is TimeKeeping.LOOP else None


async def run_within(
    call: Coroutine[Any, Any, T],
    limit_s: float | None,
    *,
    tool_name: str,
    clean_up_s: float = CLEAN_UP_S,
) -> T:
    """Await ``call`` for ``limit_s`` seconds at most, ``None`` for as long as it takes.

    Raises ToolError of category ``timeout`` when it took longer. A cancellation goes through to
    the call, whose end is awaited.
    """
    if limit_s is None:
        return await call
    task = asyncio.create_task(call, name=f"tool {tool_name}")
    try:
        await asyncio.wait({task}, timeout=limit_s)
    except asyncio.CancelledError:
        await _cancel(task)
        raise
    if task.done():
        return task.result()
    task.cancel()
    try:
        await asyncio.wait({task}, timeout=clean_up_s)
    except asyncio.CancelledError:
        await _cancel(task)
        raise
    has_ended = task.done()
    if has_ended:
        _look_at(task)
    else:
        _left_behind.add(task)
        task.add_done_callback(_forget)
        log.warning("a tool goes on although its time is up name=%s", tool_name)
    raise _out_of_time(tool_name, limit_s, has_ended=has_ended)


async def _cancel(task: asyncio.Task[Any]) -> None:
    """Cancel ``task`` and wait for its end; each further cancellation goes through to it."""
    while not task.done():
        task.cancel()
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            continue
    _look_at(task)


def _look_at(task: asyncio.Task[Any]) -> None:
    """Take the outcome that nobody waits for any more, so that none counts as overlooked."""
    error = None if task.cancelled() else task.exception()
    if error is None or isinstance(error, ToolError):
        return
    if not is_foreign_failure(error):
        raise error
    log.error("a tool failed after its time was up task=%s", task.get_name(), exc_info=error)


def _forget(task: asyncio.Task[Any]) -> None:
    _left_behind.discard(task)
    _look_at(task)


def _named_limit(name: str, options: LoopOptions) -> float | None:
    limits = options.tool_timeouts or {}
    if name in limits:
        return _seconds(limits[name])
    for pattern, limit in limits.items():
        if glob_matches(pattern, name):
            return _seconds(limit)
    return None


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _out_of_time(tool_name: str, limit_s: float, *, has_ended: bool) -> ToolError:
    rest = "" if has_ended else " It does not stop: it goes on by itself, and its result is lost."
    return ToolError(
        f"Error: {tool_name} took longer than {limit_s:g} s and was stopped.{rest}",
        category=ToolErrorCategory.TIMEOUT,
        hint="Ask it for less at a time, or do it another way.",
    )
