"""Waiting for a condition instead of for time to pass."""

import asyncio
import time
from collections.abc import Callable

_POLL_S = 0.005


async def wait_until(
    condition: Callable[[], bool],
    timeout_s: float = 10.0,
    *,
    what: str = "the condition",
    describe: Callable[[], str] | None = None,
) -> None:
    """Return as soon as ``condition()`` holds; the event loop runs meanwhile.

    ``what`` and ``describe()`` (what is the case instead) go into the failure message.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(_message(what, timeout_s, describe))
        await asyncio.sleep(_POLL_S)


def wait_until_blocking(
    condition: Callable[[], bool],
    timeout_s: float = 10.0,
    *,
    what: str = "the condition",
    describe: Callable[[], str] | None = None,
) -> None:
    """Return as soon as ``condition()`` holds, from a test that has no event loop."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(_message(what, timeout_s, describe))
        time.sleep(_POLL_S)


def _message(what: str, timeout_s: float, describe: Callable[[], str] | None) -> str:
    instead = f"\n{describe()}" if describe else ""
    return f"{what} did not come true within {timeout_s:g} s{instead}"
