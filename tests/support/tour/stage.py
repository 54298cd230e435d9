"""The screens of the program on recorded sessions that stand still, for pictures.

Import this only after ``console.environment.prepare_environment``.
"""

import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.picker.screen import PickerScreen
from harn_tui.console.ports import ConsoleSession
from harn_tui.console.screens.replay import ReplayScreen
from harn_tui.console.theme_library import ThemeLibrary
from harn_tui.console.themes import theme_folder
from harn_tui.events.host import LoopEnd, LoopStart, SessionStart
from harn_tui.events.record import Record
from harn_tui.session.stored_sessions import StoredSessions
from harn_tui.store.log_reader import read_records
from tests.support.console_run import console_run
from tests.support.tour.picture import Picture, View
from tests.unit.console.stand_ins import FakeClock, FakeSession, FileSettings

SESSIONS = Path(__file__).parents[3] / "sessions"
_POLL_S, _LIMIT_S = 0.005, 10
_PAGES = 8
"""More pages than any of the recorded sessions has."""


def records_until(picture: Picture) -> list[Record]:
    """Return the records of the picture's session up to its moment.

    Raises LookupError when the moment never comes, or comes less often.
    """
    records = list(read_records(SESSIONS / f"{picture.session}.jsonl"))
    if picture.until is None:
        return records
    places = [place for place, record in enumerate(records) if picture.until(record.event)]
    if len(places) < picture.occurrence:
        raise LookupError(f"{picture.name}: its moment is not in {picture.session}.jsonl")
    return records[: places[picture.occurrence - 1] + 1]


@asynccontextmanager
async def set_up(picture: Picture, folder: Path) -> AsyncIterator[HarnApp]:
    """Open the picture's screen and press its keys; ``folder`` is empty and may be written to."""
    stage = {View.CONSOLE: _console, View.REPLAY: _replay, View.PICKER: _picker}[picture.view]
    async with stage(picture, folder) as (app, pilot):
        for key in picture.keys:
            await pilot.press(key)
            await pilot.pause()
        await _wait_for(app, pilot, picture)
        yield app


async def _wait_for(app: HarnApp, pilot: Pilot[int], picture: Picture) -> None:
    """Return once the screen shows what the picture is of. Raises LookupError if it never does."""
    deadline = time.monotonic() + _LIMIT_S
    while picture.shows not in (seen := _text(app)):
        if time.monotonic() > deadline:
            raise LookupError(f"{picture.name} does not show {picture.shows!r}:\n{seen}")
        await pilot.pause(_POLL_S)


async def _read_through(pilot: Pilot[int]) -> None:
    """Have every block drawn once: heights are estimates until then, and the bar shows them."""
    for key in ("ctrl+home", *["pagedown"] * _PAGES, "ctrl+end"):
        await pilot.press(key)
        await pilot.pause()


def _text(app: HarnApp) -> str:
    """Return what the screen in front shows."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def _start_of(records: Sequence[Record]) -> SessionStart:
    return next(r.event for r in records if isinstance(r.event, SessionStart))


class RecordedSession(FakeSession):
    """A session that happens again, as it is recorded, up to a moment."""

    def __init__(self, records: Sequence[Record], clock: FakeClock) -> None:
        super().__init__(clock)
        start = _start_of(records)
        self.session_id = start.session_id
        self.provider_name = start.provider or ""
        self.model = start.model or ""
        self.cwd = Path(start.cwd or "/")
        self._records = records
        self._time = clock

    def play(self) -> None:
        """Hand all records to the console, each at its own time."""
        for record in self._records:
            self._time.now_ms = record.emitted_at_ms
            if isinstance(record.event, LoopStart | LoopEnd):
                self.is_running = isinstance(record.event, LoopStart)
            for listener in list(self._listeners):
                listener(record)


@asynccontextmanager
async def _console(picture: Picture, folder: Path) -> AsyncIterator[tuple[HarnApp, Pilot[int]]]:
    clock = FakeClock()
    session = RecordedSession(records_until(picture), clock)

    async def open_session() -> ConsoleSession:
        return session

    run = console_run(
        open_session,
        now_ms=clock,
        theme=picture.theme,
        freeze=lambda: None,
        open_settings=lambda: FileSettings(folder, [f"ui.theme={picture.theme}"]),
        themes=ThemeLibrary(theme_folder()),
    )
    try:
        async with run.app.run_test(size=picture.size) as pilot:
            while run.live is None or not run.live.is_complete:
                await pilot.pause(_POLL_S)
            session.play()
            while run.live.is_busy:
                await pilot.pause(_POLL_S)
            await _read_through(pilot)
            clock.advance(picture.later_ms)
            run.screen.tick()
            await pilot.pause()
            await pilot.press(*picture.typed)
            await pilot.pause()
            yield run.app, pilot
    finally:
        await run.close()


@asynccontextmanager
async def _replay(picture: Picture, _: Path) -> AsyncIterator[tuple[HarnApp, Pilot[int]]]:
    whole = list(read_records(SESSIONS / f"{picture.session}.jsonl"))
    screen = ReplayScreen(lambda: whole, title=picture.session, plays_at_once=False)
    app = HarnApp(
        screen, screen.open, theme_name=picture.theme, themes=ThemeLibrary(theme_folder())
    )
    async with app.run_test(size=picture.size) as pilot:
        while not screen.is_complete:
            await pilot.pause(_POLL_S)
        screen.seek(len(records_until(picture)))
        while screen.is_busy:
            await pilot.pause(_POLL_S)
        await _read_through(pilot)
        yield app, pilot


@asynccontextmanager
async def _picker(picture: Picture, folder: Path) -> AsyncIterator[tuple[HarnApp, Pilot[int]]]:
    """Show all recorded sessions as if they were stored, an hour after the newest."""
    newest_ms = 0
    for log in sorted(SESSIONS.glob("*.jsonl")):
        records = list(read_records(log))
        home = folder / "sessions" / _start_of(records).session_id
        home.mkdir(parents=True)
        shutil.copyfile(log, home / "event_log.jsonl")
        newest_ms = max(newest_ms, records[-1].emitted_at_ms)
    now_ms = newest_ms + 3_600_000
    store = StoredSessions(
        folder / "sessions",
        folder / "index.db",
        folder / "trash",
        here=Path("/home/gardener/garden"),
        now=lambda: datetime.fromtimestamp(now_ms / 1_000, UTC),
    )
    screen = PickerScreen(store, str(store.here), lambda: now_ms)
    app = HarnApp(
        screen, screen.open, theme_name=picture.theme, themes=ThemeLibrary(theme_folder())
    )
    async with app.run_test(size=picture.size) as pilot:
        while not screen.is_loaded:
            await pilot.pause(_POLL_S)
        await pilot.press(*picture.typed)
        await pilot.pause()
        yield app, pilot
