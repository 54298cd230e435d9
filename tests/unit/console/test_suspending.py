"""Stopping for the shell: never inside of what the signal interrupted."""

import asyncio
import os
import signal
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from harn_tui.console.suspending import suspend_between_callbacks


class Driver:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def repaint(self) -> None:
        self.calls.append("repaint")

    def _sigtstp_application(self) -> None:
        self.calls.append("stop")

    def _sigcont_application(self) -> None:
        self.calls.append("start")


@pytest.fixture(autouse=True)
def old_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def _app(driver: object) -> Any:
    return SimpleNamespace(_driver=driver)


async def _until(driver: Driver, *calls: str) -> None:
    async with asyncio.timeout(10):
        while driver.calls != list(calls):
            await asyncio.sleep(0)


async def test_the_driver_stops_between_callbacks_and_not_where_the_signal_came() -> None:
    driver = Driver()
    suspend_between_callbacks(_app(driver), driver.repaint)
    os.kill(os.getpid(), signal.SIGTSTP)
    assert driver.calls == []
    await _until(driver, "stop", "start")


async def test_nothing_comes_between_the_stop_and_the_start_of_the_driver() -> None:
    driver = Driver()
    suspend_between_callbacks(_app(driver), driver.repaint)
    drawing = asyncio.get_running_loop()
    os.kill(os.getpid(), signal.SIGTSTP)
    os.kill(os.getpid(), signal.SIGCONT)
    while "start" not in driver.calls:
        drawing.call_soon(driver.calls.append, "draw")
        await asyncio.sleep(0)
    assert driver.calls.index("start") == driver.calls.index("stop") + 1


async def test_going_on_repaints_and_starts_nothing_twice() -> None:
    driver = Driver()
    suspend_between_callbacks(_app(driver), driver.repaint)
    os.kill(os.getpid(), signal.SIGCONT)
    await _until(driver, "repaint")


class RealWriter:
    """The thread that writes to the terminal: ``write`` blocks once it has ended."""

    def __init__(self, calls: list[str]) -> None:
        self.has_ended = False
        self._calls = calls

    def write(self, text: str) -> None:
        assert not self.has_ended, "this would block the event loop"
        self._calls.append(text)


class TerminalDriver(Driver):
    """Enters the application mode only in the foreground, as Textual's driver does."""

    def __init__(self) -> None:
        super().__init__()
        self.is_in_foreground = False
        self._writer_thread: Any = RealWriter(self.calls)

    def repaint(self) -> None:
        self._writer_thread.write("repaint")

    def _sigtstp_application(self) -> None:
        super()._sigtstp_application()
        self._writer_thread.has_ended = True

    def _sigcont_application(self) -> None:
        if self.is_in_foreground:
            super()._sigcont_application()
            self._writer_thread = RealWriter(self.calls)
        else:
            self.calls.append("stopped again")


async def test_a_start_that_failed_in_the_background_is_made_up_for_in_front() -> None:
    driver = TerminalDriver()
    suspend_between_callbacks(_app(driver), driver.repaint)
    os.kill(os.getpid(), signal.SIGTSTP)
    await _until(driver, "stop", "stopped again")
    for _ in range(100):
        driver._writer_thread.write("drawn meanwhile")
    os.kill(os.getpid(), signal.SIGCONT)
    await _until(driver, "stop", "stopped again", "stopped again")
    driver.is_in_foreground = True
    os.kill(os.getpid(), signal.SIGCONT)
    await _until(driver, "stop", "stopped again", "stopped again", "start", "repaint")
    os.kill(os.getpid(), signal.SIGCONT)
    await _until(driver, "stop", "stopped again", "stopped again", "start", "repaint", "repaint")


async def test_a_driver_without_handlers_is_left_alone() -> None:
    before = signal.getsignal(signal.SIGTSTP)
    suspend_between_callbacks(_app(object()), Driver().repaint)
    assert signal.getsignal(signal.SIGTSTP) is before
