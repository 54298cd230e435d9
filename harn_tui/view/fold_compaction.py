"""Fold steps of a compaction: what it saved, and the summary that is recorded after it."""

from collections.abc import Callable
from typing import Any

from harn_tui.events.agent import TranscriptCompacted
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUMMARY_KIND
from harn_tui.view.model import CompactionBlock
from harn_tui.view.step import Step


def _on_compacted(step: Step, event: TranscriptCompacted) -> None:
    view = step.view
    view.open_compaction = step.add(
        CompactionBlock(
            started_at_ms=step.at_ms,
            mode=event.mode,
            strategy=event.strategy,
            engine_strategy=event.engine_strategy,
            archived_messages=event.archived_messages,
            tokens_before=event.estimated_tokens_before,
            tokens_after=event.estimated_tokens_after,
        )
    )
    view.last_input_tokens = max(0, event.estimated_tokens_after)
    view.summary_place = max(0, event.keep_first or 0)
    view.context.archive(view.summary_place, max(0, event.archived_messages))
    step.changes.status = True


def take_summary(step: Step, message: JsonObject) -> bool:
    """Give the compaction before it the summary that ``message`` holds; false when it does not."""
    view = step.view
    number, view.open_compaction = view.open_compaction, None
    if number is None or message.get("kind") != SUMMARY_KIND:
        return False
    view.context.put_summary(view.summary_place, message)
    block, content = view.blocks[number], message.get("content")
    if isinstance(block, CompactionBlock) and isinstance(content, str):
        block.summary = content
        step.changes.blocks.add(number)
    return True


COMPACTION_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    TranscriptCompacted: _on_compacted,
}
