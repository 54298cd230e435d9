"""The provider for the OpenAI Responses API and the servers that speak it."""

from typing import ClassVar

from harn_tui.providers.base import Completion, CompletionRequest, OnDelta
from harn_tui.providers.http_provider import HttpProvider, ServerApi
from harn_tui.providers.openai_responses_reply import ResponsesReplyParser
from harn_tui.providers.openai_responses_request import responses_body
from harn_tui.providers.vendors import OPENAI_BASE_URL, OPENAI_HOST, OPENAI_KEY_ENV


class OpenAIResponsesProvider(HttpProvider):
    """Responses over HTTP."""

    api: ClassVar = ServerApi(OPENAI_BASE_URL, "responses", OPENAI_HOST, OPENAI_KEY_ENV)

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Return the assistant's turn (docs in ``providers.base.Provider``)."""
        return await self._reply(
            request,
            on_delta,
            headers=self._bearer(),
            body=responses_body(request),
            parser=ResponsesReplyParser(request.model, on_delta),
        )
