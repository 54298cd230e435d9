"""Bind an open session to the chat screen: past records, live records, frames, the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from harn_tui.console.frame import FramePump, LoopScheduler
from harn_tui.console.heartbeat import wants_calm
from harn_tui.console.ports import ConsoleSession
from harn_tui.console.reading_keeper import ReadingKeeper
from harn_tui.console.screens.chat import ChatScreen
from harn_tui.console.startup import ConsoleParts
from harn_tui.console.terminal_writer import is_congested
from harn_tui.view.model import Changes, SessionView

if TYPE_CHECKING:
    from harn_tui.console.ports import Fold
    from harn_tui.console.transcript.engines import Engines


class LiveSession:
    """Owns the subscription and the frame pump of one session on one screen.

    ``note`` gets the view once a frame. ``settle`` is called when a line's answer has all that it
    needs: what was imported is not looked at by later collections, which would hold up a frame.
    """

    def __init__(
        self,
        session: ConsoleSession,
        screen: ChatScreen,
        note: Callable[[SessionView], None],
        settle: Callable[[], None],
    ) -> None:
        self.view = SessionView()
        self._note = note
        self._settle = settle
        self._session = session
        self._screen = screen
        self._pump: FramePump | None = None
        self._keeper: ReadingKeeper | None = None
        self._unsubscribes: list[Callable[[], None]] = []
        self._has_started = False
        self._load_engines: Callable[[], Engines] | None = None
        self._engines: asyncio.Task[None] | None = None

    @property
    def is_complete(self) -> bool:
        """Whether all there is is drawn with all it needs, Markdown and colours included."""
        has_engines = self._engines is not None and self._engines.done()
        return self._has_started and (has_engines or not self.view.blocks)

    @property
    def is_busy(self) -> bool:
        """Whether records wait to be drawn."""
        return self._pump is not None and self._pump.is_armed

    async def start(self, parts: ConsoleParts) -> None:
        """Fold what the log held, draw it, start the session and then the frames."""
        self._load_engines = parts.load_engines
        pump = self._pump = FramePump(
            self.view,
            parts.apply,
            self._draw,
            scheduler=LoopScheduler(),
            is_congested=partial(is_congested, self._screen.app),
            is_calm=partial(wants_calm, self._screen),
        )
        self._unsubscribes.append(self._session.subscribe(pump.take))
        # A long log takes a while; nothing reads the view until it is folded.
        await asyncio.to_thread(self._fold_past, parts.apply)
        events = self._screen.body.side.rows.events
        events.use(parts.encode, self._session.past_records())
        self._unsubscribes.append(self._session.subscribe(events.add))
        await self._session.start()
        await self._screen.attach(self._session, self.view, parts.make_transcript)
        pump.release()
        self._screen.line_begun.attach(self._session.preparation.begin, self._want_engines)
        if self.view.blocks:
            await asyncio.shield(self._want_engines())
        self._keep_reading()
        self._has_started = True

    async def flush(self) -> None:
        """Save the draft and the place."""
        await self._screen.flush()
        if self._keeper is not None:
            self._keeper.flush()

    async def close(self) -> None:
        """Save the draft and the place, end the frames, close the session.

        A rewind that is at work comes to its end before, and is told.
        """
        await self._screen.rewinder.settle()
        await self.flush()
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        if self._pump is not None:
            self._pump.close()
        if self._engines is not None:
            self._engines.cancel()
            await asyncio.wait({self._engines})
        await self._session.close(leaves_approvals=True)

    def _keep_reading(self) -> None:
        transcript = self._screen.body.transcript
        if transcript is not None and transcript.reader is not None:
            keeper = ReadingKeeper(self._session.kept, transcript.reader, LoopScheduler())
            keeper.start()
            self._keeper = keeper

    def _draw(self, changes: Changes) -> None:
        self._screen.draw(changes)
        if changes.blocks:
            self._want_engines()
        self._note(self.view)

    def _want_engines(self) -> asyncio.Task[None]:
        """Load what Markdown and colours need, which an empty session does without."""
        if self._engines is None:
            self._engines = asyncio.create_task(self._bring_engines(), name="engines")
        return self._engines

    async def _bring_engines(self) -> None:
        assert self._load_engines is not None
        self._screen.body.use_engines(await asyncio.to_thread(self._load_engines))
        self._settle()

    def _fold_past(self, apply: Fold) -> None:
        for record in self._session.past_records():
            apply(self.view, record)
