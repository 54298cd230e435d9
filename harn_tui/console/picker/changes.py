"""What the picker's keys change of a stored session: its title, and whether it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from harn_tui.console.actions import key_of
from harn_tui.console.picker.foot import Foot
from harn_tui.console.picker.port import SessionsPort
from harn_tui.console.picker.rows import title_of
from harn_tui.console.picker.title_box import TitleBox
from harn_tui.errors import HarnError
from harn_tui.store.listing import SessionSummary


class Changes:
    """Renames and deletes. ``list_again`` is awaited after a change; ``start`` owns the work."""

    def __init__(
        self,
        store: SessionsPort,
        foot: Foot,
        *,
        list_again: Callable[[], Awaitable[None]],
        start: Callable[[Callable[[], Awaitable[None]]], object],
        ask: Callable[[TitleBox, Callable[[str | None], None]], object],
    ) -> None:
        self._store = store
        self._foot = foot
        self._list_again = list_again
        self._start = start
        self._ask = ask
        self._doomed: str | None = None

    def forget(self) -> None:
        """Another key was pressed: nothing is about to be deleted, and nothing is told."""
        self._doomed = None
        self._foot.tell("")

    def rename(self, session: SessionSummary) -> None:
        """Ask for another title."""

        def take(title: str | None) -> None:
            if title is not None:
                work = partial(self._store.rename, session, title)
                self._start(partial(self._change, work, "Renamed."))

        self._ask(TitleBox(session.title or ""), take)

    def delete(self, session: SessionSummary) -> None:
        """Move the session to the trash when it is asked for twice."""
        title = title_of(session)
        if self._doomed != session.session_id:
            self._doomed = session.session_id
            self._foot.tell(f"{key_of('picker_delete')} again moves it to the trash: {title}")
        else:
            self._doomed = None
            work = partial(self._store.delete, session)
            self._start(partial(self._change, work, f"In the trash: {title}"))

    async def _change(self, work: Callable[[], object], said: str) -> None:
        try:
            await asyncio.to_thread(work)
        except HarnError as error:
            self._foot.tell(str(error))
        else:
            await self._list_again()
            self._foot.tell(said)
