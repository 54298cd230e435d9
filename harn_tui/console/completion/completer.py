"""Keeps the list above the prompt in step with what is typed; knows nothing of the screen."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from harn_tui.console.completion.candidate import ListState, Offer
from harn_tui.console.completion.sources import CompletionSources


class Completer:
    """What the list shows, and which of its entries is selected.

    ``show`` draws a state, ``None`` for no list. ``spawn`` runs a coroutine whose owner ends it
    with the screen.
    """

    def __init__(
        self,
        sources: CompletionSources,
        show: Callable[[ListState | None], None],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self.state: ListState | None = None
        self._sources = sources
        self._show = show
        self._spawn = spawn
        self._offer: Offer | None = None
        self._place = ("", 0)
        self._dismissed: int | None = None
        self._has_moved = False
        self._is_matching = False

    def refresh(self, text: str, cursor: int, *, may_open: bool) -> None:
        """Follow an edit or a move of the cursor; only what is typed opens the list."""
        self._place = (text, cursor)
        offer = self._sources.offer_at(text, cursor, self._offer)
        if offer is None:
            self._dismissed = None
        if offer is None or offer.start == self._dismissed:
            self.close()
            return
        if self._offer is None and not may_open:
            return
        self._dismissed = None
        self._take(offer)
        self._look_further(offer)

    def refresh_offer(self) -> None:
        """Look again at what is offered for what is typed; nothing opens that was closed."""
        if self._offer is not None:
            self.refresh(*self._place, may_open=False)

    def close(self) -> None:
        """Hide the list until something is typed."""
        self._offer, self._has_moved = None, False
        self._set(None)

    def dismiss(self) -> None:
        """Hide the list for as long as the same word is typed."""
        self._dismissed = None if self._offer is None else self._offer.start
        self.close()

    def move(self, step: int) -> None:
        """Select the entry ``step`` rows away; behind the last comes the first."""
        if self.state is not None and self.state.offer.candidates:
            self._has_moved = True
            count = len(self.state.offer.candidates)
            self._set(replace(self.state, selected=(self.state.selected + step) % count))

    def select(self, index: int) -> None:
        """Select the entry at ``index``."""
        if self.state is not None:
            self.move(index - self.state.selected)

    def _take(self, offer: Offer) -> None:
        """Show ``offer``; what was moved to stays selected while it is there."""
        self._offer = offer
        chosen = self.state.chosen if self.state is not None and self._has_moved else None
        is_there = chosen is not None and chosen in offer.candidates
        selected = offer.candidates.index(chosen) if chosen is not None and is_there else 0
        self._has_moved = is_there
        self._set(None if offer.is_empty else ListState(offer, selected))

    def _set(self, state: ListState | None) -> None:
        if state != self.state:
            self.state = state
            self._show(state)

    def _look_further(self, offer: Offer) -> None:
        files = self._sources.files
        if not self._text_at(offer.start).startswith("@"):
            return
        if files.is_stale:
            self._spawn(self._read_files())
        if files.is_large and not self._is_matching:
            self._is_matching = True
            self._spawn(self._match())

    def _text_at(self, start: int) -> str:
        return self._place[0][start : start + 1]

    async def _read_files(self) -> None:
        reading = self._sources.files.read()
        self._refresh_note()
        await reading
        self.refresh_offer()

    def _refresh_note(self) -> None:
        """Show that the files are being listed, where nothing else can be shown."""
        if self._offer is not None and not self._offer.candidates:
            self._take(replace(self._offer, note="Listing the files…"))

    async def _match(self) -> None:
        """Match in a thread until the result is one for what is typed by then."""
        try:
            while (offer := self._offer) is not None and self._text_at(offer.start) == "@":
                found = await self._sources.matched(offer)
                now = self._offer
                if now is not None and (now.start, now.query) == (offer.start, offer.query):
                    self._take(found)
                    return
        finally:
            self._is_matching = False
