"""What the providers over HTTP share: the address, the key, the connection, one streamed reply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from harn_tui.json_types import JsonObject
from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    OnDelta,
    ProviderSettings,
)
from harn_tui.providers.endpoint import endpoint_below, key_hint, unversioned_endpoint, usable_key
from harn_tui.providers.event_decoder import EventDecoder
from harn_tui.providers.http import HttpStreamer
from harn_tui.providers.reply_stream import ReplyParser, read_reply
from harn_tui.providers.sse import SseDecoder


@dataclass(frozen=True, slots=True)
class ServerApi:
    """One API of model servers.

    ``path`` stands below the base URL, behind a version segment when ``is_versioned``.
    ``official_host`` is the vendor's own server, which needs the key that ``key_env`` holds.
    ``new_decoder`` makes what cuts one response into events.
    """

    base_url: str
    path: str
    official_host: str
    key_env: str
    is_versioned: bool = True
    new_decoder: Callable[[], EventDecoder] = SseDecoder


class HttpProvider:
    """A provider of ``api``. A custom ``base_url`` needs no key, and none is sent then."""

    api: ClassVar[ServerApi]

    def __init__(self, settings: ProviderSettings, http: HttpStreamer | None = None) -> None:
        api = self.api
        place = endpoint_below if api.is_versioned else unversioned_endpoint
        self._settings = settings
        self._endpoint = place(settings.base_url or api.base_url, api.path, api.official_host)
        self._http = http or HttpStreamer(
            timeout_s=settings.timeout_s,
            secrets=(settings.api_key or "",),
            auth_hint=key_hint(api.key_env),
            new_decoder=api.new_decoder,
        )

    @property
    def name(self) -> str:
        """The configured name."""
        return self._settings.name

    @property
    def is_paced(self) -> bool:
        """A real server: retries wait."""
        return True

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()

    def _key(self) -> str | None:
        """Return the key to send. Raises ProviderError (auth) as ``usable_key`` does."""
        return usable_key(self._settings, self._endpoint, self.api.key_env)

    def _bearer(self) -> dict[str, str]:
        """Return the header of RFC 6750 with the key, or none."""
        key = self._key()
        return {"Authorization": f"Bearer {key}"} if key else {}

    async def _reply(
        self,
        request: CompletionRequest,
        on_delta: OnDelta,
        *,
        headers: Mapping[str, str],
        body: JsonObject,
        parser: ReplyParser,
    ) -> Completion:
        """Send ``body`` and return the reply that ``parser`` reads."""
        async with self._http.stream_events(
            self._endpoint, headers, body, timeout_s=request.timeout_s
        ) as events:
            on_delta(Accepted())
            return await read_reply(events, parser)
