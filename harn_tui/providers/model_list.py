"""Asks a server which models it has."""

from typing import Final

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.base import ProviderSettings
from harn_tui.providers.context_window import (
    MODELS_TIMEOUT_S,
    VENDORS,
    JsonClientFactory,
    asking_headers,
)
from harn_tui.providers.endpoint import address_beside, endpoint_below, key_hint
from harn_tui.providers.wire_json import object_of, objects_of, text_of

MOST_MODELS: Final = 500
_MOST_CHARACTERS: Final = 200
_ANTHROPIC_PAGE: Final = 1000


async def list_models(
    settings: ProviderSettings, client_factory: JsonClientFactory
) -> tuple[str, ...] | None:
    """Return what ``ask_for_models`` does, ``None`` when the server does not tell."""
    try:
        return await ask_for_models(settings, client_factory)
    except ProviderError:
        return None


async def ask_for_models(
    settings: ProviderSettings,
    client_factory: JsonClientFactory,
    *,
    timeout_s: float = MODELS_TIMEOUT_S,
) -> tuple[str, ...] | None:
    """Return the names of the server's models in its order.

    Providers without a server have none to tell: ``None``. Raises ProviderError when the server
    does not tell, or has no key to be asked with.
    """
    if settings.kind not in VENDORS:
        return None
    host, variable = VENDORS[settings.kind]
    base_url = settings.base_url or f"https://{host}"
    is_ollama = settings.kind == "ollama"
    try:
        url = address_beside(
            base_url, "api/tags" if is_ollama else "models", is_versioned=not is_ollama
        )
        endpoint = endpoint_below(base_url, "models", host)
    except ValueError:
        raise ProviderError(
            "its base_url is no address.", category=ProviderErrorCategory.INVALID_REQUEST
        ) from None
    if endpoint.is_official and not settings.api_key:
        raise ProviderError(
            "There is no key for it.",
            category=ProviderErrorCategory.AUTH,
            hint=key_hint(variable),
        )
    if endpoint.is_official and settings.kind == "anthropic":
        url += f"?limit={_ANTHROPIC_PAGE}"  # it tells twenty otherwise
    client = client_factory()
    try:
        listed = await client.ask(url, asking_headers(settings, base_url), timeout_s=timeout_s)
    finally:
        await client.aclose()
    answer = object_of(listed)
    entries = objects_of(answer.get("data")) or objects_of(answer.get("models"))
    names = (text_of(entry.get("id")) or text_of(entry.get("name")) for entry in entries)
    usable = (name for name in names if name and len(name) <= _MOST_CHARACTERS)
    return tuple(dict.fromkeys(usable))[:MOST_MODELS]
