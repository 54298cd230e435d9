"""Stopping for the shell and coming back, between two callbacks of the event loop.

Textual 8.2.8 leaves the application mode inside of the signal handler itself. When the signal
comes while the loop puts a write into the terminal's queue, the handler waits for that queue's
lock, which the interrupted code holds: the program hangs for good, still showing its screen.
"""

import asyncio
import signal
from collections.abc import Callable
from typing import Any, Protocol, cast

from textual.app import App

from harn_tui.console.silenced_driver import is_silenced, silence


class _Suspendable(Protocol):
    """What Textual's driver for Linux has, under private names."""

    def _sigtstp_application(self) -> None: ...
    def _sigcont_application(self) -> None: ...


def suspend_between_callbacks(app: App[Any], repaint: Callable[[], None]) -> None:
    """Have the running event loop answer the shell's signals to stop and to go on.

    Call it on the event loop of the main thread, once the driver is there. A driver without
    handlers of its own (the web's, a test's, Windows') is left as it is. ``repaint`` is called
    when the program goes on, after a SIGSTOP too, which no program sees.
    """
    driver = getattr(app, "_driver", None)
    if hasattr(driver, "_sigtstp_application") and hasattr(driver, "_sigcont_application"):
        handling = _Suspending(cast("_Suspendable", driver), repaint)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTSTP, handling.stop)
        loop.add_signal_handler(signal.SIGCONT, handling.go_on)


class _Suspending:
    def __init__(self, driver: _Suspendable, repaint: Callable[[], None]) -> None:
        self._driver = driver
        self._repaint = repaint

    def stop(self) -> None:
        self._driver._sigtstp_application()  # noqa: SLF001 - not public
        # The process has been stopped, and goes on here. Nothing may be drawn before the driver
        # is back: it has no writer for it.
        silence(self._driver)
        self._start()

    def go_on(self) -> None:
        # After ``stop`` or after a SIGSTOP. Entering the application mode once more would start a
        # second reader of the keys. The driver has not entered it when the program went on in the
        # background, where it may not: it then stopped again, and this is the way back.
        if is_silenced(self._driver):
            self._start()
        self._repaint()

    def _start(self) -> None:
        # Does nothing while another program has the terminal.
        self._driver._sigcont_application()  # noqa: SLF001 - not public
