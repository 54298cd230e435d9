"""From one session to another in the same window: nothing typed is lost, nothing left behind."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.entry import ConsoleRun, collect_garbage
from harn_tui.console.ports import ConsoleSession
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.screens.opening import OpeningScreen
from harn_tui.errors import ConfigError, StoreError
from harn_tui.session.rewinding import RewindResult
from tests.unit.console import scenes
from tests.unit.console.conftest import stand_in_parts
from tests.unit.console.stand_ins import FakeClock, FakeSession

RESULT = RewindResult("fork", (), (), "a", "b", 3, has_files=False)


class SlowSession(FakeSession):
    """A session whose end waits for ``may_close``."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock, (scenes.session_start(),), "demo")
        self.may_close = asyncio.Event()
        self.closing = asyncio.Event()
        self.error: StoreError | None = None

    async def close(self, *, leaves_approvals: bool = False) -> None:
        self.closing.set()
        await self.may_close.wait()
        await super().close()
        if self.error is not None:
            raise self.error


class Going:
    """A console as the command line starts it, with a session to go to."""

    def __init__(self) -> None:
        clock = FakeClock()
        self.first, self.second = SlowSession(clock), SlowSession(clock)
        self.error: StoreError | None = None
        self.may_open: asyncio.Event | None = None
        self.is_opening = False
        self.app = HarnApp(OpeningScreen(), self._start, holds_input=True)
        self.run = ConsoleRun(
            self.app,
            self._open_first,
            now_ms=clock,
            load=stand_in_parts,
            freeze=lambda: None,
            collect=collect_garbage,
            open_other=self._open_second,
        )

    async def _start(self) -> None:
        await self.app.enter(self.run.screen)
        await self.run.open()

    async def _open_first(self) -> ConsoleSession:
        return self.first

    async def _open_second(self, session_id: str) -> ConsoleSession:
        assert session_id == "fork"
        self.is_opening = True
        if self.may_open is not None:
            await self.may_open.wait()
        if self.error is not None:
            raise self.error
        return self.second

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Pilot[int]]:
        try:
            async with self.app.run_test() as pilot:
                await self.until(pilot, self.is_shown)
                yield pilot
        finally:
            self.first.may_close.set()
            self.second.may_close.set()
            await self.run.close()

    async def until(self, pilot: Pilot[int], condition: object) -> None:
        assert callable(condition)
        while not condition():
            await pilot.pause(0.002)

    def is_shown(self) -> bool:
        return self.run.live is not None and self.run.live.is_complete

    def go_on(self) -> None:
        go_on = self.run.screen.rewinder.go_on
        assert go_on is not None
        self.app.run_worker(go_on(RESULT), group="rewound", exit_on_error=True)

    @property
    def prompt(self) -> Prompt:
        return self.run.screen.query_one(Prompt)


async def test_what_is_typed_while_the_old_session_ends_is_in_the_new_prompt() -> None:
    going = Going()
    async with going.running() as pilot:
        await pilot.press("o", "l", "d")
        going.go_on()
        await going.first.closing.wait()
        await pilot.press("n", "e", "w")
        going.first.may_close.set()
        await going.until(pilot, lambda: going.is_shown() and going.prompt.text == "new")
        assert ("save_draft", "old") in going.first.calls
        assert going.app.screen is going.run.screen
        assert not any(isinstance(one, OpeningScreen) for one in going.app.screen_stack[1:])


async def test_the_configuration_of_the_other_folder_counts_there() -> None:
    going = Going()
    loaded: list[str] = []
    preferences = going.app.preferences

    async def reopen() -> None:
        loaded.append("again")
        raise ConfigError("[keys] is wrong.")

    preferences.reopen = reopen  # type: ignore[method-assign]
    async with going.running() as pilot:
        going.first.may_close.set()
        go_to = going.run.screen.switching.go_to
        assert go_to is not None
        going.app.run_worker(go_to("fork"), exit_on_error=True)
        await going.until(pilot, lambda: going.first.is_closed and going.is_shown())
        assert loaded == ["again"]
        assert [n.message for n in going.app._notifications] == ["[keys] is wrong."]


async def test_a_session_that_cannot_be_closed_well_is_told_of_and_left_all_the_same() -> None:
    going = Going()
    going.first.error = StoreError("The disk is full.")
    async with going.running() as pilot:
        going.first.may_close.set()
        going.go_on()
        await going.until(pilot, lambda: going.first.closing.is_set() and going.is_shown())
        await going.until(pilot, lambda: bool(going.app._notifications))
        assert [n.message for n in going.app._notifications] == ["The disk is full."]
        await pilot.press("h", "i")
        await going.until(pilot, lambda: going.prompt.text == "hi")
    assert going.second.is_closed


async def test_keys_on_the_way_mean_what_they_always_mean() -> None:
    going = Going()
    going.may_open = asyncio.Event()
    async with going.running() as pilot:
        going.first.may_close.set()
        going.go_on()
        await going.until(pilot, lambda: going.is_opening)
        await pilot.press("a", "ctrl+j", "b")
        assert going.run.screen.query_one(Prompt).text == ""
        going.may_open.set()
        await going.until(pilot, lambda: going.prompt.text == "a\nb")
        assert going.second.asked("submit") == []


@pytest.mark.parametrize("is_open", [False, True])
async def test_leaving_on_the_way_to_another_session_closes_both(is_open: bool) -> None:
    going = Going()
    going.may_open = asyncio.Event()
    async with going.running() as pilot:
        going.go_on()
        await going.until(pilot, lambda: going.is_opening)
        if is_open:
            going.may_open.set()
            await going.first.closing.wait()
        await pilot.press("ctrl+q")
        going.may_open.set()
        going.first.may_close.set()
        going.second.may_close.set()
    assert going.first.is_closed
    assert going.second.is_closed or not is_open


async def test_a_session_that_cannot_be_opened_leaves_the_old_one_as_it_is() -> None:
    going = Going()
    going.error = StoreError("The log is of a newer program.")
    async with going.running() as pilot:
        before = going.run.screen
        await pilot.press("h", "i")
        going.go_on()
        await going.until(pilot, lambda: len(going.app._notifications) > 0)
        assert going.app.screen is before
        assert going.prompt.text == "hi"
        assert not going.first.closing.is_set()


async def test_the_session_that_was_left_is_let_go() -> None:
    going = Going()
    async with going.running() as pilot:
        gc.freeze()
        going.first.may_close.set()
        assert going.run.live is not None
        live, screen = weakref.ref(going.run.live), weakref.ref(going.run.screen)
        going.go_on()
        await going.until(pilot, lambda: going.is_shown() and going.run.live is not live())
        going.first = going.second  # nor does the command line hold it: its id is enough
        await pilot.pause()
        gc.collect()
        assert live() is None
        assert screen() is None
