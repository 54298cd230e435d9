import asyncio
import json

import httpx
import pytest

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import ProviderSettings
from harn_tui.providers.context_window import ContextWindowCache, discover_context_window
from harn_tui.providers.endpoint import address_beside
from harn_tui.providers.http import JsonClient
from tests.unit.providers.wire import settings_of

OLLAMA: JsonObject = {"version": "0.12.3"}
OPEN_ROUTER = {"id": "m", "top_provider": {"context_length": 4096}}


class Server:
    """Answers by path and keeps what it was asked; what has no answer is a 404."""

    def __init__(self, **answers: JsonValue) -> None:
        self.answers = {"/" + path.replace("__", "/"): value for path, value in answers.items()}
        self.requests: list[httpx.Request] = []
        self.clients = 0

    def client(self) -> JsonClient:
        self.clients += 1
        return JsonClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path not in self.answers:
            return httpx.Response(404, json={"error": "no"})
        answer = self.answers[request.url.path]
        if isinstance(answer, int):
            return httpx.Response(answer)
        return httpx.Response(200, json=answer)

    @property
    def asked(self) -> list[str]:
        return [request.url.path for request in self.requests]


async def discover(server: Server, model: str = "m", **settings: object) -> int | None:
    return await discover_context_window(
        settings_of("openai", **settings), model, server.client, ContextWindowCache()
    )


def models(*entries: JsonObject) -> JsonObject:
    return {"object": "list", "data": list(entries)}


async def test_loop_6_1_a_known_model_is_not_asked_for() -> None:
    server = Server()
    assert await discover(server, "claude-opus-4-1") == 200_000
    assert server.clients == 0


async def test_loop_6_1_ollama_is_asked_by_name_beside_the_versioned_address() -> None:
    server = Server(
        api__version=OLLAMA, api__show={"model_info": {"llama.context_length": 131_072}}
    )
    base_url = "http://model.test:11434/v1"
    assert await discover(server, "llama3:latest", base_url=base_url) == 131_072
    request = server.requests[-1]
    assert (request.method, request.url.path) == ("POST", "/api/show")
    assert json.loads(request.content) == {"model": "llama3:latest"}


async def test_a_provider_of_the_kind_ollama_is_asked_for_nothing_else() -> None:
    server = Server(
        api__version=OLLAMA, api__show={"model_info": {"llama.context_length": 131_072}}
    )
    window = await discover_context_window(
        settings_of("ollama", api_key="k"), "m", server.client, ContextWindowCache()
    )
    assert window == 131_072
    assert server.asked == ["/api/version", "/api/show"]
    assert server.requests[0].headers["authorization"] == "Bearer k"


async def test_a_configured_window_is_known_without_asking() -> None:
    server = Server(v1__models=models({"id": "m", "n_ctx": 1}))
    assert await discover(server, context_window=32_768) == 32_768
    assert await discover(server, "claude-opus-4-1", context_window=32_768) == 32_768
    assert server.clients == 0


async def test_a_server_that_is_not_ollama_gets_no_post() -> None:
    server = Server(v1__models=models({"id": "m"}))
    assert await discover(server) is None
    assert {request.method for request in server.requests} == {"GET"}


async def test_what_ollama_sets_aside_beats_what_the_model_could_hold() -> None:
    shown: JsonObject = {
        "model_info": {"qwen2.context_length": 32_768},
        "parameters": 'stop                "<|im_end|>"\nnum_ctx             8192',
    }
    assert await discover(Server(api__version=OLLAMA, api__show=shown)) == 8192


@pytest.mark.parametrize(
    ("entry", "window"),
    [
        ({"id": "m", "max_model_len": 8192}, 8192),
        ({"id": "m", "context_length": 8192}, 8192),
        ({"id": "m", "max_context_length": 8192}, 8192),
        ({"id": "m", "n_ctx": 8192}, 8192),
        (OPEN_ROUTER, 4096),
        ({"id": "m", "max_model_len": "8192"}, 8192),
        ({"id": "m", "max_model_len": 0, "n_ctx": 5}, 5),
        ({"id": "m", "context_length": None}, None),
        ({"id": "m", "context_length": True}, None),
        ({"id": "m", "context_length": -1}, None),
        ({"id": "m"}, None),
    ],
)
async def test_loop_6_1_the_list_of_models_tells_under_any_of_its_keys(
    entry: JsonObject, window: int | None
) -> None:
    server = Server(v1__models=models({"id": "other", "n_ctx": 1}, entry))
    assert await discover(server) == window
    asked_last = [] if window else ["/api/version"]
    assert server.asked == ["/v1/models", *asked_last]


@pytest.mark.parametrize(
    ("model", "window"), [("big", 1), ("big-model", 1), ("small", 2), ("none", None), ("", None)]
)
async def test_a_name_counts_as_served_when_it_begins_a_served_one(
    model: str, window: int | None
) -> None:
    entries = models({"id": "big-model", "n_ctx": 1}, {"id": "small", "n_ctx": 2})
    assert await discover(Server(v1__models=entries), model) == window


async def test_a_server_with_one_model_serves_it_under_any_name() -> None:
    server = Server(v1__models=models({"id": "/models/qwen.gguf", "n_ctx": 7}))
    assert await discover(server, "default") == 7


async def test_llama_server_tells_what_it_set_aside() -> None:
    listed = models({"id": "m", "meta": {"n_ctx_train": 32_768}})
    properties: JsonObject = {"default_generation_settings": {"n_ctx": 4096}}
    assert await discover(Server(v1__models=listed, props=properties)) == 4096
    assert await discover(Server(v1__models=listed, props={"n_ctx": 2048})) == 2048
    assert await discover(Server(v1__models=listed)) == 32_768


async def test_loop_6_1_a_server_is_asked_once_for_each_model_failures_included() -> None:
    server, cache = Server(v1__models=models({"id": "m", "n_ctx": 7})), ContextWindowCache()

    async def ask(model: str, base_url: str = "http://model.test:8080/v1") -> int | None:
        settings = settings_of("openai", base_url=base_url)
        return await discover_context_window(settings, model, server.client, cache)

    server.answers["/v1/models"] = models({"id": "m", "n_ctx": 7}, {"id": "n"})
    assert [await ask("m"), await ask("m"), await ask("n"), await ask("n")] == [7, 7, None, None]
    assert server.asked == ["/v1/models", "/v1/models", "/api/version"]
    await ask("m", "http://elsewhere.test/v1")
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"api__show": 500, "v1__models": 503},
        {"v1__models": []},
        {"v1__models": {"data": "none"}},
        {"v1__models": {"data": [{"id": 3}, {"id": None}]}},
        {"api__version": OLLAMA},
        {"api__version": OLLAMA, "api__show": {"model_info": [], "parameters": 3}},
        {"api__version": OLLAMA, "api__show": {"parameters": "num_ctx many"}, "v1__models": None},
    ],
)
async def test_a_server_that_tells_nothing_is_no_failure(answers: dict[str, JsonValue]) -> None:
    assert await discover(Server(**answers)) is None


@pytest.mark.parametrize("kind", ["demo", "scripted"])
async def test_a_kind_without_a_server_asks_nobody(kind: str) -> None:
    server = Server()
    settings = settings_of(kind, base_url=None)
    found = await discover_context_window(settings, "m", server.client, ContextWindowCache())
    assert (found, server.clients) == (None, 0)


@pytest.mark.parametrize(
    ("kind", "base_url"),
    [("openai", "https://api.openai.com/v1"), ("anthropic", "https://api.anthropic.com/v1")],
)
async def test_a_vendors_own_server_is_not_asked(kind: str, base_url: str) -> None:
    server = Server()
    settings = settings_of(kind, base_url=base_url, api_key="sk-1")
    found = await discover_context_window(settings, "x", server.client, ContextWindowCache())
    assert (found, server.requests) == (None, [])


@pytest.mark.parametrize(
    ("kind", "key", "header"),
    [
        ("openai", "sk-1", ("authorization", "Bearer sk-1")),
        ("openai-responses", "sk-1", ("authorization", "Bearer sk-1")),
        ("anthropic", "sk-1", ("x-api-key", "sk-1")),
        ("openai", "not\nusable", ("authorization", None)),
        ("openai", None, ("authorization", None)),
    ],
)
async def test_the_key_goes_along_as_with_model_calls(
    kind: str, key: str | None, header: tuple[str, str | None]
) -> None:
    server = Server()
    settings = settings_of(kind, api_key=key)
    await discover_context_window(settings, "m", server.client, ContextWindowCache())
    assert all(request.headers.get(header[0]) == header[1] for request in server.requests)


async def test_a_failure_of_our_own_is_logged_and_kept(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> JsonClient:
        raise RuntimeError("no client")

    settings: ProviderSettings = settings_of("openai")
    cache = ContextWindowCache()
    assert await discover_context_window(settings, "m", broken, cache) is None
    assert await discover_context_window(settings, "m", broken, cache) is None
    assert len(caplog.records) == 1


async def test_a_cancellation_is_not_swallowed_and_nothing_is_kept() -> None:
    asked = asyncio.Event()

    async def never(request: httpx.Request) -> httpx.Response:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError(request)

    def client() -> JsonClient:
        return JsonClient(transport=httpx.MockTransport(never))

    cache = ContextWindowCache()
    settings = settings_of("openai")
    task = asyncio.create_task(discover_context_window(settings, "m", client, cache))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not cache.holds("http://model.test:8080", "m")


async def test_a_silent_server_is_given_up() -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError(request)

    client = JsonClient(transport=httpx.MockTransport(never))
    assert await client.fetch("http://model.test/x", {}, timeout_s=0.01) is None
    await client.aclose()


@pytest.mark.parametrize("url", ["http://", "not a url", "http://model.test:99999/"])
async def test_an_address_that_is_none_tells_nothing(url: str) -> None:
    client = JsonClient()
    assert await client.fetch(url, {}, timeout_s=5) is None
    await client.aclose()


@pytest.mark.parametrize(
    ("base_url", "models_url", "show_url"),
    [
        ("http://h:1/v1", "http://h:1/v1/models", "http://h:1/api/show"),
        ("http://h:1", "http://h:1/v1/models", "http://h:1/api/show"),
        ("http://h/v1/chat/completions", "http://h/v1/models", "http://h/api/show"),
        ("https://h/api/v1/", "https://h/api/v1/models", "https://h/api/api/show"),
        ("http://h/api", "http://h/api/v1/models", "http://h/api/show"),
        (
            "https://h/v1beta/openai?k=1",
            "https://h/v1beta/openai/models?k=1",
            "https://h/api/show?k=1",
        ),
    ],
)
def test_other_addresses_stand_beside_that_of_model_calls(
    base_url: str, models_url: str, show_url: str
) -> None:
    assert address_beside(base_url, "models", is_versioned=True) == models_url
    assert address_beside(base_url, "api/show", is_versioned=False) == show_url
