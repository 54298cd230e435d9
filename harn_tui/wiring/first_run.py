"""What a person can choose from who has configured nothing: servers on this machine, the demo."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from harn_tui.config.provider_choice import ProviderChoice
from harn_tui.config.provider_offers import LocalServer, offered_providers
from harn_tui.config.remembered_provider import remember_provider
from harn_tui.config.schema import Configuration
from harn_tui.errors import ConfigError, HarnError
from harn_tui.local_servers import answering_servers
from harn_tui.paths import config_directory, sessions_directory
from harn_tui.providers.base import ProviderSettings
from harn_tui.providers.context_window import JsonClientFactory
from harn_tui.providers.http import JsonClient
from harn_tui.providers.model_list import list_models
from harn_tui.store.kept_model import DEMO
from harn_tui.store.session_folder import find_session_folder
from harn_tui.store.state_file import IMPORTED_FROM, load_state
from harn_tui.wiring.open_session import load
from harn_tui.wiring.past_tail import resolved
from harn_tui.wiring.session_request import SessionRequest


def first_offers(
    request: SessionRequest,
    *,
    environment: Mapping[str, str] = os.environ,
    find_servers: Callable[[], Sequence[LocalServer]] = answering_servers,
) -> tuple[ProviderChoice, ...]:
    """Return what to choose from, the best first; nothing when there is nothing to ask.

    That is so when a provider is chosen, when a session goes on with its own, when a key in the
    environment chooses one, and when there is only the demo. Reads files and tries ports: call it
    in a thread. Raises ConfigError.
    """
    if _is_chosen(request, load(request).configuration) or _has_own(request):
        return ()
    if any(offer.api_key for offer in offered_providers(environment)):
        return ()
    answering = find_servers()
    return offered_providers(environment, answering) if answering else ()


async def with_own_model(
    choice: ProviderChoice, *, client_factory: JsonClientFactory = JsonClient
) -> ProviderChoice:
    """Return ``choice`` with a model that its server has: the first, unless it has the usual one.

    A server is asked only once a person has chosen it; one that does not tell keeps the usual.
    """
    settings = ProviderSettings(choice.name, choice.kind, choice.model, choice.base_url)
    models = await list_models(settings, client_factory)
    if not models or choice.model in models:
        return choice
    # Ollama has its models in sizes, and knows the bare name only for one it calls the latest.
    sizes = [model for model in models if model.startswith(f"{choice.model}:")]
    return replace(choice, model=[*sizes, *models][0])


def request_for(request: SessionRequest, choice: ProviderChoice) -> SessionRequest:
    """Return ``request`` for the provider that was chosen."""
    if choice.kind == "demo":
        return replace(request, provider="demo")
    return replace(
        request, provider=choice.kind, base_url=choice.base_url, model=request.model or choice.model
    )


def remember(choice: ProviderChoice) -> str:
    """Make ``choice`` the provider of new sessions; return the file's path.

    Writes the disk: call it in a thread. Raises ConfigError.
    """
    if choice.kind == "demo":
        raise ConfigError(
            "The demo is what starts without a provider.", hint="There is nothing to remember."
        )
    file = config_directory() / "config.toml"
    remember_provider(file, choice)
    return str(file)


def _has_own(request: SessionRequest) -> bool:
    """Whether the session is a stored one that had a provider here, so that nobody is asked."""
    try:
        session_id = resolved(request).session_id
        if session_id is None:
            return False
        folder = find_session_folder(sessions_directory(), session_id)
    except HarnError:
        return False  # its opening says why
    state, _ = load_state(folder.state_file)
    return state.provider not in {None, DEMO} and IMPORTED_FROM not in state.extra


def _is_chosen(request: SessionRequest, configuration: Configuration) -> bool:
    asked = (request.provider, request.base_url, request.script, configuration.provider)
    return any(choice is not None for choice in asked)
