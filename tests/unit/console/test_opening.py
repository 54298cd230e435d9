"""The first picture is the chat screen's own, and what is typed over it is not lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.screens.chat import ChatScreen
from harn_tui.console.screens.opening import OpeningScreen
from tests.unit.console.stand_ins import FakeClock


class Start:
    """A start that goes on when a test lets it."""

    def __init__(self) -> None:
        self.may_go_on = asyncio.Event()
        self.chat = ChatScreen(FakeClock())
        self.app = HarnApp(OpeningScreen(), self._go_on, holds_input=True)

    async def _go_on(self) -> None:
        await self.may_go_on.wait()
        await self.app.enter(self.chat)

    @asynccontextmanager
    async def running(self, size: tuple[int, int]) -> AsyncIterator[Pilot[int]]:
        async with self.app.run_test(size=size) as pilot:
            yield pilot

    def rows(self) -> list[str]:
        strips = self.app.screen._compositor.render_strips()
        return [strip.text.rstrip() for strip in strips]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 10)])
async def test_the_first_picture_is_that_of_the_chat_screen(size: tuple[int, int]) -> None:
    start = Start()
    async with start.running(size) as pilot:
        await pilot.pause()
        first = start.rows()
        start.may_go_on.set()
        while start.app.screen is not start.chat:
            await pilot.pause()
        start.chat.body.side.display = False
        await pilot.pause()
        assert start.rows() == first


async def test_what_is_typed_over_the_picture_arrives() -> None:
    start = Start()
    async with start.running((80, 24)) as pilot:
        await pilot.press("h", "e")
        start.may_go_on.set()
        await pilot.press("y")
        prompt = start.chat.query_one(Prompt)
        while prompt.text != "hey":
            await pilot.pause()
