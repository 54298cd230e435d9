"""The provider for OpenAI Chat Completions and every server that speaks it."""

from dataclasses import replace
from typing import ClassVar

from harn_tui.providers.base import Completion, CompletionRequest, OnDelta
from harn_tui.providers.http_provider import HttpProvider, ServerApi
from harn_tui.providers.openai_chat_reply import ChatReplyParser
from harn_tui.providers.openai_chat_request import chat_body, sends_prefill
from harn_tui.providers.vendors import OPENAI_BASE_URL, OPENAI_HOST, OPENAI_KEY_ENV


class OpenAIChatProvider(HttpProvider):
    """Chat Completions over HTTP."""

    api: ClassVar = ServerApi(OPENAI_BASE_URL, "chat/completions", OPENAI_HOST, OPENAI_KEY_ENV)

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Return the assistant's turn (docs in ``providers.base.Provider``)."""
        is_official = self._endpoint.is_official
        reply = await self._reply(
            request,
            on_delta,
            headers=self._bearer(),
            body=chat_body(request, is_official=is_official),
            parser=ChatReplyParser(request.model, on_delta, has_think_spans=not is_official),
        )
        return replace(reply, prefill_sent=sends_prefill(request, is_official))
