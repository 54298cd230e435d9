"""Statements of the reference on failed model calls, corrected as loop 10.6 and 10.7 say."""

import pytest

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.providers.base import CompletionRequest, Delta, ProviderSettings, ToolCallStarted
from harn_tui.providers.factory import build_provider
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer

REQUEST = CompletionRequest("m", ({"role": "user", "content": "Hi"},))


async def failure(reply: Reply) -> ProviderError:
    """Return what the adapter makes of ``reply`` from a real server."""
    with StreamingServer([reply]) as server:
        provider = build_provider(ProviderSettings("test", "openai", "m", server.base_url))
        with pytest.raises(ProviderError) as caught:
            await provider.complete(REQUEST, lambda _: None)
        await provider.aclose()
    return caught.value


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (400, Category.INVALID_REQUEST),
        (401, Category.AUTH),
        (402, Category.QUOTA),
        (403, Category.AUTH),
        (404, Category.NOT_FOUND),
        (408, Category.TIMEOUT),
        (410, Category.NOT_FOUND),
        (413, Category.INVALID_REQUEST),
        (422, Category.INVALID_REQUEST),
        (429, Category.RATE_LIMIT),
        (500, Category.SERVER_ERROR),
        (502, Category.SERVER_ERROR),
        (503, Category.OVERLOADED),
        (504, Category.TIMEOUT),
        (522, Category.TIMEOUT),
        (524, Category.TIMEOUT),
        (529, Category.OVERLOADED),
        (599, Category.SERVER_ERROR),
    ],
)
async def test_loop_7_2_the_status_says_what_failed(status: int, category: Category) -> None:
    error = await failure(Reply.failure(status, "no details"))
    assert (error.category, error.status) == (category, status)


@pytest.mark.parametrize(
    ("status", "text", "category"),
    [
        (400, "cost $500.1234 exceeds, see 503", Category.INVALID_REQUEST),
        (400, "service unavailable, overloaded, timeout", Category.INVALID_REQUEST),
        (401, "too many requests", Category.AUTH),
    ],
)
async def test_loop_10_7_nothing_is_guessed_from_the_text(
    status: int, text: str, category: Category
) -> None:
    assert (await failure(Reply.failure(status, text))).category is category


@pytest.mark.parametrize("code", ["insufficient_quota", "billing_hard_limit_reached"])
async def test_loop_10_7_an_exhausted_quota_is_not_sent_again(code: str) -> None:
    error = await failure(Reply.failure(429, "You exceeded your quota.", code=code))
    assert error.category is Category.QUOTA
    assert not error.is_transient


@pytest.mark.parametrize("status", [400, 413, 429, 500, 503])
async def test_loop_9_16_an_overflow_is_one_whatever_the_status(status: int) -> None:
    error = await failure(
        Reply.failure(status, "This model's maximum context length is 8192 tokens; retry later.")
    )
    assert error.category is Category.CONTEXT_OVERFLOW
    assert not error.is_transient


async def test_loop_10_6_retry_after_travels_as_a_number() -> None:
    error = await failure(Reply.failure(429, "slow down", retry_after="12"))
    assert (error.category, error.retry_after_s) == (Category.RATE_LIMIT, 12.0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("2.5 seconds", 2.5),
        ("0.5", 0.5),
        ("600", 60.0),
        ("-1", 0.0),
        ("Tue, 24 Nov 2020 12:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
async def test_loop_7_3_retry_after_is_read_in_every_form(
    value: str, seconds: float | None
) -> None:
    error = await failure(Reply.failure(503, "busy", retry_after=value))
    assert error.retry_after_s == seconds


async def test_loop_9_16_an_opaque_500_is_the_servers_own_error() -> None:
    error = await failure(Reply.failure(500, "oops"))
    assert (error.category, error.retry_after_s) == (Category.SERVER_ERROR, None)


async def test_loop_9_16_an_error_in_the_middle_of_a_stream_is_classified_too() -> None:
    overflow = "the request exceeds the available context size"
    error = await failure(Reply.text("one two three").failing_after(1, overflow, 400))
    assert error.category is Category.CONTEXT_OVERFLOW
    error = await failure(Reply.text("one two three").failing_after(1, "oops", 500))
    assert error.category is Category.SERVER_ERROR


@pytest.mark.parametrize(
    "reply",
    [
        Reply.text("one two three").cut_after(2),
        Reply.text("one two three").truncated_after(2),
        Reply.text("one two three").malformed_after(2),
        Reply.text("one two three").finishing("abort"),
    ],
)
async def test_loop_10_21_half_a_reply_is_a_passing_failure(reply: Reply) -> None:
    error = await failure(reply)
    assert error.is_transient


@pytest.mark.parametrize(
    "reply",
    [
        Reply(usage=(10, 7)),
        Reply(usage=(10, 7)).thinking("private"),
        Reply.text("<think>private</think>").using(10, 7),
    ],
)
async def test_loop_7_10_tokens_without_content_are_an_empty_completion(reply: Reply) -> None:
    error = await failure(reply)
    assert error.category is Category.EMPTY_COMPLETION
    assert "completion_tokens=7" in error.message
    assert "private" not in str(error).replace("private reasoning", "")


async def test_loop_7_10_an_empty_reply_that_cost_nothing_is_a_reply() -> None:
    with StreamingServer([Reply(usage=(10, 0))]) as server:
        provider = build_provider(ProviderSettings("test", "openai", "m", server.base_url))
        reply = await provider.complete(REQUEST, lambda _: None)
        await provider.aclose()
    assert (reply.text, reply.tool_calls) == ("", ())


async def test_loop_10_20_parallel_calls_keep_their_order_and_broken_arguments_are_told() -> None:
    calls = (
        ToolCall("first", {"n": 1}, "c1"),
        ToolCall("second", '{"n": ', "c2"),
        ToolCall("third", {"n": 3}, "c3"),
    )
    deltas: list[Delta] = []
    with StreamingServer([Reply.tools(*calls)]) as server:
        provider = build_provider(ProviderSettings("test", "openai", "m", server.base_url))
        reply = await provider.complete(REQUEST, deltas.append)
        await provider.aclose()
    assert [(call.id, call.arguments) for call in reply.tool_calls] == [
        ("c1", {"n": 1}),
        ("c2", None),
        ("c3", {"n": 3}),
    ]
    assert reply.tool_calls[1].parse_error is not None
    announced = [delta for delta in deltas if isinstance(delta, ToolCallStarted)]
    assert [delta.name for delta in announced] == ["first", "second", "third"]
