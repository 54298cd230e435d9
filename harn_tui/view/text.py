"""A view as plain text, for headless output and copies: printable, without colours."""

from harn_tui.kinds import Boundary, FeedbackState, NoticeLevel
from harn_tui.view.compaction_words import compaction_title, saving_words
from harn_tui.view.durations import duration_words
from harn_tui.view.model import (
    AssistantBlock,
    Block,
    CompactionBlock,
    FeedbackBlock,
    GenericBlock,
    NoticeBlock,
    QueuedLine,
    SessionView,
    ThoughtBlock,
    ToolBlock,
    UserBlock,
    WorkerBlock,
)
from harn_tui.view.plain import printable
from harn_tui.view.tool_line import ToolState, tool_line
from harn_tui.view.worker_line import worker_line

_NOTICE_SIGNS = {NoticeLevel.INFO: "·", NoticeLevel.WARNING: "!", NoticeLevel.ERROR: "✗"}
_BOUNDARY_WORDS = {
    Boundary.NEXT_PREFLIGHT: "before the next model call",
    Boundary.AFTER_RUN: "after this run",
    Boundary.NOW: "now",
}


def view_text(view: SessionView) -> str:
    """Return all that the session shows, blocks apart by a blank line, then the queue."""
    texts = [text for text in map(block_text, view.blocks) if text is not None]
    texts += [queued_line_text(line) for line in view.queue]
    return "\n\n".join(texts)


def block_text(block: Block) -> str | None:
    """Return one block as text, ``None`` when it is not shown (discarded)."""
    text = _block_text(block)
    return None if text is None else printable(text).rstrip()


def queued_line_text(line: QueuedLine) -> str:
    """Return a line that waits, with its state and where it will go."""
    if line.state is FeedbackState.QUEUED:
        state = f"queued, goes in {_BOUNDARY_WORDS[line.boundary]}"
    else:
        state = line.state.value
    return printable(f"> {_indented(line.text)} ({state})")


def _block_text(block: Block) -> str | None:
    match block:
        case GenericBlock():
            return f"# {block.title}\n{block.payload}"
        case NoticeBlock():
            return f"{_NOTICE_SIGNS[block.level]} {_indented(block.text)}"
        case CompactionBlock():
            return _compaction_text(block)
        case WorkerBlock():
            line = worker_line(block)
            return f"{line.glyph} {line.text}"
        case _ if block.discarded:
            return None
        case UserBlock():
            call = block.delivered_before_call
            receipt = "" if call is None else f"\n  (delivered before call {call})"
            images = "".join(f"\n  (image {image.words})" for image in block.images)
            return f"> {_indented(block.text)}{images}{receipt}"
        case ThoughtBlock():
            return _thought_text(block)
        case AssistantBlock():
            return block.text + ("\n(interrupted)" if block.interrupted else "")
        case FeedbackBlock():
            return f"[{block.kind}] {_indented(block.text)}"
        case ToolBlock():
            return _tool_text(block)


def _thought_text(block: ThoughtBlock) -> str:
    if block.ended_at_ms is None:
        return f"(thinking)\n{block.text}"
    spent = duration_words(block.ended_at_ms - block.started_at_ms)
    return f"(thought for {spent})\n{block.text}"


def _compaction_text(block: CompactionBlock) -> str:
    saving = saving_words(block)
    sizes = f"about {block.tokens_before:,} tokens before, {block.tokens_after:,} after"
    lines = [f"≡ {compaction_title(block)}", f"  {sizes}{f', {saving}' if saving else ''}"]
    if block.summary:
        lines.append(_body(block.summary))
    return "\n".join(lines)


def _tool_text(block: ToolBlock) -> str:
    line = tool_line(block)
    body = block.result_text
    if body is None:
        body = block.output if line.state is not ToolState.ANNOUNCED else ""
    return f"{line.glyph} {line.text}\n{_body(body)}".rstrip()


def _body(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
