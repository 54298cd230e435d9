"""The source text of a block, as it is copied: no wraps, no margins, no signs of ours."""

import json

from harn_tui.console.transcript.code_lines import original_lines
from harn_tui.console.transcript.markdown_pieces import PieceKind
from harn_tui.console.transcript.markdown_scan import MarkdownScanner
from harn_tui.view.compaction_words import compaction_title
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
from harn_tui.view.tool_line import tool_line


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


def shown_source(block: Block, *, is_folded: bool) -> str:
    """Return what a copy over several blocks takes of one that is selected whole.

    Of a folded block that is what its row says; reasoning that is folded gives nothing.
    """
    match block:
        case ThoughtBlock():
            return "" if is_folded else block.text
        case ToolBlock():
            line = tool_line(block).text
            return line if is_folded else f"{line}\n{block_source(block)}".rstrip("\n")
        case WorkerBlock(name=name, task=task):
            return f"{name}: {task}"
        case FeedbackBlock(kind=kind, text=text):
            return kind if is_folded else text
        case GenericBlock(title=title, payload=payload):
            return title if is_folded else payload
        case CompactionBlock():
            return compaction_title(block) if is_folded else block_source(block)
        case _:
            return block_source(block)


def code_of(block: Block) -> str:
    """Return the code of the fences of a block, a blank line between two; none gives nothing."""
    if not isinstance(block, AssistantBlock | UserBlock):
        return ""
    return "\n\n".join(fenced_code(block.text))


def fenced_code(text: str) -> list[str]:
    """Return what stands in each fence of a Markdown text, without the fence lines."""
    scanner = MarkdownScanner()
    fences: list[list[str]] = []
    for piece in [*scanner.feed(text), *scanner.finish()]:
        if piece.kind is not PieceKind.CODE:
            continue
        if not piece.context or not fences:
            fences.append([])
        fences[-1] += original_lines(piece, text)
    return ["\n".join(lines) for lines in fences]


def command_of(block: Block) -> str:
    """Return the command that a tool call ran, nothing of other blocks."""
    arguments = block.arguments if isinstance(block, ToolBlock) else None
    command = arguments.get("command") if isinstance(arguments, dict) else None
    return command if isinstance(command, str) else ""


def call_as_json(block: ToolBlock) -> str:
    """Return a tool call and what came of it as JSON."""
    members = {
        "tool_call_id": block.tool_call_id,
        "tool_name": block.tool_name,
        "status": block.status.value,
        "arguments": block.arguments if block.arguments_partial is None else None,
        "arguments_partial": block.arguments_partial,
        "result": block.result_text,
        "details": block.details,
        "error": block.error,
        "duration_ms": block.duration_ms,
    }
    kept = {name: value for name, value in members.items() if value not in (None, {})}
    return json.dumps(kept, ensure_ascii=False, indent=2)
