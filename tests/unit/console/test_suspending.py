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


async def test_a_driver_without_handlers_is_left_alone() -> None:
    before = signal.getsignal(signal.SIGTSTP)
    suspend_between_callbacks(_app(object()), Driver().repaint)
    assert signal.getsignal(signal.SIGTSTP) is before
