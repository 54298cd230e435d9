"""What a person does with the block of the cursor: fold it, show it as it came, copy parts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.screen import Screen

from harn_tui.console.actions import key_of
from harn_tui.console.fold_memory import FoldMemory
from harn_tui.console.screens.block_menu import BlockAction, BlockMenu
from harn_tui.console.screens.copying import Copying
from harn_tui.console.startup import load_pager
from harn_tui.errors import HarnError

if TYPE_CHECKING:
    from harn_tui.console.ports import TranscriptWidget
    from harn_tui.console.transcript.reader import Reader

_FOLD = "Open or fold"
_FOLD_TOOL = "Open or fold all calls of this tool"
_RAW = "As it came, or drawn"
_PAGER = "Read it in your pager"


class BlockActs:
    """Acts on one transcript; ``flash`` says something for a moment."""

    def __init__(
        self, screen: Screen[None], flash: Callable[[str], object], memory: FoldMemory
    ) -> None:
        self._screen = screen
        self._flash = flash
        self._memory = memory
        self._copying = Copying(screen, flash)
        self._transcript: TranscriptWidget | None = None
        self._reader: Reader | None = None

    async def attach(self, transcript: TranscriptWidget, reader: Reader) -> None:
        """Take the transcript, and fold the calls of tools as a person chose before."""
        self._transcript, self._reader = transcript, reader
        tools = await asyncio.to_thread(self._memory.load)
        if tools:
            reader.fold_tools(tools)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what each action for a block calls."""
        return {
            "read_fold": self._toggle_fold,
            "read_fold_tool": self._toggle_tool,
            "read_fold_all": self._toggle_all,
            "read_copy": self.copy,
            "read_raw": self._toggle_raw,
            "read_menu": self._open_menu,
            "read_pager": self._open_in_pager,
        }

    def copy(self) -> None:
        """Copy what is selected, else the block of the cursor."""
        if self._transcript is not None:
            self._copying.copy_selection_or_block(self._transcript)

    def _toggle_fold(self) -> None:
        reader = self._reader
        if self._transcript is not None and reader is not None and reader.cursor.block is not None:
            self._transcript.toggle_fold(reader.cursor.block)

    def _toggle_all(self) -> None:
        if self._transcript is not None:
            self._transcript.toggle_all()

    def _toggle_tool(self) -> None:
        chosen = self._reader.toggle_tool() if self._reader is not None else None
        if chosen is None:
            self._flash("This is no tool call.")
            return
        name, is_folded = chosen
        how = "folded" if is_folded else "open"
        self._flash(f"Calls of {name} are {how} from now on.")
        self._screen.run_worker(self._remember(name, is_folded=is_folded), group="folds")

    async def _remember(self, name: str, *, is_folded: bool) -> None:
        try:
            await asyncio.to_thread(self._memory.save, name, is_folded=is_folded)
        except HarnError as error:
            self._screen.app.notify(str(error), severity="warning", markup=False)

    def _toggle_raw(self) -> None:
        if self._reader is not None and not self._reader.toggle_raw():
            self._flash("This text still grows: wait for its end.")

    def _open_in_pager(self) -> None:
        if self._reader is not None and self._reader.block is not None:
            self._screen.run_worker(self._page(self._reader.whole_source()), group="pager")

    async def _page(self, text: str) -> None:
        try:
            page = await load_pager(self._screen.app)
            await page(text)
        except HarnError as error:
            self._screen.app.notify(str(error), severity="warning", markup=False)

    def _open_menu(self) -> None:
        if self._reader is None or self._reader.block is None:
            return
        reader, parts = self._reader, self._reader.copied_parts()
        names = [
            *parts,
            *([_FOLD] if reader.can_fold else []),
            *([_FOLD_TOOL] if reader.is_at_call else []),
            _RAW,
            _PAGER,
        ]
        rows = [BlockAction(name, name, _KEYS.get(name, "")) for name in names]
        self._screen.app.push_screen(BlockMenu("This block", rows), partial(self._chosen, parts))

    def _chosen(self, parts: dict[str, str], action: str | None) -> None:
        commands = {
            _FOLD: self._toggle_fold,
            _FOLD_TOOL: self._toggle_tool,
            _RAW: self._toggle_raw,
            _PAGER: self._open_in_pager,
        }
        if action in commands:
            commands[action]()
        elif action is not None:
            self._copying.copy(parts[action])


_KEYS = {
    "Copy": key_of("read_copy"),
    _FOLD: key_of("read_fold"),
    _FOLD_TOOL: key_of("read_fold_tool"),
    _RAW: key_of("read_raw"),
    _PAGER: key_of("read_pager"),
}
