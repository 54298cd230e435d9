"""Recorded bodies and the seams through which tests feed them to the adapters."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import httpx

from harn_tui.json_types import JsonObject
from harn_tui.providers.anthropic import AnthropicProvider
from harn_tui.providers.anthropic_reply import AnthropicReplyParser
from harn_tui.providers.base import (
    Completion,
    CompletionRequest,
    Delta,
    OnDelta,
    Provider,
    ProviderSettings,
    ToolSchema,
)
from harn_tui.providers.event_decoder import EventDecoder
from harn_tui.providers.http import HttpStreamer
from harn_tui.providers.json_lines import JsonLineDecoder
from harn_tui.providers.ollama import OllamaProvider
from harn_tui.providers.ollama_reply import OllamaReplyParser
from harn_tui.providers.openai_chat import OpenAIChatProvider
from harn_tui.providers.openai_chat_reply import ChatReplyParser
from harn_tui.providers.openai_responses import OpenAIResponsesProvider
from harn_tui.providers.openai_responses_reply import ResponsesReplyParser
from harn_tui.providers.reply_stream import ReplyParser
from harn_tui.providers.sse import SseDecoder

WIRE = Path(__file__).parents[2] / "wire"

PARSERS: dict[str, Callable[[str, OnDelta], ReplyParser]] = {
    "openai": ChatReplyParser,
    "openai-responses": ResponsesReplyParser,
    "anthropic": AnthropicReplyParser,
    "ollama": OllamaReplyParser,
}

PROVIDERS: dict[str, Callable[[ProviderSettings, HttpStreamer], Provider]] = {
    "openai": OpenAIChatProvider,
    "openai-responses": OpenAIResponsesProvider,
    "anthropic": AnthropicProvider,
    "ollama": OllamaProvider,
}

READ_FILE = ToolSchema(
    "read_file",
    "Read a file.",
    {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
)


def kind_of(file_name: str) -> str:
    """The adapter for which a recorded body is meant."""
    if file_name.startswith("ollama"):
        return "ollama"
    if "anthropic" in file_name:
        return "anthropic"
    return "openai-responses" if "responses" in file_name else "openai"


def decoder_of(kind: str) -> EventDecoder:
    """What cuts the bytes of an adapter's stream."""
    return JsonLineDecoder() if kind == "ollama" else SseDecoder()


def body_of(file_name: str) -> bytes:
    return (WIRE / file_name).read_bytes()


def stream_of(*payloads: str) -> bytes:
    """The bytes of a stream with one ``data:`` event for each payload."""
    return "".join(f"data: {payload}\n\n" for payload in payloads).encode()


def lines_of(*payloads: str) -> bytes:
    """The bytes of a stream of JSON lines."""
    return "".join(f"{payload}\n" for payload in payloads).encode()


def parse(kind: str, chunks: Iterable[bytes], deltas: list[Delta] | None = None) -> Completion:
    """Decode and read ``chunks`` as one reply, without HTTP."""
    seen: list[Delta] = [] if deltas is None else deltas
    parser = PARSERS[kind]("requested-model", seen.append)
    decoder = decoder_of(kind)
    for chunk in chunks:
        for event in decoder.feed(chunk):
            parser.feed(event)
    for event in decoder.finish():
        parser.feed(event)
    return parser.completion()


def request_of(*messages: JsonObject, **fields: object) -> CompletionRequest:
    """A request with ``messages``, by default one short question."""
    asked: tuple[JsonObject, ...] = messages or ({"role": "user", "content": "Hello"},)
    return CompletionRequest(model=str(fields.pop("model", "m")), messages=asked, **fields)  # type: ignore[arg-type]


class RecordingTransport(httpx.AsyncBaseTransport):
    """Answers every request with the same response and keeps what was sent."""

    def __init__(
        self,
        chunks: Iterable[bytes],
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        fault: Exception | None = None,
    ) -> None:
        self._chunks = list(chunks)
        self._status = status
        self._headers = headers or {"content-type": "text/event-stream"}
        self._fault = fault
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        stream = _ChunkStream(self._chunks, self._fault)
        return httpx.Response(self._status, headers=self._headers, stream=stream, request=request)


class _ChunkStream(httpx.AsyncByteStream):
    def __init__(self, chunks: list[bytes], fault: Exception | None) -> None:
        self._chunks = chunks
        self._fault = fault

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
            await asyncio.sleep(0)
        if self._fault is not None:
            raise self._fault


def settings_of(kind: str, **fields: object) -> ProviderSettings:
    base: dict[str, object] = {
        "name": "test",
        "kind": kind,
        "model": "m",
        "base_url": "http://model.test:8080",
    }
    return ProviderSettings(**{**base, **fields})  # type: ignore[arg-type]


def provider_over(
    transport: httpx.AsyncBaseTransport, kind: str = "openai", **fields: object
) -> Provider:
    settings = settings_of(kind, **fields)
    http = HttpStreamer(
        timeout_s=settings.timeout_s,
        secrets=(settings.api_key or "",),
        auth_hint="check the key",
        new_decoder=lambda: decoder_of(kind),
        transport=transport,
    )
    return PROVIDERS[kind](settings, http)


async def ask(
    provider: Provider, request: CompletionRequest | None = None
) -> tuple[Completion, list[Delta]]:
    """Complete one request, close the provider, and return the reply with its deltas."""
    deltas: list[Delta] = []
    try:
        reply = await provider.complete(request or request_of(), deltas.append)
    finally:
        await provider.aclose()
    return reply, deltas
