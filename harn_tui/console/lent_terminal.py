"""The terminal in the hands of another program for a while, with the event loop going on.

Textual's ``App.suspend`` gives the terminal back and takes it again, and is meant for a call that
blocks. Here the session works on meanwhile, so what the screen would write then goes nowhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

from textual.app import App

from harn_tui.console.silenced_driver import is_silenced, silence
from harn_tui.errors import HarnError

_PATIENCE_S = 2.0
_KEYS_OF_THE_OTHER = (signal.SIGINT, signal.SIGQUIT)


async def run_in_terminal(app: App[Any], command: Sequence[str]) -> int:
    """Run ``command`` on the app's terminal to its end and return its exit code.

    Negative for a signal. Raises HarnError where there is no terminal to give, where another
    program has it, and where there is no program to run. Cancelled, it ends the program first.
    """
    driver = getattr(app, "_driver", None)
    if driver is None or not driver.can_suspend:
        raise HarnError("There is no terminal here that another program could use.")
    if is_silenced(driver):
        raise HarnError(
            "Another program has the terminal.", hint="Try again when you have left that one."
        )
    keys, screen = driver.fileno, driver._file.fileno()  # noqa: SLF001 - not public
    is_cancelled = False
    # Nothing may be raised in here: Textual would not take the terminal back.
    with app.suspend(), _keys_left_alone(), _silence(driver):
        outcome = asyncio.create_task(_run(command, keys, screen))
        while not outcome.done():
            try:
                await asyncio.wait({outcome})
            except asyncio.CancelledError:
                if not is_cancelled:  # once more would end the waiting for the program's end
                    outcome.cancel()
                is_cancelled = True
    if is_cancelled:
        raise asyncio.CancelledError
    return outcome.result()


async def _run(command: Sequence[str], keys: int, screen: int) -> int:
    # In the process group of the console, so that the shell stops and continues both. By now
    # standard output leads away from the screen.
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=keys, stdout=screen, stderr=screen
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise HarnError(f"{command[0]} cannot be started: {reason}.") from error
    try:
        return await process.wait()
    except asyncio.CancelledError:
        await _end(process)
        raise


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE_S)
        except TimeoutError:
            process.kill()
            await process.wait()


@contextlib.contextmanager
def _silence(driver: Any) -> Iterator[None]:
    nowhere = silence(driver)
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield


@contextlib.contextmanager
def _keys_left_alone() -> Iterator[None]:
    """Let keys that send a signal to all who share the terminal end nobody here.

    A function and not ``SIG_IGN``, which the other program would inherit.
    """
    before = {number: signal.signal(number, _do_nothing) for number in _KEYS_OF_THE_OTHER}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """Have the signal come to nothing."""
