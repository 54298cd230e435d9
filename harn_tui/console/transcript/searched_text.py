"""What a search looks at in a block: its source, whether it is folded or was ever drawn."""

import json

from harn_tui.console.transcript.block_bodies import is_hidden
from harn_tui.console.transcript.tools.registry import look_of
from harn_tui.console.transcript.tools.unknown import UNKNOWN_LOOK
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


def searched_text(block: Block) -> str:
    """Return the text of ``block`` that is searched; nothing of one that is not shown."""
    if is_hidden(block):
        return ""
    match block:
        case AssistantBlock():
            return block.text
        case UserBlock(text=text) | NoticeBlock(text=text):
            return text
        case FeedbackBlock(kind=kind, text=text):
            return f"{kind}\n{text}"
        case GenericBlock(title=title, payload=payload):
            return f"{title}\n{payload}"
        case CompactionBlock():
            return f"{compaction_title(block)}\n{block.summary or ''}"
        case WorkerBlock():
            return "\n".join((block.name, block.task, block.last_line, block.error or ""))
        case ToolBlock():
            return "\n".join(_tool_parts(block))


def _tool_parts(block: ToolBlock) -> list[str]:
    diff = block.details.get("diff")
    parts = [block.tool_name, _arguments(block, has_diff=bool(diff))]
    if block.error:
        parts.append(block.error)
    if isinstance(diff, str) and diff:
        parts.append(diff)
    elif block.result_text is None:
        parts.append(block.output)
    elif block.result_text.strip() != (block.error or "").strip():
        parts.append(block.result_text)
    return parts


def _arguments(block: ToolBlock, *, has_diff: bool) -> str:
    """Return the texts of the arguments; beside a diff only short ones, which name its file."""
    if block.arguments_partial is not None:
        return block.arguments_partial
    arguments = block.arguments
    if not isinstance(arguments, dict):
        return ""
    if look_of(block) is UNKNOWN_LOOK:
        return json.dumps(arguments, indent=2, ensure_ascii=False)
    texts = [value for value in arguments.values() if isinstance(value, str)]
    return "\n".join(text for text in texts if not has_diff or "\n" not in text)
