"""The find line at work: it follows what is typed, stays at a hit, or goes back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from harn_tui.console.actions import key_of
from harn_tui.console.find.bar import FindBar

if TYPE_CHECKING:
    from harn_tui.console.transcript.finder import FindState
    from harn_tui.console.transcript.reader import Reader


class Finding:
    """Brings the find line and the transcript's search together.

    ``browse`` gives the keys to the transcript, ``go_home`` back to where they belong, ``flash``
    says something for a moment.
    """

    def __init__(
        self,
        browse: Callable[[], object],
        go_home: Callable[[], object],
        flash: Callable[[str], object],
    ) -> None:
        self._browse = browse
        self._go_home = go_home
        self._flash = flash
        self._reader: Reader | None = None
        self._was_browsing = False
        self.bar = FindBar(self._look_for, self._leave)

    @property
    def is_open(self) -> bool:
        """Whether the find line is open."""
        return self.bar.is_open

    def attach(self, reader: Reader) -> None:
        """Take what is searched."""
        self._reader = reader
        reader.finder.on_state = self._show_state

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what each action for finding calls, but for opening the line."""
        return {
            "next_hit": partial(self._step, 1),
            "last_hit": partial(self._step, -1),
            "find_accept": self._accept,
            "find_next": partial(self._step, 1),
            "find_last": partial(self._step, -1),
            "find_cancel": self.cancel,
        }

    def open(self) -> None:
        """Open the find line; the search begins at the reader's place."""
        reader = self._reader
        if reader is None:
            self._flash("There is nothing to look through yet.")
            return
        self._was_browsing = reader.is_browsing
        reader.finder.begin()
        self.bar.open()

    def cancel(self) -> None:
        """Close the find line and go back to where it was opened."""
        reader = self._reader
        if reader is None or not self.is_open:
            return
        self.bar.close()
        reader.finder.cancel()
        if self._was_browsing:
            self._browse()
        else:
            self._go_home()

    def _accept(self) -> None:
        reader = self._reader
        if reader is None or not reader.finder.state.total:
            self.cancel()
            return
        self.bar.close()
        self._browse()
        more = f"{key_of('next_hit')} and {key_of('last_hit')} go on"
        self._flash(f"{state_words(reader.finder.state)} · {more}")

    def _leave(self) -> None:
        """Close the find line because the keys went elsewhere; the place stays."""
        self.bar.close()
        if self._reader is not None:
            self._reader.leave()

    def _look_for(self, text: str) -> None:
        if self._reader is not None:
            self._reader.finder.look_for(text)

    def _show_state(self, state: FindState) -> None:
        if self.is_open:
            self.bar.say(state_words(state))

    def _step(self, step: int) -> None:
        reader = self._reader
        if reader is None:
            return
        if not reader.finder.is_on:
            self._flash(f"Nothing is looked for: {key_of('read_find')} finds")
            return
        reader.finder.step(step)
        if not self.is_open:
            self._flash(state_words(reader.finder.state))


def state_words(state: FindState) -> str:
    """Return how a search stands: ``3 of 41``; a plus while there may be more."""
    if state.problem:
        return state.problem
    if not state.needle:
        return ""
    more = "" if state.is_complete and not state.is_full else "+"
    if not state.total:
        return "looking…" if more else "not found"
    return f"{state.number:,} of {state.total:,}{more}"
