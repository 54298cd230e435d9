"""The provider for Ollama's own API."""

from dataclasses import replace

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    OnDelta,
    ProviderSettings,
)
from harn_tui.providers.endpoint import key_hint, unversioned_endpoint, usable_key
from harn_tui.providers.error_body import clean_text
from harn_tui.providers.http import HttpStreamer
from harn_tui.providers.json_lines import JsonLineDecoder
from harn_tui.providers.ollama_reply import OllamaReplyParser
from harn_tui.providers.ollama_request import ollama_body
from harn_tui.providers.reply_stream import read_reply

OLLAMA_BASE_URL = "http://127.0.0.1:11434"
OLLAMA_HOST = "ollama.com"
OLLAMA_KEY_ENV = "OLLAMA_API_KEY"


class OllamaProvider:
    """``/api/chat`` over HTTP. Only the vendor's own server in the network needs a key."""

    def __init__(self, settings: ProviderSettings, http: HttpStreamer | None = None) -> None:
        self._settings = settings
        self._endpoint = unversioned_endpoint(
            settings.base_url or OLLAMA_BASE_URL, "api/chat", OLLAMA_HOST
        )
        self._http = http or HttpStreamer(
            timeout_s=settings.timeout_s,
            secrets=(settings.api_key or "",),
            auth_hint=key_hint(OLLAMA_KEY_ENV),
            new_decoder=JsonLineDecoder,
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
        key = usable_key(self._settings, self._endpoint, OLLAMA_KEY_ENV)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        body = ollama_body(request, self._settings)
        try:
            async with self._http.stream_events(
                self._endpoint, headers, body, timeout_s=request.timeout_s
            ) as events:
                on_delta(Accepted())
                reply = await read_reply(events, OllamaReplyParser(request.model, on_delta))
        except ProviderError as error:
            error.hint = self._advice(error, request.model) or error.hint
            raise
        return replace(reply, prefill_sent=bool(request.prefill))

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()

    def _advice(self, error: ProviderError, model: str) -> str | None:
        """Return what to do about a refusal that this server alone gives, ``None`` for others."""
        said = error.message.partition(": ")[2].lower()
        if error.category is ProviderErrorCategory.CONTEXT_OVERFLOW:
            table = f"providers.{self.name}.context_window"
            return f"Ollama sets few tokens aside unless it is told how many: raise {table}."
        if error.category is ProviderErrorCategory.NOT_FOUND and "model" in said:
            if self._endpoint.is_official:
                return None
            name = clean_text(model)
            return f"Run `ollama pull {name}`, or name a model that `ollama list` shows."
        if "does not support tools" in said:
            return 'Name a model that takes tools, or set loop.tool_format to "text".'
        if "does not support thinking" in said:
            return "Name a model that thinks, or leave out loop.thinking_budget_tokens."
        return None
