"""Build the provider that a configuration names."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from harn_tui.errors import ConfigError
from harn_tui.late_import import late_module
from harn_tui.providers.base import Provider, ProviderSettings
from harn_tui.providers.calls_disabled import DisabledProvider, are_calls_disabled
from harn_tui.providers.fallback import FallbackChain, FallbackTarget
from harn_tui.providers.rate_limit import RateLimits
from harn_tui.providers.rate_limited import RateLimitedProvider
from harn_tui.providers.vendors import (
    ANTHROPIC_BASE_URL,
    ANTHROPIC_KEY_ENV,
    DEMO_MODEL,
    OLLAMA_BASE_URL,
    OLLAMA_KEY_ENV,
    OPENAI_BASE_URL,
    OPENAI_KEY_ENV,
)

if TYPE_CHECKING:
    from harn_tui.providers import (
        anthropic,
        demo,
        ollama,
        openai_chat,
        openai_responses,
        scripted,
    )
else:
    # A session has one or two of them.
    anthropic = late_module("harn_tui.providers.anthropic")
    demo = late_module("harn_tui.providers.demo")
    ollama = late_module("harn_tui.providers.ollama")
    openai_chat = late_module("harn_tui.providers.openai_chat")
    openai_responses = late_module("harn_tui.providers.openai_responses")
    scripted = late_module("harn_tui.providers.scripted")


@dataclass(frozen=True, slots=True)
class ProviderDefaults:
    """What a kind uses when the configuration says nothing; ``None`` where it has no such thing."""

    base_url: str | None
    api_key_env: str | None
    model: str


PROVIDER_DEFAULTS: Final[dict[str, ProviderDefaults]] = {
    "openai": ProviderDefaults(OPENAI_BASE_URL, OPENAI_KEY_ENV, "gpt-5.5"),
    "openai-responses": ProviderDefaults(OPENAI_BASE_URL, OPENAI_KEY_ENV, "gpt-5.5"),
    "anthropic": ProviderDefaults(ANTHROPIC_BASE_URL, ANTHROPIC_KEY_ENV, "claude-sonnet-5"),
    "ollama": ProviderDefaults(OLLAMA_BASE_URL, OLLAMA_KEY_ENV, "qwen3"),
    "scripted": ProviderDefaults(None, None, "scripted"),
    "demo": ProviderDefaults(None, None, DEMO_MODEL),
}
"""The kinds of providers, by the name that a configuration uses."""


_WITHOUT_SERVER: Final = frozenset({"scripted", "demo"})


def build_provider(
    settings: ProviderSettings,
    *,
    environment: Mapping[str, str] | None = None,
    limits: RateLimits | None = None,
) -> Provider:
    """Return the provider that ``settings`` describe; nothing is connected yet.

    ``environment`` ``None`` means the process's own. Where it disables model calls, every
    provider with a server refuses them. ``limits`` are those of the process, ``None`` for none.
    Raises ConfigError for an unknown kind, a base URL that is none, a script that is missing or
    wrong, and a rate limit that is no number.
    """
    _check_base_url(settings)
    provider = _adapter(settings)
    is_remote = settings.kind not in _WITHOUT_SERVER
    if is_remote and are_calls_disabled(os.environ if environment is None else environment):
        return DisabledProvider(settings.name)
    limiter = limits.limiter_for(settings.name, settings.rpm) if limits is not None else None
    return provider if limiter is None else RateLimitedProvider(provider, limiter)


def build_with_fallbacks(
    settings: ProviderSettings,
    fallbacks: Sequence[ProviderSettings],
    *,
    environment: Mapping[str, str] | None = None,
    limits: RateLimits | None = None,
) -> Provider:
    """Return the provider of ``settings`` with others to turn to when it fails.

    Each of ``fallbacks`` is asked for its own model, one with an empty model for the request's.
    Raises ConfigError as ``build_provider`` does.
    """

    def build(one: ProviderSettings) -> Provider:
        return build_provider(one, environment=environment, limits=limits)

    if not fallbacks:
        return build(settings)
    others = [FallbackTarget(build(one), one.model or None) for one in fallbacks]
    return FallbackChain([FallbackTarget(build(settings)), *others])


def _adapter(settings: ProviderSettings) -> Provider:
    match settings.kind:
        case "openai":
            return openai_chat.OpenAIChatProvider(settings)
        case "openai-responses":
            return openai_responses.OpenAIResponsesProvider(settings)
        case "anthropic":
            return anthropic.AnthropicProvider(settings)
        case "ollama":
            return ollama.OllamaProvider(settings)
        case "scripted":
            return _scripted(settings)
        case "demo":
            return demo.DemoProvider(settings.name)
        case _:
            raise _unknown_kind(settings)


def with_defaults(settings: ProviderSettings) -> ProviderSettings:
    """Return ``settings`` with an empty model and a missing base URL filled in for the kind."""
    defaults = PROVIDER_DEFAULTS.get(settings.kind)
    if defaults is None:
        raise _unknown_kind(settings)
    return replace(
        settings,
        model=settings.model or defaults.model,
        base_url=settings.base_url or defaults.base_url,
    )


def _scripted(settings: ProviderSettings) -> "scripted.ScriptedProvider":
    if not settings.script_path:
        raise ConfigError(
            f"Provider {settings.name!r} of kind 'scripted' has no script.",
            hint="Name a JSON Lines file with --script FILE.",
        )
    return scripted.ScriptedProvider.from_file(Path(settings.script_path), settings.name)


def _check_base_url(settings: ProviderSettings) -> None:
    if settings.base_url is None:
        return
    try:
        parts = urlsplit(settings.base_url.strip())
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_usable = is_usable and (parts.port is None or parts.port > 0)
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ConfigError(
            f"The base_url of provider {settings.name!r} is not an http or https address.",
            hint="Write it like http://localhost:8080/v1.",
        )


def _unknown_kind(settings: ProviderSettings) -> ConfigError:
    near = get_close_matches(settings.kind, PROVIDER_DEFAULTS, n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return ConfigError(
        f"Provider {settings.name!r} has the unknown kind {settings.kind!r}.{meant}",
        hint=f"Accepted kinds: {', '.join(PROVIDER_DEFAULTS)}.",
    )
