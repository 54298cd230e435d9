"""Where a history is cut: which of its messages a summary replaces, and which stay."""

from collections.abc import Sequence
from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUMMARY_KIND
from harn_tui.loop.compaction.call_pairs import blocks_of, has_calls, is_result, safe_cuts

_REASONING_BLOCKS = frozenset({"thinking", "redacted_thinking", "reasoning"})


@dataclass(frozen=True, slots=True)
class Split:
    """The messages from ``first`` to before ``end`` are archived; all others stay."""

    first: int
    end: int


def find_split(messages: Sequence[JsonObject], keep_first: int, keep_last: int) -> Split | None:
    """Return what to archive, or ``None`` when there is nothing.

    ``keep_first`` messages at the beginning stay, more when a call among them has its result
    after them. The end that stays has about ``keep_last`` messages: it begins with a request of
    its own when there is one, and never with a result whose call is archived. With a
    ``keep_last`` of 0 everything is archived. An earlier summary alone is never archived again.
    """
    count = len(messages)
    if count <= keep_first + keep_last:
        return None
    is_safe = safe_cuts(messages)
    first = next((at for at in range(keep_first, count) if is_safe[at]), count)
    if count <= first + keep_last:
        return None
    floor = first + is_summary(messages[first])
    end = count - keep_last
    if keep_last:
        end = _request_at_or_before(messages, floor, end) or end
        volatile = next((at for at in range(end, count) if _is_volatile(messages[at])), None)
        if volatile is not None:
            end = _request_at_or_before(messages, floor, volatile - 1) or end
    cut = next((at for at in range(end, floor, -1) if is_safe[at]), None)
    return None if cut is None else Split(first, cut)


def is_summary(message: JsonObject) -> bool:
    """Whether ``message`` stands for messages that were archived before."""
    return message.get("kind") == SUMMARY_KIND


def _request_at_or_before(messages: Sequence[JsonObject], floor: int, start: int) -> int | None:
    """Return the nearest request from ``start`` back to after ``floor``, ``None`` for none."""
    return next((at for at in range(start, floor, -1) if _is_request(messages[at])), None)


def _is_request(message: JsonObject) -> bool:
    """Whether what follows ``message`` is an answer to it; a result in a user's role is none."""
    return message.get("role") == "user" and not is_result(message)


def _is_volatile(message: JsonObject) -> bool:
    """Whether ``message`` makes sense only together with what stands before it."""
    if is_result(message) or has_calls(message):
        return True
    if message.get("thinking_blocks") or message.get("reasoning") is not None:
        return True
    return any(block.get("type") in _REASONING_BLOCKS for block in blocks_of(message))
