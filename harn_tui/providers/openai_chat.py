"""The provider for OpenAI Chat Completions and every server that speaks it."""

from dataclasses import replace

from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    OnDelta,
    ProviderSettings,
)
from harn_tui.providers.endpoint import endpoint_below, key_hint, usable_key
from harn_tui.providers.http import HttpStreamer
from harn_tui.providers.openai_chat_reply import ChatReplyParser
from harn_tui.providers.openai_chat_request import chat_body, sends_prefill
from harn_tui.providers.reply_stream import read_reply

OPENAI_BASE_URL = "https://api.openai.com/v1"
OPENAI_HOST = "api.openai.com"
OPENAI_KEY_ENV = "OPENAI_API_KEY"


class OpenAIChatProvider:
    """Chat Completions over HTTP. A custom ``base_url`` needs no key, and none is sent then."""

    def __init__(self, settings: ProviderSettings, http: HttpStreamer | None = None) -> None:
        self._settings = settings
        self._endpoint = endpoint_below(
            settings.base_url or OPENAI_BASE_URL, "chat/completions", OPENAI_HOST
        )
        self._http = http or HttpStreamer(
            timeout_s=settings.timeout_s,
            secrets=(settings.api_key or "",),
            auth_hint=key_hint(OPENAI_KEY_ENV),
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
        key = usable_key(self._settings, self._endpoint, OPENAI_KEY_ENV)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        is_official = self._endpoint.is_official
        body = chat_body(request, is_official=is_official)
        parser = ChatReplyParser(request.model, on_delta, has_think_spans=not is_official)
        async with self._http.stream_events(
            self._endpoint, headers, body, timeout_s=request.timeout_s
        ) as events:
            on_delta(Accepted())
            reply = await read_reply(events, parser)
        return replace(reply, prefill_sent=sends_prefill(request, is_official))

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()
