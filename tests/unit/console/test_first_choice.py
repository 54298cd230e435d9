"""The first-run screen: offers with a key each, and the choice that is kept."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from harn_tui.console.ports import ConsoleSession, StartOffer
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.status.line import StatusLine
from harn_tui.errors import ConfigError
from harn_tui.kinds import Boundary
from tests.support.console_run import console_run
from tests.unit.console.conftest import stand_in_parts
from tests.unit.console.stand_ins import FakeClock, FakeSession

OFFERS = (
    StartOffer(0, "ollama", "something answers at 127.0.0.1:11434"),
    StartOffer(1, "[bold]\x1b[31modd", "something answers at 127.0.0.1:1234"),
    StartOffer(2, "demo", "a stand-in: no model and no network", is_usual=True),
)


class FakeFirstRun:
    """Offers what a test says; ``chosen`` and ``kept`` have what was asked of it."""

    def __init__(self, offers: Sequence[StartOffer] = OFFERS) -> None:
        self.offers = offers
        self.chosen: list[int] = []
        self.kept = 0
        self.error: ConfigError | None = None

    async def find(self) -> Sequence[StartOffer]:
        return self.offers

    async def choose(self, offer: StartOffer) -> None:
        self.chosen.append(offer.key)

    def remember(self) -> str:
        if self.error is not None:
            raise self.error
        self.kept += 1
        return "/home/ann/.config/harn-tui/config.toml"


class FirstStart:
    """A console that asks ``first_run`` before it opens its session."""

    def __init__(self, clock: FakeClock, first_run: FakeFirstRun) -> None:
        self.session = FakeSession(clock, provider_name="ollama")
        self.run = console_run(
            self._open,
            now_ms=clock,
            load=stand_in_parts,
            freeze=lambda: None,
            first_run=first_run,
        )

    async def _open(self) -> ConsoleSession:
        return self.session

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Pilot[int]]:
        try:
            async with self.run.app.run_test(size=(100, 30)) as pilot:
                yield pilot
        finally:
            await self.run.close()

    @property
    def words(self) -> str:
        """What stands in the place of the welcome."""
        return str(self.run.screen.query_one("#welcome", Static).render())

    async def see(self, pilot: Pilot[int], text: str) -> None:
        while text not in self.words:
            await pilot.pause(0.005)

    async def opened(self, pilot: Pilot[int]) -> None:
        while self.run.live is None or not self.run.live.is_complete:
            await pilot.pause(0.005)
        await pilot.pause()

    async def told(self, pilot: Pilot[int], text: str) -> None:
        while not any(text in note.message for note in self.run.app._notifications):
            await pilot.pause(0.005)


async def test_every_offer_has_a_key_and_is_shown_as_it_is(clock: FakeClock) -> None:
    start = FirstStart(clock, FakeFirstRun())
    async with start.running() as pilot:
        await start.see(pilot, "Which model shall answer?")
        for key, offer in zip(("F5", "F6", "F7"), OFFERS, strict=True):
            row = next(line for line in start.words.split("\n") if line.startswith(key))
            assert offer.detail in row
        assert "[bold]␛[31modd" in start.words
        assert "\x1b" not in start.words
        assert "ANTHROPIC_API_KEY, OPENAI_API_KEY" in start.words


@pytest.mark.parametrize(("key", "place"), [("f5", 0), ("f6", 1), ("f7", 2)])
async def test_a_key_starts_with_its_offer(clock: FakeClock, key: str, place: int) -> None:
    first_run = FakeFirstRun()
    start = FirstStart(clock, first_run)
    async with start.running() as pilot:
        await start.see(pilot, "Which model")
        await pilot.press("f8")
        assert first_run.chosen == []
        await pilot.press(key, key)
        await start.opened(pilot)
        assert first_run.chosen == [place]
        assert "Type a request" in start.words


async def test_lines_sent_before_the_choice_wait_for_it(clock: FakeClock) -> None:
    start = FirstStart(clock, FakeFirstRun())
    async with start.running() as pilot:
        await start.see(pilot, "Which model")
        await pilot.press(*"1 go", "enter", *"more")
        assert start.session.calls == []
        assert start.run.live is None
        status = start.run.screen.query_one(StatusLine)
        assert "waiting for your choice" in str(status.render())
        await pilot.press("f5")
        await start.opened(pilot)
        assert start.session.asked("submit") == [("1 go", Boundary.NEXT_PREFLIGHT)]
        assert start.run.screen.query_one(Prompt).text == "more"


async def test_choice_is_kept_only_when_a_person_says_so(clock: FakeClock) -> None:
    first_run = FakeFirstRun()
    start = FirstStart(clock, first_run)
    async with start.running() as pilot:
        await start.see(pilot, "Which model")
        await pilot.press("f5")
        await start.opened(pilot)
        assert "F9 keeps this choice" in start.words
        assert first_run.kept == 0
        await pilot.press("f9")
        await start.told(pilot, "/home/ann/.config/harn-tui/config.toml says so now")
        await pilot.press("f9")
        await start.told(pilot, "There is no choice to keep")
        assert first_run.kept == 1


async def test_choice_that_cannot_be_kept_is_told_and_can_be_tried_again(
    clock: FakeClock,
) -> None:
    first_run = FakeFirstRun()
    first_run.error = ConfigError("config.toml cannot be written.")
    start = FirstStart(clock, first_run)
    async with start.running() as pilot:
        await start.see(pilot, "Which model")
        await pilot.press("f5")
        await start.opened(pilot)
        await pilot.press("f9")
        await start.told(pilot, "cannot be written")
        first_run.error = None
        await pilot.press("f9")
        await start.told(pilot, "says so now")


async def test_the_demo_is_not_offered_to_be_kept(clock: FakeClock) -> None:
    start = FirstStart(clock, FakeFirstRun())
    async with start.running() as pilot:
        await start.see(pilot, "Which model")
        await pilot.press("f7")
        await start.opened(pilot)
        assert "keeps this choice" not in start.words


async def test_without_offers_the_session_opens_at_once(clock: FakeClock) -> None:
    first_run = FakeFirstRun(())
    start = FirstStart(clock, first_run)
    async with start.running() as pilot:
        await start.opened(pilot)
        assert first_run.chosen == []
        await pilot.press("f5")
        assert start.session.calls == [("start",)]


async def test_leaving_without_a_choice_ends_the_program(clock: FakeClock) -> None:
    start = FirstStart(clock, FakeFirstRun())
    async with start.running() as pilot:
        await start.see(pilot, "Which model")
        await pilot.press("ctrl+q")
    assert start.session.calls == []
