"""What is to be done when a loop of a session has ended, however it ended."""

import asyncio
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from harn_tui.foreign_failure import is_foreign_failure

SessionEndHook: TypeAlias = Callable[[str], Awaitable[None] | None]
"""Called with the session id; what it returns is awaited when it can be."""

_log = logging.getLogger("agent.session_end")


class SessionEndHooks:
    """The hooks, in order of registration; they can be added, never removed one by one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hooks: tuple[SessionEndHook, ...] = ()

    def add(self, hook: SessionEndHook) -> None:
        """Add a hook behind the others; from inside a hook, too, for the next time."""
        with self._lock:
            self._hooks = (*self._hooks, hook)

    def reset(self) -> None:
        """Forget all hooks."""
        with self._lock:
            self._hooks = ()

    async def run(
        self, session_id: str, *, limit_s: float | None = None
    ) -> tuple[tuple[SessionEndHook, BaseException], ...]:
        """Call the hooks that are there now, one after another, with no lock held.

        A hook that fails, or takes longer than ``limit_s``, is logged and keeps none of the
        others from running; only cancellation passes through. Returns the failures.
        """
        outcomes = [(hook, await _run_hook(hook, session_id, limit_s)) for hook in self._hooks]
        return tuple((hook, error) for hook, error in outcomes if error is not None)


async def _run_hook(
    hook: SessionEndHook, session_id: str, limit_s: float | None
) -> BaseException | None:
    try:
        async with asyncio.timeout(limit_s):
            pending = hook(session_id)
            if inspect.isawaitable(pending):
                await pending
    except BaseException as error:
        # boundary: one hook must not keep the others from running
        if not is_foreign_failure(error):
            raise
        _log.exception("session-end hook failed session_id=%s", session_id)
        return error
    return None
