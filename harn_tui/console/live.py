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


class LiveSession:
    """Owns the subscription and the frame pump of one session on one screen.

    ``note`` gets the view once a frame.
    """

    def __init__(
        self, session: ConsoleSession, screen: ChatScreen, note: Callable[[SessionView], None]
    ) -> None:
        self.view = SessionView()
        self._note = note
        self._session = session
        self._screen = screen
        self._pump: FramePump | None = None
        self._keeper: ReadingKeeper | None = None
        self._unsubscribes: list[Callable[[], None]] = []
        self.is_complete = False
        """Whether everything is loaded and drawn with it, Markdown and colours included."""

    @property
    def is_busy(self) -> bool:
        """Whether records wait to be drawn."""
        return self._pump is not None and self._pump.is_armed

    async def start(self, parts: ConsoleParts) -> None:
        """Fold what the log held, draw it, start the session and then the frames."""
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
        self._screen.body.use_engines(await asyncio.to_thread(parts.load_engines))
        self._keep_reading()
        self.is_complete = True

    async def close(self) -> None:
        """Save the draft and the place, end the frames, close the session."""
        await self._screen.flush()
        if self._keeper is not None:
            self._keeper.flush()
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        if self._pump is not None:
            self._pump.close()
        await self._session.close()

    def _keep_reading(self) -> None:
        transcript = self._screen.body.transcript
        if transcript is not None and transcript.reader is not None:
            keeper = ReadingKeeper(self._session.kept, transcript.reader, LoopScheduler())
            keeper.start()
            self._keeper = keeper

    def _draw(self, changes: Changes) -> None:
        self._screen.draw(changes)
        self._note(self.view)

    def _fold_past(self, apply: Fold) -> None:
        for record in self._session.past_records():
            apply(self.view, record)
