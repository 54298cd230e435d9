import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from harn_tui.console.banner import Banner
from harn_tui.console.environment import prepare_environment
from harn_tui.console.ports import ConsoleSession
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.startup import ConsoleParts, load_parts
from harn_tui.console.transcript.transcript import Transcript
from harn_tui.errors import ConfigError
from harn_tui.kinds import Boundary
from tests.support.console_run import console_run
from tests.unit.console import scenes
from tests.unit.console.conftest import OpenConsole, stand_in_parts
from tests.unit.console.stand_ins import FakeClock, FakeSession, PlainTranscript


class SlowStart:
    """A console whose session opens only when a test lets it."""

    def __init__(self, clock: FakeClock, prompt: str | None = None) -> None:
        self.session = FakeSession(clock)
        self.steps: list[str] = []
        self.may_open = asyncio.Event()
        self.error: ConfigError | None = None
        self.run = console_run(
            self._open,
            now_ms=clock,
            prompt=prompt,
            load=self._load,
            freeze=lambda: self.steps.append("freeze"),
        )

    async def _load(self, preload: Sequence[str]) -> ConsoleParts:
        painted = self.run.screen.query_one(Prompt).size.width > 0
        self.steps.append("load after the first frame" if painted else "load too early")
        return await stand_in_parts(preload)

    async def _open(self) -> ConsoleSession:
        self.steps.append("open")
        await self.may_open.wait()
        if self.error is not None:
            raise self.error
        return self.session

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Pilot[int]]:
        try:
            async with self.run.app.run_test() as pilot:
                await self.until(pilot, lambda: "open" in self.steps)
                yield pilot
        finally:
            await self.run.close()

    async def until(self, pilot: Pilot[int], condition: object) -> None:
        assert callable(condition)
        while not condition():
            await pilot.pause(0.005)
        await pilot.pause()

    async def opened(self, pilot: Pilot[int]) -> None:
        self.may_open.set()
        await self.until(pilot, lambda: self.run.live is not None and self.run.live.is_complete)


async def test_the_session_is_opened_after_the_first_frame(clock: FakeClock) -> None:
    start = SlowStart(clock)
    async with start.running():
        assert start.steps == ["freeze", "load after the first frame", "open"]


async def test_keys_typed_before_the_session_is_open_are_kept(clock: FakeClock) -> None:
    start = SlowStart(clock)
    async with start.running() as pilot:
        await pilot.press(*"early")
        prompt = start.run.screen.query_one(Prompt)
        assert prompt.text == "early"

        await start.opened(pilot)

        assert prompt.text == "early"
        assert start.session.asked("submit") == []


async def test_lines_sent_before_the_session_is_open_wait_and_are_submitted_in_order(
    clock: FakeClock,
) -> None:
    start = SlowStart(clock)
    async with start.running() as pilot:
        await pilot.press(*"one", "enter", *"two", "alt+enter", *"dra")
        rows = start.run.screen.query_one(QueueStrip).render().plain
        assert rows.count("when the session is open") == 2
        assert start.session.calls == []

        await start.opened(pilot)
        await pilot.press("f")

        assert start.session.asked("submit") == [
            ("one", Boundary.NEXT_PREFLIGHT),
            ("two", Boundary.AFTER_RUN),
        ]
        assert start.run.screen.query_one(Prompt).text == "draf"


async def test_a_command_typed_before_the_session_is_open_runs_in_its_turn(
    clock: FakeClock,
) -> None:
    start = SlowStart(clock, prompt="!not a command, but a prompt")
    async with start.running() as pilot:
        await pilot.press(*"!ls", "enter", *"!oops", "enter", *"two", "enter")
        assert start.run.screen.query_one(Prompt).text == ""
        rows = start.run.screen.query_one(QueueStrip).render().plain
        assert rows.count("when the session is open") == 4

        await start.opened(pilot)

        assert start.session.prompt_sources.shell.commands == ["ls", "oops"]
        sent = [text for text, _ in start.session.asked("submit")]
        assert sent == ["!not a command, but a prompt", "two"]


async def test_an_early_line_can_be_taken_back(clock: FakeClock) -> None:
    start = SlowStart(clock)
    async with start.running() as pilot:
        await pilot.press(*"oops", "enter", "alt+up")
        assert start.run.screen.query_one(Prompt).text == "oops"

        await start.opened(pilot)
        assert start.session.asked("submit") == []


async def test_the_prompt_of_the_command_line_is_the_first_line(clock: FakeClock) -> None:
    start = SlowStart(clock, prompt="fix the tests")
    async with start.running() as pilot:
        await start.opened(pilot)
        assert start.session.asked("submit") == [("fix the tests", Boundary.NEXT_PREFLIGHT)]


async def test_a_session_that_cannot_be_opened_is_told_and_early_lines_come_back(
    clock: FakeClock,
) -> None:
    start = SlowStart(clock)
    start.error = ConfigError("No such provider: [x].", hint="See `harn-tui doctor`.")
    async with start.running() as pilot:
        await pilot.press(*"one", "enter", *"two")
        start.may_open.set()
        banner = start.run.screen.query_one(Banner)
        await start.until(pilot, lambda: banner.text)

        assert banner.text == "No such provider: [x]. See `harn-tui doctor`."
        assert start.run.screen.query_one(Prompt).text == "one\ntwo"
        assert start.run.app.is_running

        start.run.screen.query_one(Prompt).load_text("!ls")
        await pilot.press("enter")
        assert start.run.screen.query_one(Prompt).text == "!ls", "nothing would ever run it"
    with pytest.raises(ConfigError):
        start.run.check()  # told once more behind the screen, with the exit code


async def test_a_session_that_cannot_be_opened_is_left_when_nothing_was_typed(
    clock: FakeClock,
) -> None:
    start = SlowStart(clock, prompt="hello from the shell")
    start.error = ConfigError("No such provider: [x].")
    async with start.running() as pilot:
        start.may_open.set()
        await start.until(pilot, lambda: not start.run.app.is_running)
    with pytest.raises(ConfigError):
        start.run.check()


async def test_an_early_line_that_is_refused_comes_back_into_the_prompt(clock: FakeClock) -> None:
    start = SlowStart(clock)
    start.session.refuses.add("submit")
    async with start.running() as pilot:
        await pilot.press(*"one", "enter", *"two", "enter")
        await start.opened(pilot)
        assert start.run.screen.query_one(Prompt).text == "one\ntwo"


async def test_quitting_before_the_session_is_open_leaves_nothing_behind(clock: FakeClock) -> None:
    start = SlowStart(clock)
    async with start.running() as pilot:
        await pilot.press("ctrl+q")
        await start.until(pilot, lambda: not start.run.app.is_running)
    assert start.run.live is None


async def test_the_past_of_a_session_is_drawn_at_once_and_then_goes_on(
    open_console: OpenConsole,
) -> None:
    past = [scenes.session_start(), *scenes.run_start("before"), scenes.text("Hello")]
    async with open_console(*past) as console:
        transcript = console.get(PlainTranscript)
        assert "before\nHello" in str(transcript.visual)

        await console.emit(scenes.text(", again"))
        assert "Hello, again" in str(transcript.visual)
        assert transcript.updates == [{1}]


async def test_records_that_come_while_the_past_is_folded_are_drawn_once(
    clock: FakeClock,
) -> None:
    class EagerSession(FakeSession):
        async def start(self) -> None:
            self.emit(scenes.text("once "))

    session = EagerSession(clock, [scenes.session_start()])

    async def open_session() -> ConsoleSession:
        return session

    run = console_run(open_session, now_ms=clock, load=stand_in_parts, freeze=lambda: None)
    async with run.app.run_test() as pilot:
        while run.live is None or not run.live.is_complete or run.live.is_busy:
            await pilot.pause(0.005)
        assert str(run.screen.query_one(PlainTranscript).visual) == "once "
    await run.close()


async def test_the_real_parts_draw_a_turn(open_console: OpenConsole) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(scenes.session_start(), *scenes.busy_turn())

        transcript = console.get(Transcript)
        rows = "\n".join(transcript.render_line(y).text for y in range(transcript.size.height))
        assert "Please make the tests pass." in rows
        assert "pytest -q tests/test_paging.py" in rows


def test_the_environment_is_prepared_but_a_persons_own_choice_stays() -> None:
    environ = {"TEXTUAL_FPS": "30"}
    prepare_environment(environ)
    assert environ["TEXTUAL_FPS"] == "30"
    assert environ["TEXTUAL_ANIMATIONS"] == "none"
    assert int(environ["ESCDELAY"]) < 100
