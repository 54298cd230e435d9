"""Opens the review of changes over a screen and keeps its verdicts while the session is open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.screen import Screen

from harn_tui.console.ports import ConsoleSession
from harn_tui.console.startup import ReviewParts, load_review

if TYPE_CHECKING:
    from harn_tui.console.review.changes import Edit, Review
    from harn_tui.console.review.verdicts import Verdicts
    from harn_tui.console.screens.review import ReviewScreen
    from harn_tui.view.model import Changes, SessionView


class Reviewing:
    """What the keys for a review do. ``view`` returns the session as it is shown now."""

    def __init__(
        self,
        owner: Screen[None],
        view: Callable[[], SessionView | None],
        *,
        load: Callable[[], Awaitable[ReviewParts]] = load_review,
    ) -> None:
        self._owner = owner
        self._view = view
        self._load = load
        self._session: ConsoleSession | None = None
        self._verdicts: Verdicts | None = None
        self._screen: ReviewScreen | None = None
        self._parts: ReviewParts | None = None

    def attach(self, session: ConsoleSession) -> None:
        """Take the session that is told; without one nothing can be sent."""
        self._session = session

    def open(self, block: int | None = None, path: str | None = None) -> None:
        """Show the review at what a call or at what is left of a file's changes; else at its start.

        ``block`` is the index of the call in the view.
        """
        if self._screen is None:
            self._owner.run_worker(self._open(block, path), group="review", exclusive=True)

    def draw(self, changes: Changes) -> None:
        """Show in an open review what one frame changed."""
        view = self._view()
        if self._screen is None or view is None:
            return
        self._screen.say_waiting(len(view.permissions))
        if changes.files:
            self._owner.run_worker(self._renew(), group="review", exclusive=True)

    async def _open(self, block: int | None, path: str | None) -> None:
        parts = self._parts = self._parts or await self._load()
        if self._verdicts is None:
            self._verdicts = parts.make_verdicts()
        view = self._view()
        review = await asyncio.to_thread(parts.gather, self._edits(parts, view))
        first = parts.find_hunk(review, block, path)
        if view is None or not review.files:
            self._tell("No tool has changed a file in this session.")
        elif block is not None and first is None:
            self._tell("That call changed no file, or its result has no diff.")
        else:
            self._show(parts, review, view, first or 0)

    def _show(self, parts: ReviewParts, review: Review, view: SessionView, first: int) -> None:
        assert self._verdicts is not None
        session = self._session
        self._screen = parts.make_screen(
            review,
            self._verdicts,
            when=self._when,
            send=None if session is None else session.submit,
            first_hunk=first,
        )
        self._screen.say_waiting(len(view.permissions))
        self._owner.app.push_screen(self._screen, self._closed)

    async def _renew(self) -> None:
        parts = self._parts
        if parts is not None:
            review = await asyncio.to_thread(parts.gather, self._edits(parts, self._view()))
            if self._screen is not None:
                self._screen.take(review)

    @staticmethod
    def _edits(parts: ReviewParts, view: SessionView | None) -> list[Edit]:
        return [] if view is None else parts.edits_of(view)

    def _when(self) -> str:
        session = self._session
        if session is not None and session.is_running:
            return "before its next call"
        if session is not None and session.is_paused:
            return "once the queue is resumed"
        return "at once, as a new run"

    def _closed(self, _: None) -> None:
        self._screen = None

    def _tell(self, text: str) -> None:
        self._owner.app.notify(text, markup=False)
