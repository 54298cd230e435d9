"""Text of others is on every screen, panel, dock and popup, and has no power on any of them."""

from pathlib import Path

import pytest

from harn_tui.console.app import HarnApp
from harn_tui.console.picker.screen import PickerScreen
from harn_tui.console.screens.replay import ReplayScreen
from harn_tui.console.startup import load_parts
from harn_tui.kinds import Decision
from harn_tui.store.index.search import SearchHit, SearchResult
from harn_tui.store.last_words import LastWords
from tests.unit.console import hostile
from tests.unit.console.conftest import OpenConsole
from tests.unit.console.stand_ins import START_MS, FakeClock, FakeSession, FileSettings
from tests.unit.console.test_picker import HERE, FakeStore, session
from tests.unit.console.test_replay import records_of

TEXTS = pytest.mark.parametrize("text", [hostile.HOSTILE, hostile.LONG_LINE], ids=["all", "long"])

PLACES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "docks, queue, status line": ((), ()),
    "in the queue": (("alt+q",), ("escape",)),
    "in the approval": (("ctrl+o",), ("escape",)),
    "the whole call": (("alt+v",), ("escape",)),
    "the rule editor": (("alt+l",), ("escape",)),
    "another approval": (("ctrl+o", "right"), ("escape",)),
    "its whole call": (("alt+v",), ("escape",)),
    "the preview": (("alt+i",), ("escape",)),
    "the choice of agents": (("alt+s",), ("escape",)),
    "files": (("at", "a"), ("escape", "ctrl+c")),
    "commands": (("slash", "a"), ("escape", "ctrl+c")),
    "a queued line in the prompt": (("alt+up",), ("escape",)),
    "the start of the transcript": (("ctrl+home",), ()),
    "everything opened": (("ctrl+b", "z"), ("escape",)),
    "the menu of a block": (("ctrl+b", "full_stop"), ("escape", "escape")),
    "the source of a block": (("ctrl+b", "r"), ("escape",)),
    "find": (("ctrl+f", "x"), ("escape",)),
    **{f"panel {tab}": ((f"alt+{tab}",), ()) for tab in range(1, 9)},
    "an event in full": (("alt+p", "enter"), ("escape", "escape")),
    "the time axis": (("alt+1", "alt+p", "w"), ("w", "escape")),
    "an agent in its panel": (("alt+6", "alt+p"), ("escape",)),
    "the review": (("alt+e",), ()),
    "a file of the review": (("right_square_bracket", "n"), ()),
    "what the review tells": (("x", "s"), ("escape", "escape")),
    "settings": (("f3",), ("escape",)),
}
"""Keys that show a place, and those that leave it again."""


@TEXTS
async def test_a_live_session_shows_hostile_text_without_its_power(
    open_console: OpenConsole, text: str, tmp_path: Path
) -> None:
    def prepare(fake: FakeSession) -> None:
        hostile.prepare(fake, text)

    settings = FileSettings(tmp_path)
    async with open_console(
        load=load_parts, size=(120, 40), prepare=prepare, settings=settings
    ) as console:
        console.session.is_running = True
        await console.emit(*hostile.events(console.session, text))
        console.clock.advance(2_000)
        console.screen.tick()
        for where, (keys, leaving) in PLACES.items():
            for key in keys:
                await console.press(key)
            hostile.assert_harmless(console.app.screen, where)
            for key in leaving:
                await console.press(key)
        assert console.app.screen is console.screen, "a place was not left"
        await console.emit(hostile.failed_call(text), hostile.question(text))
        console.session.answer("p7", Decision.DENY)
        console.session.answer("p8", Decision.DENY)
        await console.settle()
        await console.press("ctrl+o")
        hostile.assert_harmless(console.screen, "the question")
        await console.pilot.resize_terminal(40, 10)
        await console.settle()
        hostile.assert_harmless(console.screen, "a tiny terminal")


@TEXTS
async def test_a_replay_shows_hostile_text_without_its_power(text: str) -> None:
    records = records_of(hostile.events(FakeSession(FakeClock()), text))
    screen = ReplayScreen(lambda: records, title=text, plays_at_once=False)
    app = HarnApp(screen, screen.open)
    async with app.run_test(size=(120, 40)) as pilot:
        while not screen.is_complete:
            await pilot.pause(0.005)
        for key in ("end", "e", "left"):
            await pilot.press(key)
            while screen.is_busy:
                await pilot.pause(0.005)
            hostile.assert_harmless(screen, key)


class HostileStore(FakeStore):
    def __init__(self, text: str) -> None:
        super().__init__([session("0199", text, 1, text), session(text[:40], text, 2, text)])
        self._text = text

    def search(self, text: str) -> SearchResult:
        self.queries.append(text)
        return SearchResult([SearchHit(self.all[0], 3, 1, START_MS, self._text)], (self._text,))

    def last_words(self, session: object, count: int) -> list[LastWords]:
        both = (False, True)
        return [LastWords(self._text, mine, tool, not mine) for mine in both for tool in both]


@TEXTS
async def test_the_list_of_sessions_shows_hostile_text_without_its_power(text: str) -> None:
    screen = PickerScreen(HostileStore(text), HERE, lambda: START_MS)
    app = HarnApp(screen, screen.open)
    async with app.run_test(size=(120, 40)) as pilot:
        while not screen.is_loaded:
            await pilot.pause(0.005)
        for key in ("down", "alt+d", "escape", "ctrl+f", "x"):
            await pilot.press(key)
            await app.workers.wait_for_complete([w for w in app.workers if w.group != "start"])
            await pilot.pause()
            hostile.assert_harmless(app.screen, key)
