"""Opens the list of lines to go back to over a screen, and does what was chosen there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.screen import Screen

from harn_tui.console.actions import key_of
from harn_tui.console.startup import load_rewind
from harn_tui.errors import HarnError
from harn_tui.loop.cancellation import to_its_end

if TYPE_CHECKING:
    from harn_tui.console.ports import ConsoleSession
    from harn_tui.console.rewind.rows import RewindRow
    from harn_tui.console.rewind_ports import RewindPort
    from harn_tui.console.screens.rewind import RewindChoice
    from harn_tui.events.record import Record
    from harn_tui.session.rewinding import RewindResult

AT_WORK = "A rewind is at work. Wait until it is done."
GoOn = Callable[["RewindResult"], Awaitable[bool]]
"""Takes a person to the session that a rewind made; false when they stay in the one before."""
MakePort = Callable[[], "RewindPort"]
"""Gives what goes back in a recorded session. Reads files; raises HarnError."""


@dataclass(frozen=True, slots=True)
class ReplayedPlace:
    """A recorded session. ``record`` returns the event where the replay stands, ``None`` for none.

    ``on_fork`` is told the id of a session that a rewind made.
    """

    record: Callable[[], Record | None]
    on_fork: Callable[[str], object]


class Rewinder:
    """What the keys for a rewind do. Without a port there is nothing to go back in."""

    def __init__(self, owner: Screen[None], put_into_prompt: Callable[[str], object]) -> None:
        """``put_into_prompt`` gets the line that a person went back to."""
        self._owner = owner
        self._put_into_prompt = put_into_prompt
        self._port: RewindPort | None = None
        self._make_port: MakePort | None = None
        self._session: ConsoleSession | None = None
        self._replayed: ReplayedPlace | None = None
        self._changing = asyncio.Lock()
        self._comparing = asyncio.Lock()
        self.go_on: GoOn | None = None

    def attach(self, session: ConsoleSession) -> None:
        """Take the session that is rewound."""
        self._session = session

    def use(self, make_port: MakePort, replayed: ReplayedPlace) -> None:
        """Rewind a recorded session. ``make_port`` is called in a thread, when it is wanted."""
        self._make_port, self._replayed = make_port, replayed

    def open(self) -> None:
        """Show the lines to go back to."""
        if self._changing.locked():
            self._tell(AT_WORK)
        else:
            self._with_port(self._open, is_change=False)

    def undo(self) -> None:
        """Undo the last rewind of the files, or redo it."""
        obstacle = self._obstacle()
        if obstacle:
            self._tell(obstacle)
        else:
            self._with_port(self._undo, is_change=True)

    async def settle(self) -> None:
        """Wait for a change that is at work, so that the session can be told of it."""
        async with self._changing:
            return

    def _with_port(self, work: Callable[[RewindPort], Awaitable[None]], *, is_change: bool) -> None:
        guarded = self._guarded(work)
        if is_change:  # nothing that comes later takes its place
            self._owner.run_worker(guarded, group="undo", exit_on_error=True)
        else:
            self._owner.run_worker(guarded, group="rewind", exclusive=True, exit_on_error=True)

    async def _guarded(self, work: Callable[[RewindPort], Awaitable[None]]) -> None:
        try:
            port = await self._find_port()
            if port is None:
                self._tell("There is no stored session to go back in.")
            else:
                await work(port)
        except HarnError as error:
            self._tell(str(error))

    async def _find_port(self) -> RewindPort | None:
        if self._session is not None:
            return self._session.rewinding
        if self._port is None and self._make_port is not None:
            self._port = await asyncio.to_thread(self._make_port)
        return self._port

    async def _open(self, port: RewindPort) -> None:
        parts = await load_rewind()
        points: list[RewindRow] = [*reversed(await asyncio.to_thread(port.points))]
        warnings = await asyncio.to_thread(port.warnings)
        record = self._replayed.record() if self._replayed is not None else None
        if record is not None:
            points.insert(0, parts.place_of(record))
        screen = parts.make_screen(
            port,
            points,
            [*warnings, *self._own_warnings()],
            obstacle=self._obstacle,
            act=partial(self._act, port),
            undo=self.undo,
            comparing=self._comparing,
        )
        self._owner.app.push_screen(screen)

    async def _act(self, port: RewindPort, choice: RewindChoice) -> bool:
        """Go back; false when that could not be done, which is told."""
        point = choice.point
        is_line = point.text and point.line != point.index
        draft = point.text if is_line else ""
        index = -1 if point.index is None else point.index
        how = partial(port.rewind, with_yours=choice.with_yours, draft=draft)
        work = partial(how, index, choice.scope)
        try:
            await self._change(work, partial(self._follow, port, draft))
        except HarnError as error:
            self._tell(str(error))
            return False
        return True

    def _follow(self, port: RewindPort, draft: str, result: RewindResult) -> None:
        """Take a person to where a rewind led."""
        self._announce(result)
        app = self._owner.app
        if result.fork_id is not None and self.go_on is not None and app.is_running:
            # The screens below are replaced: somebody who stays has to see to that.
            going = self._go(self.go_on, port, draft, result)
            app.run_worker(going, group="rewound", exit_on_error=True)
        else:
            self._stay(port, draft, result)

    async def _go(self, go_on: GoOn, port: RewindPort, draft: str, result: RewindResult) -> None:
        if not await go_on(result):
            self._stay(port, draft, result)

    def _stay(self, port: RewindPort, draft: str, result: RewindResult) -> None:
        """Tell the session that is open, and the person, what became of it."""
        if self._session is not None and result.has_files:
            port.tell(self._session.session_id, result)
        if self._owner.is_attached and result.fork_id is None:
            self._put_into_prompt(draft)

    async def _undo(self, port: RewindPort) -> None:
        def follow(result: RewindResult) -> None:
            if self._session is not None:
                port.tell(self._session.session_id, result)
            self._announce(result)

        await self._change(port.undo, follow)

    async def _change(
        self, work: Callable[[], RewindResult], follow: Callable[[RewindResult], None]
    ) -> None:
        """Do ``work`` in a thread, and then what follows from it, whoever leaves meanwhile.

        A thread cannot be stopped, so a cancellation waits for it: what became of the files has
        to be told. One change at a time. Raises HarnError when it could not be done.
        """
        if self._changing.locked():
            raise HarnError(AT_WORK)
        async with self._changing:
            outcome, cancellation = await to_its_end(_outcome(work), "rewind")
            if not isinstance(outcome, HarnError):
                follow(outcome)
            elif cancellation is not None:
                self._tell(str(outcome))
        if cancellation is not None:
            raise cancellation
        if isinstance(outcome, HarnError):
            raise outcome

    def _announce(self, result: RewindResult) -> None:
        words = []
        if result.has_files:
            count = len(result.restored)
            words.append(f"{'1 file' if count == 1 else f'{count} files'} brought back.")
        if result.kept:
            words.append(f"{len(result.kept)} kept as they are.")
        if result.restored:
            words.append("“Undo the rewind of files” in the palette undoes that.")
        if result.at_index is None:
            before = f"in the session before ({key_of('open_sessions')})"
            words.append(f"The conversation stays; what a rewind took from it is {before}.")
        if result.fork_id is not None and self._replayed is not None:
            self._replayed.on_fork(result.fork_id)
            words.append(f"Go on with: harn-tui --session {result.fork_id}")
        elif result.fork_id is not None and self._session is not None:
            words.append(f"What was said since stays in session {self._session.session_id}.")
        self._owner.app.notify(" ".join(words), timeout=20, markup=False)

    def _own_warnings(self) -> list[str]:
        session = self._session
        if session is not None and session.prompt_sources.shell.is_running:
            return ["A command of yours still runs and may change files."]
        return []

    def _obstacle(self) -> str:
        if self._changing.locked():
            return AT_WORK
        session = self._session
        if session is not None and session.is_running:
            return "A run is active and may change files: stop it first, then rewind."
        return ""

    def _tell(self, text: str) -> None:
        self._owner.app.notify(text, severity="warning", markup=False)


async def _outcome(work: Callable[[], RewindResult]) -> RewindResult | HarnError:
    """Return what ``work`` does in a thread, or why it could not: neither is lost on the way."""
    try:
        return await asyncio.to_thread(work)
    except HarnError as error:
        return error
