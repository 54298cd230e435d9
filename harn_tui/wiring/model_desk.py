"""Finds the models that a session can go over to, and builds what their calls go to."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from harn_tui.config.provider_kinds import PROVIDER_KINDS
from harn_tui.config.provider_offers import LocalServer
from harn_tui.config.schema import Configuration
from harn_tui.config.switchable_providers import (
    SwitchableProvider,
    recorded_address,
    switchable_providers,
)
from harn_tui.errors import HarnError, ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.local_servers import answering_servers
from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.providers.base import Provider
from harn_tui.providers.calls_disabled import are_calls_disabled
from harn_tui.providers.context_window import JsonClientFactory
from harn_tui.providers.factory import with_defaults
from harn_tui.providers.http import JsonClient
from harn_tui.providers.model_facts import lookup
from harn_tui.providers.model_list import ask_for_models
from harn_tui.providers.rate_limit import RateLimits
from harn_tui.providers.stored_images import ReadImage, StoredImagesProvider
from harn_tui.providers.tool_search import exposes_tool_search
from harn_tui.session.model_offers import BoundModel, OfferedModel, ProviderOffer
from harn_tui.wiring.provider import WiredProvider, provider_settings, wire_choice

ANSWER_WITHIN_S = 5.0
"""How long a server may take to say which models it has."""

_TELLS_NOTHING = "It does not tell its models."
_SILENT = frozenset(
    {
        ProviderErrorCategory.NOT_FOUND,
        ProviderErrorCategory.INVALID_REQUEST,
        ProviderErrorCategory.INVALID_RESPONSE,
    }
)
"""How a server fails that has no list of its models."""


def with_images(wired: WiredProvider, read: ReadImage) -> StoredImagesProvider:
    """Return the provider that sends what messages only name."""
    return StoredImagesProvider(wired.provider, read, wired.model_facts.takes_images)


def model_in_use(
    wired: WiredProvider, provider: Provider, configuration: Configuration
) -> ModelInUse:
    """Return the model of ``wired``, whose calls go to ``provider``."""
    settings = wired.settings
    return ModelInUse(
        provider,
        settings.model,
        wired.model_facts,
        exposes_tool_search(settings.kind, settings.model),
        recorded_address(configuration, wired.choice),
    )


class WiredModels:
    """The models of one session. ``first`` is what it began with, as ``provider``."""

    def __init__(
        self,
        configuration: Configuration,
        first: WiredProvider,
        provider: Provider,
        *,
        limits: RateLimits,
        read_image: ReadImage,
        environment: Mapping[str, str] = os.environ,
        client_factory: JsonClientFactory = JsonClient,
        find_servers: Callable[[], Sequence[LocalServer]] = answering_servers,
    ) -> None:
        self._configuration = configuration
        self._first = first
        self._limits = limits
        self._read_image = read_image
        self._environment = environment
        self._client_factory = client_factory
        self._find_servers = find_servers
        self.first = model_in_use(first, provider, configuration)
        """What the session begins with."""
        bound = BoundModel(self.first, first.discover_context_window)
        self._built = {replace(first.choice, model=first.settings.model): bound}
        self._found: dict[str, SwitchableProvider] = {}

    async def providers(self) -> tuple[ProviderOffer, ...]:
        """Return what can be asked; tries the well-known ports of this machine."""
        answering = await asyncio.to_thread(self._find_servers)
        found = switchable_providers(
            self._configuration, self._first.choice, self._environment, answering
        )
        self._found = {one.label: one for one in found}
        return tuple(map(_offer, found))

    async def ask(self, offer: ProviderOffer) -> ProviderOffer:
        """Return ``offer`` with its models, or why there are none."""
        found = self._found.get(offer.name)
        if found is None or found.choice is None:
            return offer
        choice = found.choice
        if not PROVIDER_KINDS[choice.kind].is_remote:
            return replace(offer, models=_offered([offer.usual_model]), is_complete=True)
        if are_calls_disabled(self._environment):
            return replace(offer, problem="Model calls are disabled here.", is_usable=False)
        settings = with_defaults(provider_settings(choice))
        try:
            names = await ask_for_models(settings, self._client_factory, timeout_s=ANSWER_WITHIN_S)
        except ProviderError as error:
            if _would_refuse_calls(error):
                return replace(offer, problem=_in_words(error), is_usable=False)
            return _unlisted(
                offer, _TELLS_NOTHING if error.category in _SILENT else _in_words(error)
            )
        if not names:
            return _unlisted(offer, _TELLS_NOTHING)
        return replace(offer, models=_offered(names), is_complete=True)

    async def bind(self, offer: ProviderOffer, model: str) -> BoundModel:
        """Return the model to be called. Raises HarnError when it cannot be used."""
        found = self._found.get(offer.name)
        if found is None or found.choice is None:
            problem = offer.problem if found is None else found.problem
            raise HarnError(f"{offer.name} cannot be used: {problem or 'it is gone.'}")
        choice = replace(found.choice, model=model)
        bound = self._built.get(choice)
        if bound is None:
            wired = await asyncio.to_thread(wire_choice, choice, self._configuration, self._limits)
            bound = self._built.setdefault(choice, self._bound(wired))
        return bound

    async def aclose(self) -> None:
        """Close what was built; closing twice does no harm."""
        for bound in self._built.values():
            await bound.model.provider.aclose()

    def _bound(self, wired: WiredProvider) -> BoundModel:
        provider = with_images(wired, self._read_image)
        model = model_in_use(wired, provider, self._configuration)
        return BoundModel(model, wired.discover_context_window, wired.warnings)


def _offer(found: SwitchableProvider) -> ProviderOffer:
    if found.choice is None:
        return ProviderOffer(found.label, found.label, "", problem=found.problem, is_usable=False)
    settings = with_defaults(provider_settings(found.choice))
    return ProviderOffer(found.label, settings.name, settings.model)


def _would_refuse_calls(error: ProviderError) -> bool:
    """Whether calls would fail as well: the key is missing or wrong, or nobody is there.

    Else they may go through: a key can be for calls alone, a busy or slow server answers later.
    """
    if error.category is ProviderErrorCategory.AUTH:
        return error.status in {None, 401}
    return error.category is ProviderErrorCategory.TRANSIENT_NETWORK


def _in_words(error: ProviderError) -> str:
    return error.message if error.hint is None else f"{error.message} {error.hint}"


def _unlisted(offer: ProviderOffer, problem: str) -> ProviderOffer:
    """Return ``offer``, which can be used, without a list of its models."""
    return replace(offer, models=_offered([offer.usual_model]), problem=problem)


def _offered(names: Sequence[str]) -> tuple[OfferedModel, ...]:
    return tuple(map(_offered_model, names))


def _offered_model(name: str) -> OfferedModel:
    facts = lookup(name)
    return OfferedModel(name, facts.context_window, facts.input_price, facts.output_price)
