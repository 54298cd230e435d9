"""Keeps where a person reads a session, and brings them back there when it is taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harn_tui.console.frame import Handle, Scheduler
    from harn_tui.console.ports import KeptPort
    from harn_tui.console.transcript.reader import Reader

REST_S = 1.0
"""Rest between the first row that is drawn elsewhere and the save."""


class ReadingKeeper:
    """Saves the place some time after the screen changed, and never the same one twice.

    While the end is followed its place does not change, so a stream saves nothing.
    """

    def __init__(self, kept: KeptPort, reader: Reader, scheduler: Scheduler) -> None:
        self._kept = kept
        self._reader = reader
        self._scheduler = scheduler
        self._saved = kept.reading
        self._handle: Handle | None = None

    def start(self) -> None:
        """Go back to where the person was, unless they have moved already; keep from now on."""
        if self._saved and not self._reader.place.current():
            self._reader.place.return_to(self._saved)
        self._reader.place.watch(self._note)

    def flush(self) -> None:
        """Save now what is not saved."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        place = self._reader.place.current()
        if place != self._saved:
            self._saved = place
            self._kept.save_reading(place)

    def _note(self) -> None:
        if self._handle is None:
            self._handle = self._scheduler.call_later(REST_S, self._rested)

    def _rested(self) -> None:
        self._handle = None
        self.flush()
