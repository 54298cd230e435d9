"""From this session to another one: the list of all, a fork, and this session's own title."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.screen import Screen

from harn_tui.console.actions import key_of
from harn_tui.console.plain_text import one_line
from harn_tui.console.startup import load_picker
from harn_tui.errors import HarnError, SessionLockedError

if TYPE_CHECKING:
    from harn_tui.console.picker.port import Choice, SessionsPort
    from harn_tui.console.ports import Clock, ConsoleSession

OpenStore = Callable[[], "SessionsPort"]
"""Gives the stored sessions; called in a thread."""

GoTo = Callable[[str], Awaitable[None]]
"""Shows the session with this id in place of the one that is open. Raises HarnError."""

_GOING = "Opening it."


class Switching:
    """``choice`` is what the program goes on with once this console has ended.

    That is a replay, a session that another process has open, and any session where ``go_to`` is
    not set. ``confirm`` says for a moment what was done.
    """

    def __init__(
        self, screen: Screen[None], now_ms: Clock, confirm: Callable[[str], object]
    ) -> None:
        self.choice: Choice | None = None
        self.open_store: OpenStore | None = None
        """``None`` where one console cannot follow another."""
        self.go_to: GoTo | None = None
        self._is_going = False
        self._screen = screen
        self._now_ms = now_ms
        self._confirm = confirm
        self._session: ConsoleSession | None = None
        self._warned_of: Choice | None = None

    def attach(self, session: ConsoleSession) -> None:
        """Take the session that is open."""
        self._session = session

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what each action of this room calls."""
        return {
            "open_sessions": self._open_list,
            "rename_session": self._ask_title,
            "fork_session": self._fork,
        }

    def rename(self, title: str) -> None:
        """Call the session by another title. Raises HarnError."""
        name = self._opened().kept.rename(title)
        self._confirm(f"This session is called: {one_line(name)}")

    def _opened(self) -> ConsoleSession:
        if self._session is None:
            raise HarnError("The session is not open yet.", hint="Try again in a moment.")
        return self._session

    def _open_list(self) -> None:
        session, open_store = self._opened(), self.open_store
        if open_store is None:
            raise HarnError(
                "From here one session cannot follow another.",
                hint="Start the other one with: harn-tui --resume",
            )
        self._screen.run_worker(self._show_list(session, open_store), group="popup", exclusive=True)

    async def _show_list(self, session: ConsoleSession, open_store: OpenStore) -> None:
        parts = await load_picker()
        store = await asyncio.to_thread(open_store)
        here = str(session.cwd)
        picker = parts.make_screen(store, here, self._now_ms, leave=self._leave_list)
        self._warned_of = None
        await self._screen.app.push_screen(picker)
        picker.run_worker(picker.open(), group="open", exit_on_error=True)

    def _leave_list(self, choice: Choice | None) -> str | None:
        """Go where the person chose to; return what they have to know first instead."""
        session, app = self._opened(), self._screen.app
        if self._is_going:
            return _GOING
        if choice is None or self._is_here(choice):
            app.pop_screen()
            return None
        if session.is_running and self._warned_of != choice:
            self._warned_of = choice
            return f"The run here stops when you leave. {key_of('picker_open')} again leaves."
        if choice.replays or self.go_to is None:
            self._end_with(choice)
            return None
        self._is_going = True
        # The screens below are replaced: somebody who stays has to see to that.
        app.run_worker(self._go(choice, self.go_to), group="going", exit_on_error=True)
        return _GOING

    async def _go(self, choice: Choice, go_to: GoTo) -> None:
        try:
            await go_to(choice.session.folder.session_id)
        except SessionLockedError:
            self._end_with(choice)
        except HarnError as error:
            self._screen.app.notify(str(error), severity="warning", markup=False)
        finally:
            self._is_going = False

    def _end_with(self, choice: Choice) -> None:
        self.choice = choice
        self._screen.app.exit()

    def _is_here(self, choice: Choice) -> bool:
        return not choice.replays and choice.session.folder.path == self._opened().folder

    def _fork(self) -> None:
        folder, open_store = self._opened().folder, self.open_store
        if folder is None or open_store is None:
            raise HarnError(
                "From here no session can be forked.",
                hint="From a terminal: harn-tui sessions fork ID",
            )

        async def fork() -> None:
            try:
                name = await asyncio.to_thread(lambda: open_store().fork(folder))
            except HarnError as error:
                self._screen.app.notify(str(error), severity="warning", markup=False)
            else:
                self._confirm(f"Forked as {name}; {key_of('open_sessions')} lists it")

        self._screen.run_worker(fork(), group="fork", exclusive=True)

    def _ask_title(self) -> None:
        session = self._opened()

        async def ask() -> None:
            parts = await load_picker()
            title = await self._screen.app.push_screen_wait(
                parts.make_title_box(session.kept.title or "")
            )
            if title is not None:
                self._told(title)

        self._screen.run_worker(ask(), group="popup", exclusive=True)

    def _told(self, title: str) -> None:
        try:
            self.rename(title)
        except HarnError as error:
            self._screen.app.notify(str(error), severity="warning", markup=False)
