"""Tells a failure of somebody else's code from what is meant for the task or the program."""

import asyncio


def is_foreign_failure(error: BaseException) -> bool:
    """Whether what hooks, callbacks, sinks or tools raised is their own failure, to be isolated.

    False for the end of the program, for the closing of a coroutine, and for a cancellation of
    the current task. A CancelledError that nobody asked for, as when something awaits a task
    that was cancelled elsewhere, is a failure like any other.
    """
    if isinstance(error, asyncio.CancelledError):
        return not _is_being_cancelled()
    return not isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit)


def _is_being_cancelled() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # a thread without an event loop
        return False
    return task is not None and task.cancelling() > 0
