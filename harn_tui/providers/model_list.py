"""Asks a server which models it has."""

from typing import Final

from harn_tui.providers.base import ProviderSettings
from harn_tui.providers.context_window import (
    MODELS_TIMEOUT_S,
    VENDORS,
    JsonClientFactory,
    asking_headers,
)
from harn_tui.providers.endpoint import address_beside
from harn_tui.providers.wire_json import object_of, objects_of, text_of

MOST_MODELS: Final = 500
_MOST_CHARACTERS: Final = 200


async def list_models(
    settings: ProviderSettings, client_factory: JsonClientFactory
) -> tuple[str, ...] | None:
    """Return the names of the server's models in its order, ``None`` when it does not tell.

    Providers without a server have none to tell.
    """
    if settings.kind not in VENDORS:
        return None
    host, _ = VENDORS[settings.kind]
    base_url = settings.base_url or f"https://{host}"
    is_ollama = settings.kind == "ollama"
    try:
        url = address_beside(
            base_url, "api/tags" if is_ollama else "models", is_versioned=not is_ollama
        )
    except ValueError:
        return None
    client = client_factory()
    try:
        listed = await client.fetch(
            url, asking_headers(settings, base_url), timeout_s=MODELS_TIMEOUT_S
        )
    finally:
        await client.aclose()
    if listed is None:
        return None
    answer = object_of(listed)
    entries = objects_of(answer.get("data")) or objects_of(answer.get("models"))
    names = (text_of(entry.get("id")) or text_of(entry.get("name")) for entry in entries)
    usable = (name for name in names if name and len(name) <= _MOST_CHARACTERS)
    return tuple(dict.fromkeys(usable))[:MOST_MODELS]
