"""Prints a recorded session as plain text."""

import sys
from pathlib import Path

from harn_tui.store.log_reader import read_records
from harn_tui.view.fold import apply_all
from harn_tui.view.model import (
    AssistantBlock,
    Block,
    FeedbackBlock,
    GenericBlock,
    NoticeBlock,
    SessionView,
    ThoughtBlock,
    ToolBlock,
    UserBlock,
)
from harn_tui.view.plain import printable


def print_session(log: Path) -> None:
    """Print what the log's session looks like at its end."""
    view = SessionView()
    apply_all(view, read_records(log))
    for block in view.blocks:
        text = block_text(block)
        if text is not None:
            sys.stdout.write(printable(text).rstrip() + "\n\n")
    sys.stdout.flush()


def block_text(block: Block) -> str | None:
    """Return a block as plain text, ``None`` when there is nothing to show."""
    match block:
        case UserBlock(discarded=True) | AssistantBlock(discarded=True) | ToolBlock(discarded=True):
            return None
        case UserBlock():
            receipt = (
                f" (delivered before call {block.delivered_before_call})"
                if block.delivered_before_call
                else ""
            )
            return f"> {block.text}{receipt}"
        case ThoughtBlock():
            return f"(thought, {len(block.text.split())} words)"
        case AssistantBlock():
            return block.text + (" [interrupted]" if block.interrupted else "")
        case ToolBlock():
            return _tool_text(block)
        case FeedbackBlock():
            return f"[{block.kind}] {block.text}"
        case NoticeBlock():
            return f"! {block.text}"
        case GenericBlock():
            return f"# {block.title} {block.payload}"


def _tool_text(block: ToolBlock) -> str:
    state = "interrupted" if block.interrupted else block.status.value
    result = block.result_text or block.error or ""
    return f"* {block.tool_name} {state} {block.arguments}\n{result}".rstrip()
