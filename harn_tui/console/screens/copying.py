"""Copying from the transcript: a selection, a block, or a part of a block."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.screen import Screen

from harn_tui.console.clipboard import copy_text

if TYPE_CHECKING:
    from harn_tui.console.ports import TranscriptWidget


class Copying:
    """Copies in the background and says how it went, through ``flash`` or in a notice."""

    def __init__(self, screen: Screen[None], flash: Callable[[str], object]) -> None:
        self._screen = screen
        self._flash = flash

    def copy(self, text: str, nothing: str = "There is nothing to copy.") -> None:
        """Copy ``text``; when it is empty say ``nothing``."""
        if not text:
            self._flash(nothing)
            return
        self._screen.run_worker(self._copy(text), group="copy", exclusive=True)

    def copy_selection_or_block(self, transcript: TranscriptWidget) -> None:
        """Copy what is selected, else the block of the cursor."""
        reader = transcript.reader
        if reader is None:
            return
        if reader.selecting.selection is not None:
            self.copy(reader.selecting.text())
            reader.selecting.drop()
        elif reader.cursor.block is not None:
            self.copy(transcript.copy_block(reader.cursor.block))

    async def _copy(self, text: str) -> None:
        done = await copy_text(text, self._screen.app.copy_to_clipboard, os.environ)
        if done.has_failed:
            self._screen.app.notify(done.notice, severity="warning", markup=False)
        else:
            self._flash(done.notice)
