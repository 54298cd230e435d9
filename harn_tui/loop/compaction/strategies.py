"""Makes the text that stands for archived messages, by the strategy that a policy names."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from harn_tui.json_types import JsonObject
from harn_tui.kinds import CompactionStrategy
from harn_tui.loop.compaction.callbacks import MaskCallback
from harn_tui.loop.compaction.estimate import text_bytes
from harn_tui.loop.compaction.masking import masked_record
from harn_tui.loop.compaction.policy import CompactionPolicy
from harn_tui.loop.compaction.summarizing import (
    NoSummaryError,
    Summarize,
    custom_record,
    llm_record,
)
from harn_tui.loop.compaction.truncation import (
    fallback_header,
    truncate_header,
    truncated_record,
)
from harn_tui.loop.hook_call import call_hook

TOO_LONG = "the summary came out longer than what it stands for"


class Summary(NamedTuple):
    """The text, and the strategy that really made it."""

    text: str
    strategy: CompactionStrategy


async def summary_of(
    archived: Sequence[JsonObject],
    strategy: CompactionStrategy,
    policy: CompactionPolicy,
    summarize: Summarize,
    *,
    count: int | None = None,
    uses_mask_callback: bool = True,
) -> Summary:
    """Return what stands for ``archived``.

    ``count`` is the number of messages in the header when that is not the number of
    ``archived``. A model or callback that gives no summary is replaced by ``truncate``. Raises
    HarnError when a callback fails.
    """
    count = len(archived) if count is None else count
    match strategy:
        case CompactionStrategy.TRUNCATE:
            return await _truncated(archived, count, truncate_header(count))
        case CompactionStrategy.OBSERVATION_MASK:
            overrides = await _overrides(archived, policy.mask if uses_mask_callback else None)
            text = await asyncio.to_thread(masked_record, archived, count, overrides)
            return Summary(text, strategy)
        case CompactionStrategy.LLM:
            try:
                text = await llm_record(archived, count, policy.summarize_prompt, summarize)
            except NoSummaryError as failure:
                return await _truncated(archived, count, fallback_header(count, failure.reason))
            return Summary(text, strategy)
        case CompactionStrategy.CUSTOM:
            callback = policy.compact
            record = await custom_record(archived, count, callback) if callback else None
            if record is None:
                return await _truncated(archived, count, truncate_header(count))
            return Summary(record, strategy)


async def shorter_of(
    summary: Summary, archived: Sequence[JsonObject], archived_bytes: int
) -> Summary:
    """Return ``summary``, or truncation where only that saves anything.

    ``archived_bytes`` is the size of ``archived``, for which the summary stands. What the other
    strategies make is cut from that and needs no look.
    """
    size = text_bytes(summary.text)
    is_written = summary.strategy in {CompactionStrategy.LLM, CompactionStrategy.CUSTOM}
    if not is_written or size < archived_bytes:
        return summary
    count = len(archived)
    truncated = await _truncated(archived, count, fallback_header(count, TOO_LONG))
    return truncated if text_bytes(truncated.text) < size else summary


async def _truncated(archived: Sequence[JsonObject], count: int, header: str) -> Summary:
    text = await asyncio.to_thread(truncated_record, archived, count, header)
    return Summary(text, CompactionStrategy.TRUNCATE)


async def _overrides(
    archived: Sequence[JsonObject], callback: MaskCallback | None
) -> Sequence[object]:
    if callback is None:
        return ()
    returned = await call_hook(callback, list(archived), "the mask callback")
    return returned if isinstance(returned, list) else ()
