"""The live console on one session, and where the command line enters a replay.

Call ``console.environment.prepare_environment(os.environ)`` before importing this file.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from harn_tui.console.app import HarnApp
from harn_tui.console.last_theme import LastTheme
from harn_tui.console.live import LiveSession
from harn_tui.console.places import Places
from harn_tui.console.ports import (
    Clock,
    ConsoleSession,
    FirstRun,
    OpenOther,
    OpenSession,
    OpenSettings,
)
from harn_tui.console.replacing import forget_watchers, replace_screen
from harn_tui.console.replay_ports import LoadRecords, LogFeed
from harn_tui.console.screens.body import SessionBody
from harn_tui.console.screens.chat import ChatScreen
from harn_tui.console.screens.replay import FindStart, Fork, ReplayScreen
from harn_tui.console.screens.rewinding import MakePort, ReplayedPlace
from harn_tui.console.screens.switching import OpenStore
from harn_tui.console.startup import ConsoleParts, LoadParts, load_parts, load_popups
from harn_tui.console.tail import ReadTail, show_tail
from harn_tui.console.theme_library import ThemeLibrary
from harn_tui.console.themes import theme_folder
from harn_tui.errors import HarnError

if TYPE_CHECKING:
    from harn_tui.session.rewinding import RewindResult

_TAIL_RECORDS = 200
"""How much of a session's end is shown at once when another one was left for it."""


def system_clock() -> int:
    """Return Unix-epoch milliseconds."""
    return time.time_ns() // 1_000_000


def settle_garbage() -> None:
    """Set aside what start-up made, and let the collector look at what comes from now on."""
    gc.freeze()
    gc.enable()


def collect_garbage() -> None:
    """Look at all there is, also at what was set aside. Takes some 50 ms."""
    gc.unfreeze()
    gc.collect()


class ConsoleRun:
    """One start of the console on a live session, in an ``app`` that runs ``open``.

    ``open_session`` is called after the first frame. ``preload`` names modules that it needs, to
    be imported in a thread before it is called. ``prompt`` is submitted as the first line.
    ``first_run`` is asked before the session is opened. ``open_other`` opens a session in place of
    this one; ``None`` stays here. ``open_store`` gives the sessions that a person can go to from
    this one.
    ``freeze`` runs after the first frame: what start-up made is not looked at by later collections;
    ``collect`` does look at it, once a session was left.
    ``read_tail`` gives what can be shown of the session before it is open.
    """

    def __init__(
        self,
        app: HarnApp,
        open_session: OpenSession,
        *,
        now_ms: Clock = system_clock,
        preload: Sequence[str] = (),
        prompt: str | None = None,
        load: LoadParts = load_parts,
        freeze: Callable[[], None] = settle_garbage,
        collect: Callable[[], None] = collect_garbage,
        first_run: FirstRun | None = None,
        open_other: OpenOther | None = None,
        open_store: OpenStore | None = None,
        read_tail: ReadTail | None = None,
    ) -> None:
        self._now_ms = now_ms
        self._open_other = open_other
        self._open_store = open_store
        self.screen = self._make_screen()
        self.app = app
        self.live: LiveSession | None = None
        self._next: ConsoleSession | None = None
        """A session that was opened to take the place of the one that is shown."""
        self._leaving: asyncio.Task[None] | None = None
        self._open_session = open_session
        self._preload = preload
        self._prompt = prompt
        self._load = load
        self._first_run = first_run
        self._read_tail = read_tail
        self._failure: HarnError | None = None
        self._freeze, self._collect = freeze, collect

    def check(self) -> None:
        """Raise HarnError when the session could not be opened and no other one was since."""
        if self._failure is not None and self.screen.switching.choice is None:
            raise self._failure

    async def close(self) -> None:
        """Close the session, if one was opened, and one that was about to take its place."""
        while self.live is not None or self._next is not None:
            session, self._next = self._next, None
            try:
                await self._leave()
            finally:
                if session is not None:
                    await session.close()
        await self._leave()

    async def _leave(self) -> None:
        """Close the session that is shown; who comes while that goes on waits for it, too."""
        live, self.live = self.live, None
        if live is not None:
            self._leaving = asyncio.create_task(live.close(), name="close a session")
        leaving = self._leaving
        if leaving is None:
            return
        try:
            await asyncio.shield(leaving)
        finally:
            if leaving.done():
                self._leaving = None  # that it failed is told once

    async def open(self) -> None:
        """Open the session; the screen was painted by now."""
        self._freeze()
        if self._prompt:
            self.screen.submit_early(self._prompt)
        parts = await self._load(self._preload)
        try:
            await self.app.preferences.load()
            if self._first_run is not None:
                await self.screen.first_choice.ask(self._first_run, self.app.run_worker)
            if self._read_tail is not None:
                parts = replace(parts, load_engines=cache(parts.load_engines))
                await show_tail(self.screen.body, parts, self._read_tail)
            await self._show(await self._open_session(), parts)
            await load_popups()
            self._freeze()
        except HarnError as error:
            self._failure = error
            if self.screen.has_typed_text:
                self.screen.fail_to_open(str(error))
            else:
                self.app.exit()

    def _make_screen(self) -> ChatScreen:
        screen = ChatScreen(self._now_ms)
        if self._open_other is not None:
            screen.rewinder.go_on = self._go_on
            screen.switching.go_to = self._switch
        screen.switching.open_store = self._open_store
        return screen

    async def _show(self, session: ConsoleSession, parts: ConsoleParts) -> None:
        self.live = self._live(session)
        await self.live.start(parts)

    def _live(self, session: ConsoleSession) -> LiveSession:
        return LiveSession(session, self.screen, self.app.attention.note, self._freeze)

    async def _go_on(self, result: RewindResult) -> bool:
        """Go on in the session that a rewind made; false where it cannot be opened."""
        assert result.fork_id is not None, "asked only then"
        try:
            session = await self._open_next(result.fork_id)
        except HarnError as error:
            self.screen.tell(str(error))
            return False
        await self._show_next(session)
        if result.has_files and session.rewinding is not None:
            session.rewinding.tell(session.session_id, result)
        return True

    async def _switch(self, session_id: str) -> None:
        """Go to another session. Raises HarnError, and stays, where it cannot be opened."""
        await self._show_next(await self._open_next(session_id))

    async def _open_next(self, session_id: str) -> ConsoleSession:
        assert self._open_other is not None, "what leads here is set with it"
        self.app.hold_input()  # it is for the session to come
        try:
            session = self._next = await self._open_other(session_id)
        except HarnError:
            await self.app.release_input()
            raise
        await self._told(self.app.preferences.reopen())
        return session

    async def _show_next(self, session: ConsoleSession) -> None:
        """Show ``session`` in the place of the one before, and close that one."""
        parts = await self._load(())
        parts = replace(parts, load_engines=cache(parts.load_engines))
        await self._change_screens()
        if not self.screen.query(SessionBody):
            return  # the console ends
        await show_tail(self.screen.body, parts, lambda: session.past_records()[-_TAIL_RECORDS:])
        await self._told(self._leave())
        if self._next is None:
            return  # the console ends, and has closed it
        self.live, self._next, self._failure = self._live(session), None, None
        self.app.attention.forget()
        self._forget_garbage()
        try:
            await self.live.start(parts)
        except HarnError as error:
            self.screen.fail_to_open(str(error))

    async def _told(self, work: Awaitable[None]) -> None:
        """Do what the way to the next session does not depend on; a failure is told."""
        try:
            await work
        except HarnError as error:
            self.app.notify(str(error), severity="warning", markup=False)

    async def _change_screens(self) -> None:
        """Have a new screen take what is typed from here on; what was typed before is saved."""
        if self.live is not None:
            await self._told(self.live.flush())
        before, self.screen = self.screen, self._make_screen()
        await replace_screen(self.app, before, self.screen)
        await self.app.release_input()

    def _forget_garbage(self) -> None:
        """Let go of the session before, which the collector was told not to look at."""
        forget_watchers(self.app)
        self._collect()


def run_replay(
    load_records: LoadRecords,
    *,
    places: Places,
    open_settings: OpenSettings,
    title: str = "",
    feed: LogFeed | None = None,
    find_start: FindStart | None = None,
    fork: Fork | None = None,
    make_rewinding: MakePort | None = None,
    on_fork: Callable[[str], object] = lambda _: None,
) -> int:
    """Show a recorded session until a person leaves; return the exit code.

    ``load_records`` is called in a thread after the first frame; ``title`` names the session.
    ``feed`` gives what comes while it is still written, ``find_start`` the place to begin at, and
    ``fork`` makes a session of its beginning; both of the latter are ``None`` when not wanted.
    ``make_rewinding`` gives what goes back in it, when it is asked for, and ``on_fork`` is told
    of the sessions that this makes.
    """
    screen = ReplayScreen(load_records, title=title, feed=feed, find_start=find_start, fork=fork)
    if make_rewinding is not None:
        screen.rewinder.use(make_rewinding, ReplayedPlace(lambda: screen.shown_record, on_fork))

    async def start() -> None:
        try:
            await app.preferences.load()
        except HarnError as error:
            app.notify(str(error), severity="warning", markup=False)
        await screen.open()

    app = HarnApp(
        screen,
        start,
        themes=ThemeLibrary(theme_folder(), places.themes),
        last_theme=LastTheme(places.last_theme),
        open_settings=open_settings,
    )

    async def run() -> None:
        await app.run_async()
        await screen.rewinder.settle()

    asyncio.run(run())
    return app.return_code or 0
