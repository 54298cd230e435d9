"""Turns the configured providers into the one that a session talks to."""

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields, replace

from harn_tui.config.provider_choice import ProviderChoice, choose_provider
from harn_tui.config.provider_fallbacks import Fallbacks, fallback_choices
from harn_tui.config.schema import Configuration
from harn_tui.errors import ConfigError
from harn_tui.providers.base import ModelFacts, Provider, ProviderSettings
from harn_tui.providers.calls_disabled import are_calls_disabled
from harn_tui.providers.context_window import VENDORS, ContextWindowCache, discover_context_window
from harn_tui.providers.factory import build_with_fallbacks, with_defaults
from harn_tui.providers.http import JsonClient
from harn_tui.providers.model_facts import lookup
from harn_tui.providers.rate_limit import RateLimits
from harn_tui.wiring.session_request import SessionRequest


@dataclass(frozen=True, slots=True)
class WiredProvider:
    """A session's provider, what it was built from, and what a person should know of it."""

    choice: ProviderChoice
    provider: Provider
    settings: ProviderSettings
    model_facts: ModelFacts
    discover_context_window: Callable[[], Awaitable[int | None]]
    warnings: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    """Modules that its first call would import."""


def wire_provider(
    request: SessionRequest, configuration: Configuration, limits: RateLimits
) -> WiredProvider:
    """Return the provider that request and configuration choose, its fallbacks behind it.

    Raises ConfigError and UsageError for choices that cannot be used.
    """
    choice = choose_provider(
        configuration,
        provider=request.provider,
        model=request.model,
        base_url=request.base_url,
        script=request.script,
        environment=os.environ,
    )
    if choice.kind == "demo" and request.model is not None:
        raise ConfigError(
            f"--model {request.model} has no provider to go with: none is configured, and no key "
            "is set.",
            hint="Add --provider NAME or --base-url URL, or set ANTHROPIC_API_KEY or "
            "OPENAI_API_KEY.",
        )
    return wire_choice(choice, configuration, limits)


def wire_choice(
    choice: ProviderChoice, configuration: Configuration, limits: RateLimits
) -> WiredProvider:
    """Return ``choice`` as a provider, its fallbacks behind it. ``limits`` are the session's.

    Reads a script, if it has one. Raises ConfigError.
    """
    settings = with_defaults(provider_settings(choice))
    fallbacks = fallback_choices(configuration, choice, _chain(configuration), os.environ)
    provider = build_with_fallbacks(
        settings,
        [with_defaults(provider_settings(one)) for one in fallbacks.choices],
        environment=os.environ,
        limits=limits,
    )
    cache = ContextWindowCache()

    async def discover() -> int | None:
        if are_calls_disabled(os.environ):
            return None
        return await discover_context_window(settings, settings.model, JsonClient, cache)

    libraries = ("httpx",) if settings.kind in VENDORS else ()
    told = _warnings(fallbacks)
    return WiredProvider(choice, provider, settings, _facts(settings), discover, told, libraries)


def _facts(settings: ProviderSettings) -> ModelFacts:
    """Return what is known of the model before its server is asked."""
    known = lookup(settings.model)
    return replace(known, context_window=settings.context_window or known.context_window)


def _chain(configuration: Configuration) -> Sequence[str]:
    chain = configuration.loop.get("fallback_chain")
    return [str(name) for name in chain] if isinstance(chain, list) else []


def provider_settings(choice: ProviderChoice) -> ProviderSettings:
    """Return what a provider of ``choice`` is built from."""
    values = {item.name: getattr(choice, item.name) for item in fields(ProviderChoice)}
    return ProviderSettings(**values)


def _warnings(fallbacks: Fallbacks) -> tuple[str, ...]:
    return tuple(
        f"The fallback provider {name} is left out: its key is not set."
        for name in fallbacks.without_key
    )
