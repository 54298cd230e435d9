"""Find out how many tokens a model's context holds: from the table, else from its server."""

import logging
from collections.abc import Callable
from typing import Final, TypeAlias

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import ProviderSettings
from harn_tui.providers.endpoint import address_beside, endpoint_below, usable_key
from harn_tui.providers.http import JsonClient
from harn_tui.providers.model_facts import lookup
from harn_tui.providers.vendors import (
    ANTHROPIC_API_VERSION,
    ANTHROPIC_HOST,
    ANTHROPIC_KEY_ENV,
    OLLAMA_HOST,
    OLLAMA_KEY_ENV,
    OPENAI_HOST,
    OPENAI_KEY_ENV,
)
from harn_tui.providers.wire_json import object_of, objects_of, text_of

SHOW_TIMEOUT_S: Final = 5.0
MODELS_TIMEOUT_S: Final = 10.0

JsonClientFactory: TypeAlias = Callable[[], JsonClient]

_log = logging.getLogger(__name__)

VENDORS: Final = {
    "openai": (OPENAI_HOST, OPENAI_KEY_ENV),
    "openai-responses": (OPENAI_HOST, OPENAI_KEY_ENV),
    "anthropic": (ANTHROPIC_HOST, ANTHROPIC_KEY_ENV),
    "ollama": (OLLAMA_HOST, OLLAMA_KEY_ENV),
}
"""Each kind that talks to a server: the vendor's own host, which tells no windows, and its key."""

_ENTRY_KEYS: Final = ("max_model_len", "context_length", "max_context_length", "n_ctx")


class ContextWindowCache:
    """What servers said of their models, failures included, for as long as this object lives."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], int | None] = {}

    def holds(self, base_url: str, model: str) -> bool:
        """Whether the server was asked before."""
        return (base_url, model) in self._known

    def window(self, base_url: str, model: str) -> int | None:
        """Return what it said, ``None`` when it said nothing or was not asked."""
        return self._known.get((base_url, model))

    def keep(self, base_url: str, model: str, window: int | None) -> None:
        """Keep what it said."""
        self._known[(base_url, model)] = window


async def discover_context_window(
    settings: ProviderSettings,
    model: str,
    client_factory: JsonClientFactory,
    cache: ContextWindowCache,
) -> int | None:
    """Return the context window of ``model`` in tokens, ``None`` when nobody knows it.

    A configured one counts before everything. The table that ships with the program is asked
    next, then the server's list of models, where llama-server's own properties say what it really
    set aside, then Ollama's description.
    A server is asked once for each model. Never raises but for cancellation.
    """
    known = settings.context_window or lookup(model).context_window
    base_url = settings.base_url
    if known is not None or base_url is None or settings.kind not in VENDORS:
        return known
    if cache.holds(base_url, model):
        return cache.window(base_url, model)
    try:
        window = await _ask(settings, base_url, model, client_factory)
    except Exception:  # noqa: BLE001 - boundary: not to know a window is no failure
        _log.exception("the context window of %s could not be asked for", model)
        window = None
    cache.keep(base_url, model, window)
    return window


async def _ask(
    settings: ProviderSettings, base_url: str, model: str, client_factory: JsonClientFactory
) -> int | None:
    host, _ = VENDORS[settings.kind]
    is_ollama = settings.kind == "ollama"
    if not is_ollama and endpoint_below(base_url, "models", host).is_official:
        return None
    headers = asking_headers(settings, base_url)
    client = client_factory()
    try:
        if is_ollama:
            return await _ask_ollama(client, base_url, headers, model)
        listed = await client.fetch(
            address_beside(base_url, "models", is_versioned=True),
            headers,
            timeout_s=MODELS_TIMEOUT_S,
        )
        entry = _entry_of(object_of(listed), model)
        window = await _window_of_entry(client, base_url, headers, entry)
        return window or await _ask_ollama(client, base_url, headers, model)
    finally:
        await client.aclose()


async def _ask_ollama(
    client: JsonClient, base_url: str, headers: dict[str, str], model: str
) -> int | None:
    """Return what Ollama says of the model; only a server that says it is Ollama is asked.

    The question is a POST, which another server may take for a request to a model.
    """

    def address(path: str) -> str:
        return address_beside(base_url, path, is_versioned=False)

    told = await client.fetch(address("api/version"), headers, timeout_s=SHOW_TIMEOUT_S)
    if not text_of(object_of(told).get("version")):
        return None
    shown = await client.fetch(
        address("api/show"), headers, timeout_s=SHOW_TIMEOUT_S, json_body={"model": model}
    )
    return _window_of_ollama(object_of(shown))


def asking_headers(settings: ProviderSettings, base_url: str) -> dict[str, str]:
    """Return the headers that ask the server for facts, with the key where there is one."""
    host, variable = VENDORS[settings.kind]
    try:
        key = usable_key(settings, endpoint_below(base_url, "models", host), variable)
    except ProviderError:
        key = None
    if key is None:
        return {}
    if settings.kind == "anthropic":
        return {"x-api-key": key, "anthropic-version": ANTHROPIC_API_VERSION}
    return {"Authorization": f"Bearer {key}"}


def _window_of_ollama(shown: JsonObject) -> int | None:
    """Return the window in an answer of ``/api/show``.

    A ``num_ctx`` of the model's own file is what Ollama really sets aside.
    """
    for line in text_of(shown.get("parameters")).splitlines():
        name, _, value = line.strip().partition(" ")
        if name == "num_ctx":
            return _tokens(value.strip())
    model_info = object_of(shown.get("model_info"))
    named = (model_info[key] for key in model_info if key.endswith(".context_length"))
    return _tokens(next(named, None))


def _entry_of(listed: JsonObject, model: str) -> JsonObject:
    """Return the model's entry in a list of models, empty when it has none.

    A requested name counts as served when it begins a served one; a server with a single model
    serves that under any name.
    """
    entries = objects_of(listed.get("data")) or objects_of(listed.get("models"))
    by_id = {text_of(entry.get("id")) or text_of(entry.get("name")): entry for entry in entries}
    if model in by_id:
        return by_id[model]
    begun = [entry for name, entry in by_id.items() if model and name.startswith(model)]
    if begun:
        return begun[0]
    return entries[0] if len(entries) == 1 else {}


async def _window_of_entry(
    client: JsonClient, base_url: str, headers: dict[str, str], entry: JsonObject
) -> int | None:
    window = _first_count(entry, _ENTRY_KEYS) or _tokens(
        object_of(entry.get("top_provider")).get("context_length")
    )
    meta = object_of(entry.get("meta"))
    if window is not None or not meta:
        return window
    return (
        _first_count(meta, ("n_ctx",))
        or await _window_of_llama_server(client, base_url, headers)
        or _first_count(meta, ("n_ctx_train",))
    )


async def _window_of_llama_server(
    client: JsonClient, base_url: str, headers: dict[str, str]
) -> int | None:
    url = address_beside(base_url, "props", is_versioned=False)
    properties = object_of(await client.fetch(url, headers, timeout_s=SHOW_TIMEOUT_S))
    generation = object_of(properties.get("default_generation_settings"))
    return _first_count(generation, ("n_ctx",)) or _first_count(properties, ("n_ctx",))


def _first_count(holder: JsonObject, keys: tuple[str, ...]) -> int | None:
    counts = (_tokens(holder.get(key)) for key in keys)
    return next((count for count in counts if count is not None), None)


def _tokens(value: JsonValue) -> int | None:
    """Return a number of tokens, ``None`` for what is none."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    return value
