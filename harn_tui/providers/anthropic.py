"""The provider for Anthropic Messages and the servers that speak it."""

from dataclasses import replace

from harn_tui.providers.anthropic_reply import AnthropicReplyParser
from harn_tui.providers.anthropic_request import anthropic_body, sends_prefill
from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    OnDelta,
    ProviderSettings,
)
from harn_tui.providers.endpoint import endpoint_below, key_hint, usable_key
from harn_tui.providers.http import HttpStreamer
from harn_tui.providers.reply_stream import read_reply

ANTHROPIC_BASE_URL = "https://api.anthropic.com/v1"
ANTHROPIC_HOST = "api.anthropic.com"
ANTHROPIC_KEY_ENV = "ANTHROPIC_API_KEY"
ANTHROPIC_API_VERSION = "2023-06-01"


class AnthropicProvider:
    """Messages over HTTP. A custom ``base_url`` needs no key, and none is sent then."""

    def __init__(self, settings: ProviderSettings, http: HttpStreamer | None = None) -> None:
        self._settings = settings
        self._endpoint = endpoint_below(
            settings.base_url or ANTHROPIC_BASE_URL, "messages", ANTHROPIC_HOST
        )
        self._http = http or HttpStreamer(
            timeout_s=settings.timeout_s,
            secrets=(settings.api_key or "",),
            auth_hint=key_hint(ANTHROPIC_KEY_ENV),
        )

    @property
    def name(self) -> str:
        """The configured name."""
        return self._settings.name

    @property
    def is_paced(self) -> bool:
        """A real server: retries wait."""
        return True

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Return the assistant's turn (docs in ``providers.base.Provider``)."""
        key = usable_key(self._settings, self._endpoint, ANTHROPIC_KEY_ENV)
        headers = {"anthropic-version": ANTHROPIC_API_VERSION}
        if key:
            headers["x-api-key"] = key
        body = anthropic_body(request)
        async with self._http.stream_events(
            self._endpoint, headers, body, timeout_s=request.timeout_s
        ) as events:
            on_delta(Accepted())
            reply = await read_reply(events, AnthropicReplyParser(request.model, on_delta))
        return replace(reply, prefill_sent=sends_prefill(request))

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()
