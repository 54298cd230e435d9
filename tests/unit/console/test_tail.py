"""The end of a stored session is on the screen before the session is open."""

import asyncio
from collections.abc import Sequence

import pytest

from harn_tui.console.ports import ConsoleSession
from harn_tui.errors import StoreError
from harn_tui.events.record import Record
from tests.support.console_run import console_run
from tests.unit.console import scenes
from tests.unit.console.conftest import stand_in_parts
from tests.unit.console.stand_ins import FakeClock, FakeSession, PlainTranscript


class SlowOpening:
    """A console whose session is still being read when its end is shown."""

    def __init__(self, fails: type[Exception] | None = None) -> None:
        clock = FakeClock()
        self.session = FakeSession(clock, scenes.run_start("The whole of it."))
        self.tail = [Record(n, 0, None, e) for n, e in enumerate(scenes.run_start("Its end."))]
        self.is_opening = asyncio.Event()
        self.may_open = asyncio.Event()
        self._fails = fails
        self.run = console_run(
            self._open, now_ms=clock, load=stand_in_parts, freeze=lambda: None, read_tail=self._read
        )

    def _read(self) -> Sequence[Record]:
        if self._fails is not None:
            raise self._fails("of no use")
        return self.tail

    async def _open(self) -> ConsoleSession:
        self.is_opening.set()
        await self.may_open.wait()
        return self.session

    def shown(self) -> list[str]:
        transcripts = self.run.screen.query(PlainTranscript)
        return [str(one.render()) for one in transcripts]


async def test_the_end_is_shown_first_and_then_the_whole() -> None:
    start = SlowOpening()
    async with start.run.app.run_test() as pilot:
        await start.is_opening.wait()
        assert start.shown() == ["Its end."]
        assert not start.run.screen.query_one("#welcome").display
        start.may_open.set()
        while start.run.live is None or not start.run.live.is_complete:
            await pilot.pause(0.005)
        await pilot.pause()
        assert start.shown() == ["The whole of it."]
    await start.run.close()


@pytest.mark.parametrize("fails", [StoreError, RuntimeError])
async def test_without_an_end_the_session_opens_all_the_same(fails: type[Exception]) -> None:
    start = SlowOpening(fails)
    async with start.run.app.run_test() as pilot:
        await start.is_opening.wait()
        assert start.shown() == []
        start.may_open.set()
        while start.run.live is None or not start.run.live.is_complete:
            await pilot.pause(0.005)
        assert start.shown() == ["The whole of it."]
    await start.run.close()
