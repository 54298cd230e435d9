"""The provider for Ollama's own API."""

from dataclasses import replace
from typing import ClassVar

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.base import Completion, CompletionRequest, OnDelta
from harn_tui.providers.error_body import clean_text
from harn_tui.providers.http_provider import HttpProvider, ServerApi
from harn_tui.providers.json_lines import JsonLineDecoder
from harn_tui.providers.ollama_reply import OllamaReplyParser
from harn_tui.providers.ollama_request import ollama_body
from harn_tui.providers.vendors import OLLAMA_BASE_URL, OLLAMA_HOST, OLLAMA_KEY_ENV


class OllamaProvider(HttpProvider):
    """``/api/chat`` over HTTP. Only the vendor's own server in the network needs a key."""

    api: ClassVar = ServerApi(
        OLLAMA_BASE_URL,
        "api/chat",
        OLLAMA_HOST,
        OLLAMA_KEY_ENV,
        is_versioned=False,
        new_decoder=JsonLineDecoder,
    )

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Return the assistant's turn (docs in ``providers.base.Provider``)."""
        try:
            reply = await self._reply(
                request,
                on_delta,
                headers=self._bearer(),
                body=ollama_body(request, self._settings),
                parser=OllamaReplyParser(request.model, on_delta),
            )
        except ProviderError as error:
            error.hint = self._advice(error, request.model) or error.hint
            raise
        return replace(reply, prefill_sent=bool(request.prefill))

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
