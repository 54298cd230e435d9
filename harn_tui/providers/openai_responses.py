"""The provider for the OpenAI Responses API and the servers that speak it."""

from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    OnDelta,
    ProviderSettings,
)
from harn_tui.providers.endpoint import endpoint_below, key_hint, usable_key
from harn_tui.providers.http import HttpStreamer
from harn_tui.providers.openai_chat import OPENAI_BASE_URL, OPENAI_HOST, OPENAI_KEY_ENV
from harn_tui.providers.openai_responses_reply import ResponsesReplyParser
from harn_tui.providers.openai_responses_request import responses_body
from harn_tui.providers.reply_stream import read_reply


class OpenAIResponsesProvider:
    """Responses over HTTP. A custom ``base_url`` needs no key, and none is sent then."""

    def __init__(self, settings: ProviderSettings, http: HttpStreamer | None = None) -> None:
        self._settings = settings
        self._endpoint = endpoint_below(
            settings.base_url or OPENAI_BASE_URL, "responses", OPENAI_HOST
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
        body = responses_body(request)
        async with self._http.stream_events(
            self._endpoint, headers, body, timeout_s=request.timeout_s
        ) as events:
            on_delta(Accepted())
            return await read_reply(events, ResponsesReplyParser(request.model, on_delta))

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()
