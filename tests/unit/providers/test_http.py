import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.providers.base import Delta, Provider
from harn_tui.providers.openai_chat import OpenAIChatProvider
from tests.unit.providers.wire import (
    RecordingTransport,
    ask,
    body_of,
    parse,
    provider_over,
    request_of,
    settings_of,
)

KEY = "sk-very-secret-0123456789"
HELLO = body_of("aimock_openai_hello.sse")
JSON = {"content-type": "application/json"}
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def failure(transport: httpx.AsyncBaseTransport) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await ask(provider_over(transport, api_key=KEY))
    return caught.value


def error_body(**error: object) -> bytes:
    return json.dumps({"error": error}).encode()


@asynccontextmanager
async def local_server(handler: Handler) -> AsyncIterator[str]:
    """A real socket whose every connection is given to ``handler``."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await handler(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
        await server.wait_closed()


def chunked_head() -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )


def as_chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def real_provider(base_url: str, timeout_s: float = 30.0) -> Provider:
    return OpenAIChatProvider(settings_of("openai", base_url=base_url, timeout_s=timeout_s))


async def test_loop_10_06_the_servers_wish_to_wait_is_carried_as_a_number() -> None:
    transport = RecordingTransport(
        [error_body(message="slow down")], status=429, headers={**JSON, "retry-after": "12"}
    )
    error = await failure(transport)
    assert error.category is Category.RATE_LIMIT
    assert error.retry_after_s == 12.0
    assert error.status == 429


async def test_loop_10_07_the_status_decides_and_not_a_number_in_the_text() -> None:
    transport = RecordingTransport(
        [error_body(message="cost $500.1234 and 503 tokens")], status=400, headers=JSON
    )
    assert (await failure(transport)).category is Category.INVALID_REQUEST


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_says_what_to_do_and_never_shows_the_key(status: int) -> None:
    transport = RecordingTransport(
        [error_body(message=f"Incorrect API key provided: {KEY}")], status=status, headers=JSON
    )
    error = await failure(transport)
    assert error.category is Category.AUTH
    assert error.hint == "check the key"
    assert KEY not in str(error)
    assert "Incorrect API key" in error.message


async def test_an_unknown_model_names_the_address_that_was_asked() -> None:
    transport = RecordingTransport([error_body(message="no model m")], status=404, headers=JSON)
    error = await failure(transport)
    assert error.category is Category.NOT_FOUND
    assert "http://model.test:8080/v1/chat/completions" in str(error)


async def test_an_error_page_is_not_shown_as_text() -> None:
    page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
    transport = RecordingTransport([page], status=502, headers={"content-type": "text/html"})
    error = await failure(transport)
    assert error.category is Category.SERVER_ERROR
    assert "<" not in str(error)


async def test_an_endless_error_body_is_bounded() -> None:
    transport = RecordingTransport([b"x" * 65_536] * 64, status=500, headers={})
    assert len(str(await failure(transport))) < 700


async def test_terminal_control_sequences_of_a_server_do_not_survive() -> None:
    transport = RecordingTransport(
        [error_body(message="\x1b]0;owned\x07 bad\x9b31m")], status=400, headers=JSON
    )
    assert str(await failure(transport)).isprintable()


async def test_a_redirect_is_not_followed_with_the_key() -> None:
    transport = RecordingTransport(
        [], status=307, headers={"location": "https://elsewhere.test/v1"}
    )
    error = await failure(transport)
    assert not error.is_transient
    assert "https://elsewhere.test/v1" in str(error)
    assert len(transport.requests) == 1


async def test_a_web_page_in_place_of_a_stream_points_at_the_base_url() -> None:
    page = {"content-type": "text/html; charset=utf-8"}
    error = await failure(RecordingTransport([b"<html>hi</html>"], headers=page))
    assert error.category is Category.INVALID_RESPONSE
    assert "base_url" in str(error)


async def test_a_refused_request_is_never_announced_as_accepted() -> None:
    deltas: list[Delta] = []
    provider = provider_over(RecordingTransport([b"{}"], status=500, headers=JSON))
    with pytest.raises(ProviderError):
        await provider.complete(request_of(), deltas.append)
    await provider.aclose()
    assert deltas == []


@pytest.mark.parametrize(
    ("fault", "category"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), Category.TRANSIENT_NETWORK),
        (httpx.ConnectTimeout(""), Category.TIMEOUT),
        (httpx.PoolTimeout(""), Category.TIMEOUT),
        (httpx.ReadTimeout(""), Category.TIMEOUT),
        (httpx.WriteError("broken pipe"), Category.TRANSIENT_NETWORK),
        (httpx.RemoteProtocolError("Server disconnected"), Category.TRANSIENT_NETWORK),
        (httpx.ProxyError("407"), Category.TRANSIENT_NETWORK),
        (httpx.UnsupportedProtocol("ftp"), Category.INVALID_REQUEST),
        (
            httpx.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'"),
            Category.INVALID_REQUEST,
        ),
    ],
)
async def test_a_request_that_cannot_be_sent_is_typed_and_names_the_host(
    fault: httpx.TransportError, category: Category
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise fault

    error = await failure(httpx.MockTransport(refuse))
    assert error.category is category
    assert "model.test:8080" in str(error)
    assert KEY not in str(error)
    assert error.__cause__ is None


@pytest.mark.parametrize(
    ("fault", "category"),
    [
        (httpx.RemoteProtocolError("peer closed connection"), Category.TRANSIENT_NETWORK),
        (httpx.ReadError("reset"), Category.TRANSIENT_NETWORK),
        (httpx.ReadTimeout(""), Category.TIMEOUT),
        (httpx.DecodingError("bad gzip"), Category.TRANSIENT_NETWORK),
    ],
)
@pytest.mark.parametrize("cut", [0, 1, 250, 700])
async def test_loop_10_21_a_connection_that_breaks_within_a_reply_is_an_error(
    fault: httpx.RequestError, category: Category, cut: int
) -> None:
    error = await failure(RecordingTransport([HELLO[:cut]], fault=fault))
    assert error.category is category
    assert error.is_transient


async def test_a_connection_that_breaks_after_the_last_word_loses_nothing() -> None:
    cut = HELLO.index(b"data: [DONE]")
    transport = RecordingTransport([HELLO[:cut]], fault=httpx.ReadError("reset"))
    reply, _ = await ask(provider_over(transport))
    assert reply == parse("openai", [HELLO])


async def test_a_key_that_a_stream_error_repeats_is_hidden() -> None:
    body = b'data: {"error": {"message": "bad key ' + KEY.encode() + b'"}}\n\n'
    error = await failure(RecordingTransport([body]))
    assert "bad key" in str(error)
    assert KEY not in str(error)


async def test_a_refused_connection_says_where_and_what_to_check() -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError

    async with local_server(never) as base_url:
        pass
    with pytest.raises(ProviderError) as caught:
        await ask(real_provider(base_url))
    assert caught.value.category is Category.TRANSIENT_NETWORK
    assert base_url.removeprefix("http://") in caught.value.message
    assert "runs" in (caught.value.hint or "")


async def test_a_real_reply_over_a_socket_leaves_the_connection_usable() -> None:
    connections = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        for _ in range(2):
            writer.write(chunked_head() + as_chunk(HELLO) + b"0\r\n\r\n")
            await writer.drain()
            await reader.readuntil(b"\r\n\r\n")

    async with local_server(handler) as base_url:
        provider = real_provider(base_url)
        first = await provider.complete(request_of(), lambda _delta: None)
        second = await provider.complete(request_of(), lambda _delta: None)
        await provider.aclose()
    assert first == second == parse("openai", [HELLO])
    assert connections == 1


async def test_loop_10_21_a_socket_closed_within_a_chunked_reply_is_an_error() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(chunked_head() + as_chunk(HELLO[:400]))
        await writer.drain()

    async with local_server(handler) as base_url:
        with pytest.raises(ProviderError) as caught:
            await ask(real_provider(base_url))
    assert caught.value.category is Category.TRANSIENT_NETWORK


async def test_a_silent_server_times_out() -> None:
    released = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(chunked_head() + as_chunk(HELLO[:400]))
        await writer.drain()
        await released.wait()

    async with local_server(handler) as base_url:
        with pytest.raises(ProviderError) as caught:
            await ask(real_provider(base_url, timeout_s=0.2))
        released.set()
    assert caught.value.category is Category.TIMEOUT


async def test_a_server_that_never_hangs_up_does_not_hold_a_finished_reply() -> None:
    released = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(chunked_head() + as_chunk(HELLO))
        await writer.drain()
        await released.wait()

    async with local_server(handler) as base_url:
        reply, _ = await ask(real_provider(base_url, timeout_s=60))
        released.set()
    assert reply.text.startswith("Hello from aimock")


async def test_cancelling_a_call_closes_its_connection() -> None:
    hung_up = asyncio.Event()
    streaming = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(chunked_head() + as_chunk(HELLO[:400]))
        await writer.drain()
        while await reader.read(4096):
            continue
        hung_up.set()

    async with local_server(handler) as base_url:
        provider = real_provider(base_url)
        call = asyncio.create_task(provider.complete(request_of(), lambda _delta: streaming.set()))
        await streaming.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(hung_up.wait(), 10)
        await provider.aclose()


async def test_the_client_is_built_once_and_closing_twice_is_harmless() -> None:
    transport = RecordingTransport([HELLO])
    provider = provider_over(transport)
    for _ in range(2):
        await provider.complete(request_of(), lambda _delta: None)
    await provider.aclose()
    await provider.aclose()
    assert len(transport.requests) == 2


async def test_a_conversation_with_a_lone_surrogate_can_still_be_sent() -> None:
    transport = RecordingTransport([HELLO])
    await ask(provider_over(transport), request_of({"role": "user", "content": "a\ud800b"}))
    sent = json.loads(transport.requests[0].content)
    assert sent["messages"][0]["content"] == "a?b"


async def test_unusable_proxy_settings_are_an_error_that_names_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://user:hunter2@proxy.test")
    with pytest.raises(ProviderError) as caught:
        await ask(real_provider("http://model.test"))
    assert "ALL_PROXY" in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_a_request_may_bring_its_own_patience() -> None:
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(chunked_head())
        await writer.drain()
        await asyncio.Event().wait()

    async with local_server(silent) as base_url:
        provider = real_provider(base_url, timeout_s=30)
        with pytest.raises(ProviderError, match="was silent for 0.5 s") as caught:
            await ask(provider, request_of(timeout_s=0.5))
    assert caught.value.category is Category.TIMEOUT
