"""Retries, fallbacks and limits of a whole run, on real sockets (loop 7.1 to 7.3, 7.10, 7.11)."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, ProviderErrorCategory
from harn_tui.loop.config import LoopRequest
from harn_tui.providers.base import ModelFacts, Provider, ProviderSettings
from harn_tui.providers.factory import build_provider, build_with_fallbacks
from harn_tui.providers.model_facts import lookup
from harn_tui.providers.rate_limit import RateLimits
from tests.conformance.loop_driver import Reply as Scripted
from tests.conformance.loop_driver import Script, Setup, make_tool
from tests.conformance.loop_over_http import APIS, HttpRun, items_of, run_on, run_over_http
from tests.support.instant_loop import InstantLoop
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer

LOOK = make_tool("look")
AT_ONCE = LoopOptions(llm_backoff_ms=0, llm_retries=2)

on_every_api = pytest.mark.parametrize("api", APIS)


def shown_at_the_end(run: HttpRun) -> str:
    """What stands on the screen of somebody who voids text as docs/events.md says."""
    shown: list[str] = []
    kept = 0
    events: list[Any] = run.events
    for event in events:
        match event.type:
            case "llm_call_start":
                kept = len(shown)
            case "llm_retry":
                del shown[kept:]
            case "agent_message_chunk":
                shown.append(event.content)
    return "".join(shown)


@on_every_api
async def test_loop_10_21_a_cut_reply_is_told_as_a_retry_and_its_text_is_void(api: str) -> None:
    cut = Reply.text("one two three four").cut_after(3)
    run = await run_over_http(api, [cut, Reply.text("all of it")], options=AT_ONCE)
    (retry,) = run.of("llm_retry")
    assert (retry.call, retry.attempt, retry.delay_ms) == (1, 1, 0)
    assert retry.category is ProviderErrorCategory.TRANSIENT_NETWORK
    assert retry.message
    assert run.text_shown() != shown_at_the_end(run) == run.result.text == "all of it"
    assert run.bodies[0] == run.bodies[1]
    assert [event.call for event in run.of("llm_call_start")] == [1]
    assert run.result.trace["llm_calls"] == 1


@on_every_api
async def test_loop_7_1_each_attempt_is_told_and_the_last_error_ends_the_run(api: str) -> None:
    run = await run_over_http(api, [Reply.failure(503, "busy")] * 3, options=AT_ONCE)
    assert run.result.status is LoopStatus.ERROR
    assert [event.attempt for event in run.of("llm_retry")] == [1, 2]
    assert len(run.bodies) == 3
    (end,) = run.of("llm_call_end")
    assert end.stop_reason == "error"
    assert "busy" in str(run.result.error)


@on_every_api
async def test_loop_10_7_what_cannot_pass_is_sent_once(api: str) -> None:
    failures = [(400, ""), (401, ""), (404, "")]
    # Ollama's errors are text without a code.
    failures += [] if api == "ollama" else [(429, "insufficient_quota")]
    for status, code in failures:
        failure = Reply.failure(status, "see 503: overloaded", code=code)
        run = await run_over_http(api, [failure], options=AT_ONCE)
        assert (status, run.result.status, len(run.bodies)) == (status, LoopStatus.ERROR, 1)
        assert run.of("llm_retry") == []


@on_every_api
async def test_loop_10_6_the_servers_wish_is_the_delay_that_is_told(api: str) -> None:
    slow_down = Reply.failure(429, "slow down", retry_after="0.02")
    options = LoopOptions(llm_backoff_ms=60_000, llm_retries=1)
    run = await run_over_http(api, [slow_down, Reply.text("done")], options=options)
    (retry,) = run.of("llm_retry")
    assert (retry.delay_ms, retry.category) == (20, ProviderErrorCategory.RATE_LIMIT)
    assert run.result.text == "done"


@on_every_api
async def test_loop_7_10_an_empty_reply_that_cost_tokens_is_retried_and_counted(api: str) -> None:
    empty = Reply(usage=(10, 7))
    run = await run_over_http(api, [empty, empty, Reply.text("there")], options=AT_ONCE)
    assert run.result.text == "there"
    assert run.result.trace["empty_completion_retries"] == 2
    categories = [event.category for event in run.of("llm_retry")]
    assert categories == [ProviderErrorCategory.EMPTY_COMPLETION] * 2


@on_every_api
async def test_loop_10_22_reasoning_without_an_answer_is_retried_and_never_shown_as_one(
    api: str,
) -> None:
    only_thought = Reply(usage=(10, 7)).thinking("##DONE## is near")
    run = await run_over_http(api, [only_thought, Reply.text("there")], options=AT_ONCE)
    assert run.text_shown() == run.result.text == "there"
    assert run.result.trace["empty_completion_retries"] == 1
    assert all("is near" not in json.dumps(message) for message in run.result.messages)


@on_every_api
async def test_loop_7_10_an_empty_reply_that_cost_nothing_is_a_turn_of_its_own(api: str) -> None:
    run = await run_over_http(api, [Reply(usage=(10, 0))], options=AT_ONCE)
    assert (run.result.status, run.result.text) == (LoopStatus.DONE, "")
    assert [message["role"] for message in run.result.messages] == ["user"]
    assert run.result.trace["empty_completion_retries"] == 0


async def test_loop_10_50_a_history_that_is_too_long_is_compacted_before_the_first_call() -> None:
    past: tuple[JsonObject, ...] = (
        {"role": "user", "content": "old words " * 2000},
        {"role": "assistant", "content": "an old answer"},
    )
    run = await run_over_http(
        "openai",
        [Reply.text("They spoke."), Reply.text("done")],
        options=LoopOptions(compaction="summarize_all", compact_threshold=2000),
        request=LoopRequest("and now", history=past),
    )
    assert [event.mode for event in run.of("transcript_compacted")] == ["preflight"]
    assert "They spoke." in json.dumps(items_of(run.bodies[1]))
    assert "old words" not in json.dumps(items_of(run.bodies[1]))
    types = [event.type for event in run.events]
    assert types.index("transcript_compacted") < types.index("turn_start")


async def test_loop_10_50_a_request_that_is_too_long_is_compacted_once_and_sent_again() -> None:
    too_long = Reply.failure(400, "maximum context length is 10 tokens")
    replies = [
        Reply.tools(ToolCall("look", {"path": "a" * 400})),
        too_long,
        Reply.text("They looked at a file."),
        Reply.text("done"),
    ]
    run = await run_over_http("openai", replies, tools=(LOOK,), options=AT_ONCE)
    assert run.result.text == "done"
    (compacted,) = run.of("transcript_compacted")
    assert compacted.mode == "overflow"
    assert [event.category for event in run.of("llm_retry")] == ["context_overflow"]
    assert "They looked at a file." in json.dumps(items_of(run.bodies[3])[0])


class PacedScript(Script):
    is_paced = True


def test_loop_10_43_the_waits_of_a_call_double_from_the_base_on() -> None:
    async def scenario() -> tuple[list[int], float]:
        loop = asyncio.get_running_loop()
        busy = ProviderError("busy", category=ProviderErrorCategory.OVERLOADED)
        replies = [*(Scripted(error=busy) for _ in range(4)), Scripted("at last")]
        setup = Setup(replies)
        setup.provider = PacedScript(replies)
        begun = loop.time()
        run = await setup.run()
        assert run.result.text == "at last"
        return [event.delay_ms for event in run.of("llm_retry")], loop.time() - begun

    with asyncio.Runner(loop_factory=InstantLoop) as runner:
        delays, waited_s = runner.run(scenario())
    assert delays == [2000, 4000, 8000, 16000]
    assert 30 <= waited_s < 31


@contextmanager
def _servers(*scripts: Sequence[Reply]) -> Iterator[list[StreamingServer]]:
    with ExitStack() as stack:
        yield [stack.enter_context(StreamingServer(script)) for script in scripts]


def _chain(first: StreamingServer, *others: StreamingServer, api: str = "openai") -> Provider:
    settings = [
        ProviderSettings(f"server-{place}", api, f"model-{place}", server.base_url)
        for place, server in enumerate((first, *others))
    ]
    return build_with_fallbacks(settings[0], settings[1:])


@on_every_api
async def test_loop_7_11_a_switch_of_providers_voids_what_was_streamed(api: str) -> None:
    looked = Reply.tools(ToolCall("look", {}, "c1"), text="I will lo").cut_after(4)
    with _servers([looked], [Reply.text("It is there.")]) as servers:
        run = await run_on(
            _chain(*servers, api=api), model="model-0", tools=(LOOK,), options=AT_ONCE
        )
        assert [len(server.requests) for server in servers] == [1, 1]
        assert servers[1].requests[0].body["model"] == "model-1"
    assert run.result.text == "It is there."
    assert run.result.messages[-1]["content"] == "It is there."
    (switch,) = run.of("llm_retry")
    assert (switch.attempt, switch.delay_ms) == (1, 0)
    assert switch.category is ProviderErrorCategory.TRANSIENT_NETWORK
    assert "server-0 failed" in switch.message
    assert "server-1 with model-1" in switch.message
    assert shown_at_the_end(run) == "It is there."
    announced = {event.tool_call_id for event in run.of("tool_call")}
    ended = {e.tool_call_id for e in run.of("tool_call_update") if e.status.is_terminal}
    assert announced == ended


async def test_loop_7_11_when_all_fail_all_are_tried_again_and_the_first_error_counts() -> None:
    busy, refused = Reply.failure(503, "first is busy"), Reply.failure(401, "second refuses")
    with _servers([busy] * 3, [refused] * 3) as servers:
        run = await run_on(_chain(*servers), model="model-0", options=AT_ONCE)
        assert [len(server.requests) for server in servers] == [3, 3]
    assert run.result.status is LoopStatus.ERROR
    assert "first is busy" in str(run.result.error)
    assert "second refuses" in str(run.result.error)


async def test_loop_7_11_a_fault_of_the_request_is_not_tried_elsewhere() -> None:
    with _servers([Reply.failure(400, "no such field")], [Reply.text("yes")]) as servers:
        run = await run_on(_chain(*servers), model="model-0", options=AT_ONCE)
        assert servers[1].requests == []
    assert run.result.status is LoopStatus.ERROR


async def _priced(first: Sequence[Reply], other: Sequence[Reply]) -> HttpRun:
    """Run a model at 7 USD a million tokens, with gpt-4o to turn to."""
    with _servers(first, other) as servers:
        settings = [
            ProviderSettings("own", "openai", "my-model", servers[0].base_url),
            ProviderSettings("other", "openai", "gpt-4o", servers[1].base_url),
        ]
        return await run_on(
            build_with_fallbacks(settings[0], settings[1:]),
            model="my-model",
            options=AT_ONCE,
            model_facts=ModelFacts(input_price=7.0, output_price=1.0),
        )


async def test_loop_7_11_the_model_that_answered_sets_the_price() -> None:
    answer = Reply.text("in its place").using(1_000_000, 0)
    run = await _priced([Reply.failure(503, "busy")], [answer])
    assert run.result.cost_usd == pytest.approx(lookup("gpt-4o").input_price)


async def test_loop_7_11_the_price_of_a_fallback_ends_with_its_attempt() -> None:
    answer = Reply.text("after all").using(1_000_000, 0)
    run = await _priced([Reply.failure(503, "busy"), answer], [Reply.failure(503, "busy too")])
    assert run.result.text == "after all"
    assert run.result.cost_usd == pytest.approx(7.0)
    assert [event.attempt for event in run.of("llm_retry")] == [1, 2]


class _Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def _limited(server: StreamingServer, clock: _Clock) -> Provider:
    settings = ProviderSettings("local", "openai", "m", server.base_url, rpm=2)
    limits = RateLimits({}, clock=clock, sleep=clock.sleep)
    return build_provider(settings, environment={}, limits=limits)


async def test_loop_7_11_calls_wait_until_the_window_has_room() -> None:
    clock = _Clock()
    looked = Reply.tools(ToolCall("look", {"n": "1"}))
    again = Reply.tools(ToolCall("look", {"n": "2"}))
    with StreamingServer([looked, again, Reply.text("done")]) as server:
        run = await run_on(_limited(server, clock), tools=(LOOK,), options=AT_ONCE)
    assert run.result.text == "done"
    assert clock.slept == [60.0]


async def test_loop_7_11_retries_count_and_summaries_do_not() -> None:
    clock = _Clock()
    options = LoopOptions(
        llm_backoff_ms=0, llm_retries=1, compaction="summarize_all", compact_threshold=900
    )
    replies: list[Any] = [
        Reply.failure(503, "busy"),
        Reply.tools(ToolCall("look", {"path": "a" * 8000})),
        Reply.text("A summary."),
        Reply.text("done"),
    ]
    with StreamingServer(replies) as server:
        run = await run_on(_limited(server, clock), tools=(LOOK,), options=options)
        assert len(server.requests) == 4
    assert run.result.text == "done"
    assert clock.slept == [60.0]


async def test_loop_7_11_disabled_calls_end_the_run_before_anything_is_sent() -> None:
    with StreamingServer([]) as server:
        settings = ProviderSettings("local", "openai", "m", server.base_url)
        provider = build_provider(settings, environment={"HARN_LLM_CALLS_DISABLED": "1"})
        run = await run_on(provider)
        assert server.requests == []
    assert run.result.status is LoopStatus.ERROR
    assert "HARN_LLM_CALLS_DISABLED" in str(run.result.error)
