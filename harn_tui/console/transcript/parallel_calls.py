"""The calls of one reply that ran side by side: which they are, and what a row says of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from harn_tui.console.amounts import format_duration, format_seconds
from harn_tui.kinds import PERSON_COMMAND
from harn_tui.view.model import (
    AssistantBlock,
    Block,
    CompactionBlock,
    ThoughtBlock,
    ToolBlock,
    UserBlock,
)

_WORTH_TELLING = 0.9
"""Share of the time one after another, above which nothing is said to be saved."""

_FARTHEST = 256
"""Blocks that are looked at: no reply has more calls that anybody counts."""


def first_of_reply(blocks: Sequence[Block], index: int) -> int:
    """Return the index of the first call of the reply that asked for the call at ``index``.

    Of a reply that says something between its calls, that is the first one behind the words.
    """
    call = _call_of(blocks[index])
    first = index
    for at in range(index - 1, max(-1, index - _FARTHEST), -1):
        block = blocks[at]
        if _ends_reply(block, call):
            break
        if _call_of(block) == call:
            first = at
    return first if call else index


def calls_of_reply(blocks: Sequence[Block], index: int) -> list[ToolBlock]:
    """Return all calls of the reply whose first one is at ``index``; none of a later one."""
    call = _call_of(blocks[index])
    if not call or first_of_reply(blocks, index) != index:
        return []
    found: list[ToolBlock] = []
    for at in range(index, min(len(blocks), index + _FARTHEST)):
        block = blocks[at]
        if _ends_reply(block, call):
            break
        if isinstance(block, ToolBlock) and _call_of(block) == call and not block.discarded:
            found.append(block)
    return found


def are_side_by_side(calls: Sequence[ToolBlock]) -> bool:
    """Whether any two of ``calls`` were under way at one time."""
    spans = [span for call in calls if (span := _span(call)) is not None]
    spans.sort(key=lambda span: span[0])
    return any(
        before[1] is None or following[0] < before[1] for before, following in pairwise(spans)
    )


def group_words(calls: Sequence[ToolBlock], now_ms: int) -> tuple[str, str]:
    """Return what there is to say of calls side by side, and what they took."""
    words = f"{len(calls)} calls side by side"
    spans = [span for call in calls if (span := _span(call)) is not None]
    begun = min((start for start, _ in spans), default=0)
    running = sum(not call.status.is_terminal for call in calls)
    if running:
        done = f"{len(calls) - running} of {len(calls)} done"
        return words, f"{done} {format_seconds(now_ms - begun)}" if now_ms > begun else done
    ends = [end for _, end in spans if end is not None]
    alone = sum(end - start for start, end in spans if end is not None)
    together = max(ends, default=begun) - begun
    if together > alone * _WORTH_TELLING:
        return words, format_duration(together)
    return words, f"{format_duration(together)} instead of {format_duration(alone)}"


def _call_of(block: Block) -> int:
    """Return the number of the model call that a call came from, 0 for what came from none."""
    if not isinstance(block, ToolBlock) or block.tool_name == PERSON_COMMAND:
        return 0
    return block.call


def _ends_reply(block: Block, call: int) -> bool:
    """Whether no call of the model call ``call`` stands on the other side of ``block``."""
    if isinstance(block, ThoughtBlock):
        return block.call != call
    if isinstance(block, AssistantBlock | UserBlock | CompactionBlock):
        return True
    return _call_of(block) not in {0, call}


def _span(call: ToolBlock) -> tuple[int, int | None] | None:
    """Return when a call began to run and ended, ``None`` for one that never ran."""
    if call.running_since_ms is None:
        return None
    return call.running_since_ms, call.ended_at_ms
