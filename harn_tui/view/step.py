"""One step of the fold: the view, what changed in it, and when."""

from typing import NamedTuple

from harn_tui.kinds import NoticeLevel
from harn_tui.view.model import (
    AssistantBlock,
    Block,
    Changes,
    NoticeBlock,
    SessionView,
    ThoughtBlock,
)


class Step(NamedTuple):
    """What a step works on. ``at_ms`` and ``record_index`` are the record's."""

    view: SessionView
    changes: Changes
    at_ms: int
    record_index: int

    def add(self, block: Block) -> int:
        """Append a block, closing the text that was open; return its index."""
        self.close_text()
        return self.append(block)

    def append(self, block: Block) -> int:
        """Append a block and return its index."""
        self.view.blocks.append(block)
        number = len(self.view.blocks) - 1
        self.changes.blocks.add(number)
        return number

    def note(self, level: NoticeLevel, text: str) -> None:
        """Append a row of the runtime's."""
        self.add(NoticeBlock(self.at_ms, level, text))

    def close_text(self, *, interrupted: bool = False) -> None:
        """End the text or reasoning that was growing."""
        number = self.view.open_text
        if number is None:
            return
        self.view.open_text = None
        block = self.view.blocks[number]
        if isinstance(block, AssistantBlock):
            block.is_open = False
            block.interrupted = block.interrupted or interrupted
            if isinstance(block, ThoughtBlock):
                block.ended_at_ms = self.at_ms
            self.changes.blocks.add(number)
