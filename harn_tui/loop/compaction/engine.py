"""Replaces the older messages of a history by their summary (docs/loop.md, compaction)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harn_tui.events.agent import TranscriptCompacted
from harn_tui.events.host import MessageRecorded
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUMMARY_KIND, CompactionMode, CompactionStrategy
from harn_tui.loop.compaction.estimate import message_bytes, text_bytes, tokens_of
from harn_tui.loop.compaction.policy import CompactionPolicy
from harn_tui.loop.compaction.split import Split, find_split
from harn_tui.loop.compaction.strategies import shorter_of, summary_of
from harn_tui.loop.compaction.summarizing import Summarize


@dataclass(frozen=True, slots=True)
class Compaction:
    """A finished compaction.

    ``messages`` is the new history; ``summary`` stands at index ``first`` of it, in place of
    ``archived_messages`` others. The estimates are tokens of whole requests, the system prompt
    included. ``strategy`` is what really made the summary, ``label`` the policy's name.
    """

    messages: list[JsonObject]
    summary: JsonObject
    first: int
    archived_messages: int
    estimated_tokens_before: int
    estimated_tokens_after: int
    strategy: CompactionStrategy
    label: str
    keep_last: int

    def events(
        self, session_id: str, mode: CompactionMode
    ) -> tuple[TranscriptCompacted, MessageRecorded]:
        """Return what announces the compaction; both go out, in this order, with none between."""
        compacted = TranscriptCompacted(
            session_id=session_id,
            mode=mode.value,
            strategy=self.label,
            archived_messages=self.archived_messages,
            estimated_tokens_before=self.estimated_tokens_before,
            estimated_tokens_after=self.estimated_tokens_after,
            engine_strategy=self.strategy.value,
            keep_first=self.first,
            keep_last=self.keep_last,
        )
        return compacted, MessageRecorded(session_id, self.summary)


def due(estimate_tokens: int, policy: CompactionPolicy) -> bool:
    """Whether a request of so many tokens, system prompt included, must be compacted first."""
    return policy.is_enabled and estimate_tokens >= policy.threshold_tokens


async def compact(
    messages: Sequence[JsonObject],
    policy: CompactionPolicy,
    *,
    system_bytes: int,
    summarize: Summarize,
    force: bool = False,
) -> Compaction | None:
    """Return ``messages`` compacted, or ``None`` when there is nothing to archive.

    Changes nothing that it is given, and looks at no threshold: the caller asks ``due``. With
    ``force``, for a request that a server found too long, even a policy that is off compacts,
    and fewer than ``keep_last`` messages stay where that is needed to halve the request and to
    come under the threshold. Raises HarnError when a callback fails.
    """
    if not policy.is_enabled and not force:
        return None
    sizes = [message_bytes(message) for message in messages]
    before = system_bytes + sum(sizes)
    goal = min(tokens_of(before) // 2, policy.threshold_tokens) if force else None
    split = _choose_split(messages, policy, sizes, system_bytes, goal)
    if split is None:
        return None
    archived = messages[split.first : split.end]
    archived_bytes = sum(sizes[split.first : split.end])
    kept_bytes = before - archived_bytes
    summary = await summary_of(archived, policy.strategy, policy, summarize)
    text = summary.text
    after = tokens_of(kept_bytes + text_bytes(text))
    if policy.hard_limit_tokens is not None and after > policy.hard_limit_tokens:
        shorter = await summary_of(
            [_summary_message(text)],
            policy.hard_limit_strategy,
            policy,
            summarize,
            count=len(archived),
            uses_mask_callback=False,
        )
        text = shorter.text
    else:
        summary = await shorter_of(summary, archived, archived_bytes)
        text = summary.text
    message = _summary_message(text)
    return Compaction(
        messages=[*messages[: split.first], message, *messages[split.end :]],
        summary=message,
        first=split.first,
        archived_messages=len(archived),
        estimated_tokens_before=tokens_of(before),
        estimated_tokens_after=tokens_of(kept_bytes + message_bytes(message)),
        strategy=summary.strategy,
        label=policy.label,
        keep_last=policy.keep_last,
    )


def _summary_message(text: str) -> JsonObject:
    return {"role": "user", "content": text, "kind": SUMMARY_KIND}


def _choose_split(
    messages: Sequence[JsonObject],
    policy: CompactionPolicy,
    sizes: Sequence[int],
    system_bytes: int,
    goal: int | None,
) -> Split | None:
    """Return the policy's split; with a ``goal`` in tokens, the first one that comes under it."""
    if goal is None:
        return find_split(messages, policy.keep_first, policy.keep_last)
    best: Split | None = None
    for keep_last in _falling(policy.keep_last):
        split = find_split(messages, policy.keep_first, keep_last)
        if split is None:
            continue
        best = split
        kept = system_bytes + sum(sizes[: split.first]) + sum(sizes[split.end :])
        if tokens_of(kept) <= goal:
            break
    return best


def _falling(count: int) -> Iterator[int]:
    """Yield ``count``, its half, a quarter and so on, to 0."""
    while count:
        yield count
        count //= 2
    yield 0
