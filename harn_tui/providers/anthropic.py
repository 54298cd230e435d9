"""The provider for Anthropic Messages and the servers that speak it."""

from dataclasses import replace
from typing import ClassVar

from harn_tui.providers.anthropic_reply import AnthropicReplyParser
from harn_tui.providers.anthropic_request import anthropic_body, sends_prefill
from harn_tui.providers.base import Completion, CompletionRequest, OnDelta
from harn_tui.providers.http_provider import HttpProvider, ServerApi
from harn_tui.providers.vendors import (
    ANTHROPIC_API_VERSION,
    ANTHROPIC_BASE_URL,
    ANTHROPIC_HOST,
    ANTHROPIC_KEY_ENV,
)


class AnthropicProvider(HttpProvider):
    """Messages over HTTP."""

    api: ClassVar = ServerApi(ANTHROPIC_BASE_URL, "messages", ANTHROPIC_HOST, ANTHROPIC_KEY_ENV)

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Return the assistant's turn (docs in ``providers.base.Provider``)."""
        key = self._key()
        version = {"anthropic-version": ANTHROPIC_API_VERSION}
        reply = await self._reply(
            request,
            on_delta,
            headers=version | ({"x-api-key": key} if key else {}),
            body=anthropic_body(request),
            parser=AnthropicReplyParser(request.model, on_delta),
        )
        return replace(reply, prefill_sent=sends_prefill(request))
