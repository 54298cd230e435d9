"""A session as text that only grows: each block once, when nothing of it will change any more."""

from collections.abc import Iterable

from harn_tui.events.record import Record
from harn_tui.view.fold import apply
from harn_tui.view.model import AssistantBlock, Block, SessionView, ToolBlock, WorkerBlock
from harn_tui.view.text import block_text


class FollowingText:
    """Takes records as they come and gives the blocks that are over, in their order.

    A call or nested loop that goes on holds back what comes after it.
    """

    def __init__(self) -> None:
        self._view = SessionView()
        self._told = 0

    def take(self, records: Iterable[Record], *, is_over: bool) -> list[str]:
        """Return the texts that the records complete; ``is_over`` gives what is open, too."""
        for record in records:
            apply(self._view, record)
        found: list[str] = []
        blocks = self._view.blocks
        while self._told < len(blocks) and (is_over or self._is_settled(self._told)):
            text = block_text(blocks[self._told])
            if text is not None:
                found.append(text)
            self._told += 1
        return found

    def _is_settled(self, number: int) -> bool:
        view = self._view
        if view.attempt_start is not None and number >= view.attempt_start:
            return False  # a retry would void it
        is_claimed = number in view.claimed_blocks.values()
        return not (is_claimed or number == view.open_compaction or _goes_on(view, number))


def _goes_on(view: SessionView, number: int) -> bool:
    block: Block = view.blocks[number]
    match block:
        case AssistantBlock():
            return block.is_open
        case ToolBlock():
            return number in view.unfinished_tools.values()
        case WorkerBlock():
            return number in view.unfinished_workers.values()
        case _:
            return False
