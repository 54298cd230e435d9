"""Keep unsent text: saved when the keys rest, at once when it is cleared."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harn_tui.console.frame import Handle, Scheduler

IDLE_SECONDS = 0.3
"""Rest between the last key and the save."""


class DraftSaver:
    """Calls ``save`` with the newest draft once typing rests; never twice with the same text."""

    def __init__(self, save: Callable[[str], None], scheduler: Scheduler, saved: str = "") -> None:
        self._save = save
        self._scheduler = scheduler
        self._saved = saved
        self._draft = saved
        self._handle: Handle | None = None

    def change(self, draft: str) -> None:
        """Take the text of the prompt after an edit."""
        self._draft = draft
        self._cancel()
        if not draft:
            self.flush()
        elif draft != self._saved:
            self._handle = self._scheduler.call_later(IDLE_SECONDS, self.flush)

    def flush(self) -> None:
        """Save now what is not saved."""
        self._cancel()
        if self._draft != self._saved:
            self._saved = self._draft
            self._save(self._draft)

    def _cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
