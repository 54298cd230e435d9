"""Asking a server which models it has."""

import asyncio

import httpx
import pytest

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonValue
from harn_tui.providers.base import ProviderSettings
from harn_tui.providers.http import JsonClient
from harn_tui.providers.model_list import MOST_MODELS, ask_for_models, list_models

OPENAI = ProviderSettings("here", "openai", "m", "http://localhost:8080/v1")
OLLAMA = ProviderSettings("ollama", "ollama", "m", "http://localhost:11434")


class Server:
    """Answers every request with the same JSON, and keeps what was asked."""

    def __init__(self, answer: JsonValue, status: int = 200) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer
        self._status = status

    def client(self) -> JsonClient:
        return JsonClient(transport=httpx.MockTransport(self._take))

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self._status, json=self._answer)


async def test_models_are_listed_in_the_order_of_the_server() -> None:
    server = Server({"data": [{"id": "b"}, {"id": "a"}, {"id": "b"}, {"name": ""}, {}, 3]})
    assert await list_models(OPENAI, server.client) == ("b", "a")
    assert [str(r.url) for r in server.requests] == ["http://localhost:8080/v1/models"]
    assert server.requests[0].method == "GET"


async def test_ollama_is_asked_in_its_own_way() -> None:
    server = Server({"models": [{"name": "qwen3:8b"}]})
    assert await list_models(OLLAMA, server.client) == ("qwen3:8b",)
    assert [str(r.url) for r in server.requests] == ["http://localhost:11434/api/tags"]


async def test_vendor_is_asked_with_the_key() -> None:
    server = Server({"data": [{"id": "claude"}]})
    settings = ProviderSettings("anthropic", "anthropic", "m", api_key="k")
    assert await list_models(settings, server.client) == ("claude",)
    assert server.requests[0].headers["x-api-key"] == "k"
    assert str(server.requests[0].url).endswith("/v1/models?limit=1000")


@pytest.mark.parametrize("kind", ["demo", "scripted"])
async def test_what_has_no_server_is_not_asked(kind: str) -> None:
    server = Server({})
    assert await list_models(ProviderSettings(kind, kind, "m"), server.client) is None
    assert server.requests == []


async def test_failure_is_not_an_empty_list() -> None:
    assert await list_models(OPENAI, Server({}, status=500).client) is None
    assert await list_models(OPENAI, Server({"data": []}).client) == ()


@pytest.mark.parametrize("answer", [[], "x", 3, {"data": "x"}, {"models": {"a": 1}}])
async def test_odd_answers_list_nothing(answer: JsonValue) -> None:
    assert await list_models(OPENAI, Server(answer).client) == ()


async def test_endless_lists_are_cut() -> None:
    entries: list[JsonValue] = [{"id": f"m{n}"} for n in range(MOST_MODELS + 9)]
    listed = await list_models(OPENAI, Server({"data": [{"id": "x" * 999}, *entries]}).client)
    assert listed is not None
    assert (len(listed), listed[0]) == (MOST_MODELS, "m0")


async def test_who_does_not_tell_says_why() -> None:
    with pytest.raises(ProviderError, match="localhost:8080 answered 500 Internal Server Error"):
        await ask_for_models(OPENAI, Server({}, status=500).client)
    keyless = ProviderSettings("anthropic", "anthropic", "m")
    with pytest.raises(ProviderError, match="no key.*ANTHROPIC_API_KEY"):
        await ask_for_models(keyless, Server({}).client)

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    def gone() -> JsonClient:
        return JsonClient(transport=httpx.MockTransport(refuse))

    with pytest.raises(ProviderError, match="localhost:8080 does not take a connection"):
        await ask_for_models(OPENAI, gone)


async def test_a_silent_server_is_not_waited_for_beyond_the_deadline() -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError(request)

    def silent() -> JsonClient:
        return JsonClient(transport=httpx.MockTransport(never))

    with pytest.raises(ProviderError, match=r"did not answer within 0\.01 s"):
        await ask_for_models(OPENAI, silent, timeout_s=0.01)
