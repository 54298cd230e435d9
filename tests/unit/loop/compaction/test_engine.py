import asyncio
import copy
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject
from harn_tui.kinds import CompactionStrategy
from harn_tui.loop.compaction.engine import Compaction, compact
from harn_tui.loop.compaction.estimate import message_bytes
from harn_tui.loop.compaction.policy import CompactionPolicy
from tests.unit.loop.compaction.histories import histories, orphans

policies = st.builds(
    CompactionPolicy,
    strategy=st.sampled_from(CompactionStrategy),
    hard_limit_strategy=st.sampled_from(CompactionStrategy),
    keep_first=st.integers(0, 4),
    keep_last=st.integers(0, 8),
    hard_limit_tokens=st.none() | st.integers(1, 200),
    threshold_tokens=st.integers(1, 200),
    compact=st.just(lambda archived: f"{len(archived)} of them"),
    mask=st.none() | st.just(lambda archived: ["masked"] * len(archived)),
)


async def _reply(prompt: str) -> str:
    if len(prompt) % 3 == 0:
        raise RuntimeError("down")
    return "" if len(prompt) % 3 == 1 else "what happened"


def compacted(
    messages: list[JsonObject], policy: CompactionPolicy, *, force: bool = False
) -> Compaction | None:
    return asyncio.run(compact(messages, policy, system_bytes=40, summarize=_reply, force=force))


@given(histories(), policies, st.booleans())
def test_a_compaction_changes_nothing_that_it_is_given(
    messages: list[JsonObject], policy: CompactionPolicy, force: bool
) -> None:
    before = copy.deepcopy(messages)
    compacted(messages, policy, force=force)
    assert messages == before


@given(histories(), policies, st.booleans())
def test_the_new_history_is_valid_and_its_figures_are_right(
    messages: list[JsonObject], policy: CompactionPolicy, force: bool
) -> None:
    found = compacted(messages, policy, force=force)
    if found is None:
        return
    first, count = found.first, found.archived_messages
    assert found.messages[first] is found.summary
    assert found.messages == [*messages[:first], found.summary, *messages[first + count :]]
    assert orphans(found.messages) == []
    assert count >= 1
    assert found.estimated_tokens_before == (40 + sum(map(message_bytes, messages))) // 4
    assert found.estimated_tokens_after == (40 + sum(map(message_bytes, found.messages))) // 4
    assert str(found.summary["content"]).startswith("[auto-compacted ")


@given(histories(), policies)
def test_force_archives_at_least_what_the_policy_archives(
    messages: list[JsonObject], policy: CompactionPolicy
) -> None:
    plain, forced = compacted(messages, policy), compacted(messages, policy, force=True)
    if plain is not None:
        assert forced is not None
        assert forced.archived_messages >= plain.archived_messages


@given(histories(), policies, st.integers(2, 5))
def test_a_history_can_be_compacted_again_and_again(
    messages: list[JsonObject], policy: CompactionPolicy, times: int
) -> None:
    for _ in range(times):
        found = compacted(messages, policy)
        if found is None:
            return
        assert len(found.messages) <= len(messages)
        messages = found.messages
    assert orphans(messages) == []


@given(histories(), policies)
def test_a_policy_that_is_off_compacts_nothing(
    messages: list[JsonObject], policy: CompactionPolicy
) -> None:
    assert compacted(messages, replace(policy, is_enabled=False)) is None


async def test_a_cancellation_is_no_failure_of_the_summarizer() -> None:
    started = asyncio.Event()

    async def stalls(prompt: str) -> str:
        started.set()
        await asyncio.Event().wait()
        return prompt

    messages: list[Any] = [{"role": "user", "content": "q"}]
    policy = CompactionPolicy(keep_last=0)
    task = asyncio.create_task(compact(messages, policy, system_bytes=0, summarize=stalls))
    await started.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
