"""Runs a function that may block for any time in a thread of its own."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def call_in_own_thread(function: Callable[[], T], *, name: str) -> T:
    """Return what ``function`` returns, or raise what it raises.

    A cancellation is not held up: the thread cannot be stopped, so it goes on by itself and its
    result is dropped. It is no thread of the pool, which file work needs, and does not keep the
    program from ending.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def tell(settle: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: None if future.done() else settle())

    def work() -> None:
        try:
            result = context.run(function)
        except BaseException as error:  # noqa: BLE001 - boundary: raised again where it is awaited
            told = _awaitable_error(error)
            tell(lambda: future.set_exception(told))
        else:
            tell(lambda: future.set_result(result))

    threading.Thread(target=work, name=name, daemon=True).start()
    return await future


def _awaitable_error(error: BaseException) -> Exception:
    """Return ``error`` as one that a future may hold and that ends no program."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    return RuntimeError(f"it ended with {type(error).__name__}: {error}")
