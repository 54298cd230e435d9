"""Which body draws which kind of block, how high it is about, and what stands above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harn_tui.console.transcript.compaction_body import CARD_ROWS, CompactionBody
from harn_tui.console.transcript.markdown_body import MarkdownBody
from harn_tui.console.transcript.text_bodies import (
    FOLDED_LINES,
    MAX_UNFOLDED_LINES,
    FeedbackBody,
    GenericBody,
    NoticeBody,
    UserBody,
)
from harn_tui.console.transcript.thought_body import ThoughtBody
from harn_tui.console.transcript.tool_body import ToolBody, has_more
from harn_tui.console.transcript.unit import Body
from harn_tui.console.transcript.worker_body import WorkerBody
from harn_tui.view.model import (
    AssistantBlock,
    Block,
    CompactionBlock,
    FeedbackBlock,
    GenericBlock,
    NoticeBlock,
    ThoughtBlock,
    ToolBlock,
    UserBlock,
    WorkerBlock,
)


def make_body(
    block: Block,
    *,
    is_folded: bool,
    shows_time: bool,
    beside: Callable[[], Sequence[ToolBlock]] = tuple,
) -> Body:
    """Return a new body for ``block``; its ``update`` was not called yet.

    ``beside`` gives the calls of a reply for the first of them.
    """
    match block:
        case ThoughtBlock():
            return ThoughtBody(block, is_folded=is_folded)
        case AssistantBlock():
            return MarkdownBody(block)
        case UserBlock():
            return UserBody(block, is_folded=is_folded, shows_time=shows_time)
        case ToolBlock():
            return ToolBody(block, beside, is_folded=is_folded, shows_time=shows_time)
        case WorkerBlock():
            return WorkerBody(block, is_folded=is_folded)
        case NoticeBlock():
            return NoticeBody(block)
        case FeedbackBlock():
            return FeedbackBody(block, is_folded=is_folded)
        case CompactionBlock():
            return CompactionBody(block, is_folded=is_folded)
        case GenericBlock():
            return GenericBody(block, is_folded=is_folded)


def can_fold(block: Block) -> bool:
    """Whether folding changes what is shown of ``block``."""
    match block:
        case ToolBlock():
            return has_more(block)
        case ThoughtBlock() | WorkerBlock() | FeedbackBlock() | GenericBlock():
            return True
        case CompactionBlock():
            return bool(block.summary)
        case UserBlock():
            return block.text.count("\n") >= MAX_UNFOLDED_LINES
        case _:
            return False


def is_hidden(block: Block) -> bool:
    """Whether ``block`` is not shown at all."""
    stays = NoticeBlock | CompactionBlock | GenericBlock | WorkerBlock
    return not isinstance(block, stays) and block.discarded


def has_rows(block: Block) -> bool:
    """Whether anything of ``block`` is seen."""
    if isinstance(block, AssistantBlock) and not isinstance(block, ThoughtBlock):
        return not block.discarded and any(map(str.strip, block.parts))
    return not is_hidden(block)


def is_growing(block: Block) -> bool:
    """Whether ``block`` is text that still streams."""
    return isinstance(block, AssistantBlock) and block.is_open


def gap_between(above: Block | None, block: Block) -> int:
    """Return the blank rows between two blocks; calls and reasoning stand close together."""
    if above is None:
        return 0
    return 0 if _is_row(above) and _is_row(block) else 1


def estimate_rows(block: Block, width: int, *, is_folded: bool) -> int:
    """Return about how many rows ``block`` takes, one of them the gap above it.

    Never 0 for a block that may have rows, and cheap: it is called for every block of a session.
    """
    width = max(1, width)
    match block:
        case ThoughtBlock() if is_folded:
            return 1
        case AssistantBlock(parts=parts):
            if len(parts) == 1:
                return 2 + len(parts[0]) // width + parts[0].count("\n")
            return 2 + sum(map(len, parts)) * 5 // (width * 4)
        case UserBlock(text=text):
            lines = text.count("\n")
            if is_folded and lines >= MAX_UNFOLDED_LINES:
                return FOLDED_LINES + 2
            return 2 + lines + len(text) // width
        case ToolBlock():
            if is_folded or not block.result_text:
                return 1
            return 2 + block.result_text.count("\n")
        case FeedbackBlock(text=text) | GenericBlock(payload=text) | WorkerBlock(task=text):
            return 1 if is_folded else 2 + text.count("\n") + len(text) // width
        case CompactionBlock(summary=summary):
            if is_folded or not summary:
                return 1 + CARD_ROWS + bool(summary)
            return 2 + CARD_ROWS + summary.count("\n") + len(summary) // width
        case NoticeBlock(text=text):
            return 2 + len(text) // width


def _is_row(block: Block) -> bool:
    rows = ThoughtBlock | ToolBlock | WorkerBlock | FeedbackBlock | GenericBlock
    return isinstance(block, rows)
