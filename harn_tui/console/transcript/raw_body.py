"""The body of a block that is shown as it came: the source of text, the JSON of a call."""

from __future__ import annotations

from harn_tui.console.transcript.block_source import block_source, call_as_json
from harn_tui.console.transcript.clean import clean_line
from harn_tui.console.transcript.pen import Margin
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_units import NoteUnit, text_units
from harn_tui.console.transcript.unit import Body
from harn_tui.view.model import Block, ToolBlock

_BAR = (("   ", Role.TEXT), ("┊ ", Role.RULE))


class RawBody(Body):
    """Every character as it came, control characters as pictures."""

    __slots__ = ("_block",)

    def __init__(self, block: Block) -> None:
        super().__init__()
        self._block = block

    def update(self) -> int:
        """Read the block again; all its units are new."""
        block = self._block
        is_call = isinstance(block, ToolBlock)
        text = call_as_json(block) if isinstance(block, ToolBlock) else block_source(block)
        title = "the call and its result, as they came" if is_call else "the source, as it came"
        self.units = [
            NoteUnit(title),
            *text_units(text, Role.TEXT, Margin(_BAR, _BAR), clean=_revealed),
        ]
        return 0


def _revealed(line: str) -> str:
    return clean_line(line, reveal=True)
