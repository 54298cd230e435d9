"""Going back takes a thread, which cannot be stopped: what it did is told whoever leaves."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from harn_tui.console.screens import rewind
from harn_tui.console.screens.rewind import RewindScreen
from harn_tui.console.screens.rewinding import AT_WORK
from harn_tui.session.rewind_scope import RewindScope
from harn_tui.session.rewinding import RewindPreview, RewindResult
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.test_rewind import FakeRewinding, open_rewind, told, use


class HeldRewinding(FakeRewinding):
    """What is in ``held`` waits in its thread; ``begun`` has what was asked for until now."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.held: set[str] = set()
        self.begun: list[tuple[object, ...]] = []

    def _wait(self, *call: object) -> None:
        self.begun.append(call)
        if call[0] in self.held:
            assert self.go_on.wait(30)

    def preview(self, index: int) -> RewindPreview:
        self._wait("preview", index)
        return super().preview(index)

    def rewind(
        self, index: int, scope: RewindScope, *, with_yours: bool = False, draft: str = ""
    ) -> RewindResult:
        self._wait("rewind", index)
        return super().rewind(index, scope, with_yours=with_yours, draft=draft)

    def undo(self) -> RewindResult:
        self._wait("undo")
        return super().undo()

    @property
    def changes(self) -> list[tuple[object, ...]]:
        return [call for call in self.begun if call[0] != "preview"]


@pytest.fixture
def held() -> HeldRewinding:
    return HeldRewinding()


@asynccontextmanager
async def held_open(open_console: OpenConsole, held: HeldRewinding) -> AsyncIterator[Console]:
    """Open a console; nothing is held any more when a test ends, whichever way."""
    async with open_console(**use(held)) as console:
        try:
            yield console
        finally:
            held.go_on.set()


async def begin_rewind(console: Console, held: HeldRewinding) -> RewindScreen:
    """Let a rewind of the files alone wait in its thread."""
    held.held.add("rewind")
    screen = await open_rewind(console, held)
    await console.pilot.press("s", "s", "enter")
    await console.until(lambda: bool(held.changes))
    return screen


async def test_while_a_rewind_is_at_work_its_screen_stays(
    open_console: OpenConsole, held: HeldRewinding
) -> None:
    async with held_open(open_console, held) as console:
        screen = await begin_rewind(console, held)
        await console.pilot.press("escape", "u", "enter")
        await console.until(lambda: AT_WORK in told(console))
        assert console.app.screen is screen
        held.go_on.set()
        await console.until(lambda: console.app.screen is console.screen)
        assert held.changes == [("rewind", 9)]
        assert [result.at_index for result in held.told] == [9]


async def test_a_rewind_whose_screen_was_taken_away_is_told_all_the_same(
    open_console: OpenConsole, held: HeldRewinding
) -> None:
    async with held_open(open_console, held) as console:
        await begin_rewind(console, held)
        await console.app.pop_screen()
        await console.pilot.pause()
        held.go_on.set()
        await console.until(lambda: "1 file brought back" in told(console))
        assert [result.at_index for result in held.told] == [9]
        assert console.prompt.text.startswith("fix ")


async def test_a_session_is_told_of_a_rewind_before_quitting_closes_it(
    open_console: OpenConsole, held: HeldRewinding
) -> None:
    async with held_open(open_console, held) as console:
        await begin_rewind(console, held)
        await console.pilot.press("ctrl+q")
        while console.app.is_running:
            await asyncio.sleep(0.005)
        closing = asyncio.create_task(console.run.close())
        for _ in range(50):  # as far as it gets
            await asyncio.sleep(0)
        assert not console.session.is_closed
        held.go_on.set()
        await closing
        assert [result.at_index for result in held.told] == [9]
        assert console.session.is_closed


@pytest.mark.parametrize("how", ["left", "not opened", "gone to"])
async def test_a_rewind_of_all_tells_the_session_where_a_person_stays(
    open_console: OpenConsole, held: HeldRewinding, how: str
) -> None:
    async with held_open(open_console, held) as console:
        gone: list[str | None] = []

        async def go_on(result: RewindResult) -> bool:
            gone.append(result.fork_id)
            return how == "gone to"

        console.screen.rewinder.go_on = go_on
        held.held.add("rewind")
        await open_rewind(console, held)
        await console.pilot.press("enter")
        await console.until(lambda: bool(held.changes))
        if how == "left":
            await console.pilot.press("ctrl+q")
            while console.app.is_running:
                await asyncio.sleep(0.005)
            closing = asyncio.create_task(console.run.close())
            held.go_on.set()
            await closing
        else:
            held.go_on.set()
            await console.until(lambda: gone == ["fork"])
            await console.pilot.pause()
        assert [result.at_index for result in held.told] == ([] if how == "gone to" else [9])


async def test_nothing_takes_the_place_of_an_undo_that_is_at_work(
    open_console: OpenConsole, held: HeldRewinding
) -> None:
    async with held_open(open_console, held) as console:
        held.held.add("undo")
        console.screen.action_perform("undo_rewind")
        await console.until(lambda: bool(held.changes))
        console.screen.action_perform("undo_rewind")
        await console.press("alt+u")
        await console.until(lambda: told(console).count(AT_WORK) == 2)
        held.go_on.set()
        await console.until(lambda: "1 file brought back" in told(console))
        assert held.changes == [("undo",)]
        assert len(held.told) == 1
        await open_rewind(console, held)


async def test_an_undo_and_a_look_at_the_lines_do_not_end_each_other(
    open_console: OpenConsole, held: HeldRewinding
) -> None:
    async with held_open(open_console, held) as console:
        held.held.add("undo")
        for action in ("undo_rewind", "undo_rewind", "rewind"):
            console.screen.action_perform(action)
        await console.until(lambda: bool(held.changes))
        held.go_on.set()
        await console.until(lambda: "1 file brought back" in told(console))
        assert held.changes == [("undo",)]
        assert len(held.told) == 1


async def test_files_are_compared_for_one_line_at_a_time_and_then_for_the_newest(
    open_console: OpenConsole, held: HeldRewinding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewind, "_PAUSE_S", 0)
    async with held_open(open_console, held) as console:
        await open_rewind(console, held)
        held.held.add("preview")
        held.begun.clear()
        for _ in range(2):  # the one that is at work goes on after its screen was left
            for key in ("down", "down", "up"):
                await console.pilot.press(key)
                await console.until(lambda: bool(held.begun))
            await console.pilot.press("escape", "alt+u")
            await console.until(lambda: isinstance(console.app.screen, RewindScreen))
        assert held.begun == [("preview", 3)]
        held.go_on.set()
        await console.until(lambda: len(held.begun) == 2)
        assert held.begun == [("preview", 3), ("preview", 9)]
