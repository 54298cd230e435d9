"""The source text of a block, as it is copied: no wraps, no margins, no signs of ours."""

from harn_tui.view.compaction_words import compaction_title
from harn_tui.view.model import (
    AssistantBlock,
    Block,
    CompactionBlock,
    FeedbackBlock,
    GenericBlock,
    NoticeBlock,
    ToolBlock,
    UserBlock,
    WorkerBlock,
)


def block_source(block: Block) -> str:
    """Return what a copy of ``block`` puts on the clipboard.

    Of a tool call that is its diff when it has one, else its result, its output, its error or
    its arguments, whichever comes first.
    """
    match block:
        case AssistantBlock():
            return block.text
        case UserBlock(text=text) | NoticeBlock(text=text) | FeedbackBlock(text=text):
            return text
        case GenericBlock():
            return block.payload
        case CompactionBlock():
            return block.summary or compaction_title(block)
        case WorkerBlock():
            return block.last_line or block.task
        case ToolBlock():
            diff = block.details.get("diff")
            if isinstance(diff, str) and diff:
                return diff
            found = (block.result_text, block.output, block.error, block.arguments_partial)
            return next((text for text in found if text), "")
