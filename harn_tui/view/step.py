"""One step of the fold: the view, what changed in it, and when."""

from typing import NamedTuple

from harn_tui.kinds import PERSON_COMMAND, NoticeLevel
from harn_tui.view.model import (
    AssistantBlock,
    Block,
    Changes,
    NoticeBlock,
    SessionView,
    ThoughtBlock,
    ToolBlock,
)


class Step(NamedTuple):
    """What a step works on. ``at_ms`` and ``record_index`` are the record's.

    ``view.event_count`` and ``view.last_event_at_ms`` are still those of the record before.
    """

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

    def note_reply(self) -> None:
        """Something of the reply arrived: the wait for the first token, or for a retry, is over."""
        view = self.view
        view.heard_at_ms = self.at_ms
        if view.first_token_at_ms is None:
            view.first_token_at_ms = self.at_ms
            view.retry_until_ms = None
            self.changes.status = True

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

    def discard(self, number: int) -> None:
        """Void the text, reasoning or the model's tool call at ``number``; other blocks stay."""
        block = self.view.blocks[number]
        if isinstance(block, ToolBlock):
            if block.tool_name == PERSON_COMMAND:
                return
            self.view.unfinished_tools.pop(block.tool_call_id, None)
        elif not isinstance(block, AssistantBlock):
            return
        block.discarded = True
        self.changes.blocks.add(number)

    def discard_candidates(self) -> None:
        """Void what looked like tool calls: the calls themselves have rows of their own."""
        candidates = self.view.candidates
        while candidates:
            self.discard(candidates.pop())
