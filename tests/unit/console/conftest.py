"""A console on stand-ins, started and stopped around each test."""

import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from harn_tui.console.app import HarnApp
from harn_tui.console.entry import ConsoleRun
from harn_tui.console.ports import ConsoleSession, SettingsPort
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.screens.chat import ChatScreen
from harn_tui.console.startup import ConsoleParts, LoadParts
from harn_tui.console.theme_library import ThemeLibrary
from harn_tui.console.themes import theme_folder
from harn_tui.console.transcript.engines import Engines
from harn_tui.events.codec import encode_record
from harn_tui.events.record import Event
from harn_tui.view.fold import apply
from tests.support.console_run import console_run
from tests.support.quick_pilot import use_short_steps
from tests.unit.console.stand_ins import FakeClock, FakeSession, PlainTranscript

use_short_steps()

W = TypeVar("W", bound=Widget)


async def stand_in_parts(preload: Sequence[str]) -> ConsoleParts:
    return ConsoleParts(apply, encode_record, PlainTranscript, Engines)


@dataclass
class Console:
    """A running console and the means to look at it."""

    run: ConsoleRun
    session: FakeSession
    clock: FakeClock
    pilot: Pilot[int]

    @property
    def app(self) -> HarnApp:
        return self.run.app

    @property
    def screen(self) -> ChatScreen:
        return self.run.screen

    @property
    def prompt(self) -> Prompt:
        return self.get(Prompt)

    def get(self, kind: type[W]) -> W:
        return self.screen.query_one(kind)

    async def emit(self, *events: Event) -> None:
        """Let the session emit, and wait until it is drawn."""
        self.session.emit(*events)
        await self.settle()

    async def settle(self) -> None:
        """Wait until the pump has drawn all and the screen has taken all messages."""
        live = self.run.live
        await self.until(lambda: live is None or not live.is_busy)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until ``condition`` holds; the test's own time limit ends it."""
        await self.pilot.pause()
        while not condition():
            await self.pilot.pause(0.005)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        self.prompt.insert(text)
        await self.pilot.pause()


OpenConsole = Callable[..., AbstractAsyncContextManager[Console]]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def open_console(clock: FakeClock) -> OpenConsole:
    @asynccontextmanager
    async def open_it(
        *past: Event,
        size: tuple[int, int] = (80, 24),
        theme: str = "harn-dark",
        provider: str = "demo",
        prepare: Callable[[FakeSession], object] = lambda session: None,
        load: LoadParts = stand_in_parts,
        settings: SettingsPort | None = None,
        own_themes: Path | None = None,
    ) -> AsyncIterator[Console]:
        session = FakeSession(clock, past, provider)
        prepare(session)

        async def open_session() -> ConsoleSession:
            return session

        run = console_run(
            open_session,
            now_ms=clock,
            theme=theme,
            load=load,
            freeze=lambda: None,
            open_settings=lambda: settings,
            themes=ThemeLibrary(theme_folder(), own_themes),
        )
        try:
            async with run.app.run_test(size=size) as pilot:
                console = Console(run, session, clock, pilot)
                await console.until(lambda: run.live is not None and run.live.is_complete)
                yield console
        finally:
            await run.close()

    return open_it


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, empty."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def is_empty(folder: Path) -> bool:
    return list(folder.iterdir()) == []
