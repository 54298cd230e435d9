import asyncio
import threading

import pytest

from harn_tui.errors import StoreError
from harn_tui.session.housekeeping import Housekeeping


async def test_the_work_is_done_once_in_a_thread_after_a_while() -> None:
    waited: list[float] = []
    threads: list[int] = []
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    def work() -> None:
        threads.append(threading.get_ident())
        loop.call_soon_threadsafe(done.set)

    housekeeping = Housekeeping(work, sleep=sleep)
    housekeeping.start()
    await done.wait()
    await housekeeping.stop()

    assert waited == [20.0]
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


async def test_stopped_before_its_time_it_does_nothing() -> None:
    calls: list[int] = []
    housekeeping = Housekeeping(lambda: calls.append(1))
    await housekeeping.stop()
    housekeeping.start()
    await asyncio.sleep(0)

    await housekeeping.stop()

    assert calls == []


async def test_what_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def sleep(seconds: float) -> None:
        pass

    def work() -> None:
        loop.call_soon_threadsafe(done.set)
        raise StoreError("The disk is gone.")

    housekeeping = Housekeeping(work, sleep=sleep)
    housekeeping.start()
    await done.wait()
    while "housekeeping failed" not in caplog.text:
        await asyncio.sleep(0)
    await housekeeping.stop()

    assert "The disk is gone." in caplog.text
