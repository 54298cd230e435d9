"""Statements of docs/loop.md on the model call: retries, ids, usage."""

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.kinds import (
    LoopStatus,
    ProviderErrorCategory,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.loop.retry import MAX_DELAY_MS, MAX_TOTAL_DELAY_MS, RetrySchedule
from harn_tui.providers.base import ModelFacts, Usage
from tests.conformance.loop_driver import Reply, Setup, make_tool, run_loop


def _error(
    category: ProviderErrorCategory = ProviderErrorCategory.SERVER_ERROR,
    retry_after_s: float | None = None,
) -> ProviderError:
    return ProviderError("boom", category=category, retry_after_s=retry_after_s)


def _schedule(retries: int = 9, base_ms: int = 1000) -> RetrySchedule:
    return RetrySchedule(retries=retries, base_ms=base_ms, jitter=lambda: 1.0, is_paced=True)


def test_loop_10_43_first_delay_is_the_base_and_doubles_up_to_sixteen_times() -> None:
    schedule = _schedule()
    delays = [schedule.next_delay_ms(_error()) for _ in range(7)]
    assert delays == [1000, 2000, 4000, 8000, 16000, 16000, 16000]


def test_loop_10_43_jitter_multiplies_the_delay() -> None:
    schedule = RetrySchedule(retries=1, base_ms=1000, jitter=lambda: 1.1, is_paced=True)
    assert schedule.next_delay_ms(_error()) == 1100


def test_loop_10_43_total_wait_is_bounded() -> None:
    schedule = _schedule(retries=100)
    delays = []
    while (delay := schedule.next_delay_ms(_error(retry_after_s=60))) is not None:
        delays.append(delay)
    assert sum(delays) == MAX_TOTAL_DELAY_MS


def test_loop_10_6_retry_after_replaces_the_computed_delay() -> None:
    assert _schedule().next_delay_ms(_error(retry_after_s=2.5)) == 2500


def test_loop_7_3_retry_after_is_capped() -> None:
    assert _schedule().next_delay_ms(_error(retry_after_s=600)) == MAX_DELAY_MS


def test_loop_7_3_local_script_retries_at_once() -> None:
    schedule = RetrySchedule(retries=1, base_ms=1000, jitter=lambda: 1.0, is_paced=False)
    assert schedule.next_delay_ms(_error()) == 0


@pytest.mark.parametrize(
    ("category", "is_retried"),
    [
        (
            c,
            c.value
            in {
                "timeout",
                "rate_limit",
                "overloaded",
                "server_error",
                "transient_network",
                "empty_completion",
            },
        )
        for c in ProviderErrorCategory
    ],
)
def test_loop_10_7_only_transient_categories_are_retried(
    category: ProviderErrorCategory, is_retried: bool
) -> None:
    assert (_schedule().next_delay_ms(_error(category)) is not None) is is_retried


async def test_loop_7_1_retries_are_used_up_then_the_original_error_ends_the_run() -> None:
    run = await run_loop(
        *(Reply(error=_error()) for _ in range(3)), options=LoopOptions(llm_retries=2)
    )
    assert run.result.status is LoopStatus.ERROR
    assert [e.attempt for e in run.of("llm_retry")] == [1, 2]
    assert len(run.provider.requests) == 3


async def test_loop_7_1_auth_error_is_not_retried() -> None:
    run = await run_loop(Reply(error=_error(ProviderErrorCategory.AUTH), accepts=False))
    assert run.of("llm_retry") == []
    assert len(run.provider.requests) == 1


async def test_loop_10_21_cut_stream_is_retried_and_its_text_is_void() -> None:
    cut = _error(ProviderErrorCategory.TRANSIENT_NETWORK)
    run = await run_loop(Reply("half an ans", error=cut), Reply("the whole answer"))
    assert run.result.text == "the whole answer"
    assert run.result.messages[-1]["content"] == "the whole answer"


async def test_a_retried_attempt_ends_the_calls_it_announced() -> None:
    cut = _error(ProviderErrorCategory.TRANSIENT_NETWORK)
    run = await run_loop(
        Reply("", calls=(("read", {}),), error=cut, call_ids=("c1",)),
        Reply("", calls=(("read", {}),), call_ids=("c1",)),
        Reply("done"),
        tools=(make_tool("read"),),
    )
    aborted = [
        u for u in run.of("tool_call_update") if u.error_category is ToolErrorCategory.PARSE_ABORTED
    ]
    assert [u.tool_call_id for u in aborted] == ["tool-c1"]
    assert run.of("tool_call_update")[-1].tool_call_id == "tool-c1-2"


async def test_loop_7_10_empty_completion_retry_is_counted() -> None:
    run = await run_loop(
        Reply(error=_error(ProviderErrorCategory.EMPTY_COMPLETION)), Reply("there")
    )
    assert run.result.trace["empty_completion_retries"] == 1


async def test_loop_10_19_equal_provider_ids_become_unique_in_the_session() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {"n": "1"}), ("read", {"n": "2"})), call_ids=("x", "x")),
        Reply("", calls=(("read", {"n": "3"}),), call_ids=("x",)),
        Reply("done"),
        tools=(make_tool("read"),),
    )
    results = [m["tool_call_id"] for m in run.result.messages if m["role"] == "tool"]
    assert results == ["x", "x-2", "x-3"]


async def test_missing_provider_ids_are_minted() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {}),), call_ids=("",)), Reply("ok"), tools=(make_tool("read"),)
    )
    assert run.of("tool_call")[0].tool_call_id == "tool-iter-0-0"


async def test_loop_10_57_streamed_call_and_its_dispatch_share_one_id() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {"path": "a"}),)), Reply("ok"), tools=(make_tool("read"),)
    )
    (call,) = run.of("tool_call")
    updates = run.of("tool_call_update")
    assert {c.tool_call_id for c in (call, *updates)} == {"tool-call_1"}
    assert (call.raw_input, call.kind) == ({}, ToolKind.READ)
    whole = [update for update in updates if update.raw_input == {"path": "a"}]
    assert [update.status for update in whole] == [ToolCallStatus.PENDING]


async def test_usage_and_cost_are_summed_over_the_run() -> None:
    setup = Setup(
        [
            Reply("", calls=(("read", {}),), usage=Usage(1_000_000, 0)),
            Reply("ok", usage=Usage(0, 1_000_000)),
        ],
        tools=(make_tool("read"),),
        extra={"model_facts": ModelFacts(input_price=3.0, output_price=15.0)},
    )
    run = await setup.run()
    assert run.result.cost_usd == pytest.approx(18.0)
    assert [e.cost_usd for e in run.of("llm_call_end")] == [3.0, 15.0]


async def test_cost_is_unknown_once_a_call_had_no_price() -> None:
    run = await run_loop(Reply("ok"))
    assert run.result.cost_usd is None
    assert "cost_usd" not in run.of("loop_end")[0].usage


async def test_loop_10_22_reasoning_is_never_promoted_to_text() -> None:
    run = await run_loop(
        Reply("", thinking="##DONE##", usage=None),
        Reply("##DONE##"),
        options=LoopOptions(persistent=True),
    )
    assert run.result.iterations == 2
    assert all(m.get("content") != "##DONE##" for m in run.provider.requests[1].messages)
