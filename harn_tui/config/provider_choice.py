"""Chooses the provider of a session from options, configuration and environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.config.checking import nearest
from harn_tui.config.key_paths import quoted
from harn_tui.config.provider_kinds import (
    CUSTOM_SERVER_MODEL,
    DEFAULT_TIMEOUT_S,
    PROVIDER_KINDS,
)
from harn_tui.config.schema import Configuration, ProviderEntry
from harn_tui.config.value_rules import is_web_address
from harn_tui.errors import ConfigError


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """A chosen provider; the fields are those of the settings that providers are built from.

    ``base_url`` ``None`` means the vendor's own server. ``api_key`` is ``None`` when there is
    none; it never enters a log. ``timeout_s`` is in seconds. ``rpm`` is the most requests within
    a minute; ``None`` and 0 mean no limit. ``context_window`` is in tokens; ``None`` leaves it,
    and ``keep_alive``, to the server.
    """

    name: str
    kind: str
    model: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    script_path: str | None = None
    timeout_s: float = DEFAULT_TIMEOUT_S
    rpm: int | None = None
    context_window: int | None = None
    keep_alive: str | None = None


def choose_provider(
    configuration: Configuration,
    *,
    provider: str | None,
    model: str | None,
    base_url: str | None,
    script: Path | None,
    environment: Mapping[str, str],
) -> ProviderChoice:
    """Return the provider that options, else configuration, else keys in the environment name.

    The options are those of the command line, ``None`` when not given. Without any of it the
    answer is the demo, which needs no key and no network. Raises ConfigError for a name that is
    neither configured nor a kind, for options that exclude each other, for an address that is
    none, and for a configured key variable that is not set.
    """
    _check_options(provider, base_url, script)
    name, entry = _wanted(configuration, provider, base_url, script, environment)
    kind = PROVIDER_KINDS[entry.kind]
    if script is not None and entry.kind != "scripted":
        raise ConfigError(
            f"--script plays on the scripted provider, but --provider {name} is of kind "
            f"{entry.kind}.",
            hint="Leave out --provider.",
        )
    if base_url is not None and not kind.is_remote:
        raise ConfigError(
            f"--base-url does not go with --provider {name}, which talks to no server.",
            hint="Leave out one of the two.",
        )
    script_path = str(script) if script is not None else entry.script
    return ProviderChoice(
        name=name,
        kind=entry.kind,
        model=model or _configured_model(configuration, name, entry) or kind.model,
        base_url=base_url or entry.base_url,
        api_key=_api_key(name, entry, environment),
        script_path=script_path if entry.kind == "scripted" else None,
        timeout_s=DEFAULT_TIMEOUT_S if entry.timeout_s is None else entry.timeout_s,
        rpm=entry.rpm,
        context_window=entry.context_window,
        keep_alive=entry.keep_alive,
    )


def _check_options(provider: str | None, base_url: str | None, script: Path | None) -> None:
    if base_url is not None and not is_web_address(base_url):
        raise ConfigError(
            "--base-url is not an http or https address.",
            hint="Write it like http://localhost:8080/v1.",
        )
    if provider is None and base_url is not None and script is not None:
        raise ConfigError(
            "--script and --base-url name two different providers.",
            hint="Leave out one of the two.",
        )


def _wanted(
    configuration: Configuration,
    provider: str | None,
    base_url: str | None,
    script: Path | None,
    environment: Mapping[str, str],
) -> tuple[str, ProviderEntry]:
    if provider is not None:
        return provider, provider_entry(configuration, provider, "--provider")
    if script is not None:
        return "scripted", ProviderEntry(kind="scripted")
    if base_url is not None:
        return "openai", ProviderEntry(kind="openai", model=CUSTOM_SERVER_MODEL)
    if configuration.provider is not None:
        name = configuration.provider
        return name, provider_entry(configuration, name, "The configured provider")
    for name in ("anthropic", "openai"):
        variable = PROVIDER_KINDS[name].api_key_env
        if variable is not None and environment.get(variable, "").strip():
            return name, provider_entry(configuration, name, "The provider")
    return "demo", provider_entry(configuration, "demo", "The provider")


def provider_entry(configuration: Configuration, name: str, subject: str) -> ProviderEntry:
    """Return what is configured under ``name``, or the defaults of the kind of that name.

    Raises ConfigError that begins with ``subject`` when it is neither.
    """
    if name in configuration.providers:
        return configuration.providers[name]
    if name in PROVIDER_KINDS:
        return ProviderEntry(kind=name)
    near = nearest(name, [*configuration.providers, *PROVIDER_KINDS])
    question = f"Did you mean {near}? " if near else ""
    configured = ", ".join(configuration.providers) or "none"
    raise ConfigError(
        f"{subject} {quoted(name)} is neither configured nor a kind.",
        hint=f"{question}Configured: {configured}. Kinds: {', '.join(PROVIDER_KINDS)}.",
    )


def _configured_model(configuration: Configuration, name: str, entry: ProviderEntry) -> str | None:
    """Return the configured model for the provider ``name``.

    The top-level ``model`` belongs to the top-level ``provider``, or to any server when none is
    set; it says nothing of providers that run without one.
    """
    is_meant = configuration.provider in (None, name) and PROVIDER_KINDS[entry.kind].is_remote
    return (configuration.model if is_meant else None) or entry.model


def _api_key(name: str, entry: ProviderEntry, environment: Mapping[str, str]) -> str | None:
    kind = PROVIDER_KINDS[entry.kind]
    variable = entry.api_key_env or kind.api_key_env
    if not kind.is_remote or variable is None:
        return None
    key = environment.get(variable, "").strip()
    if not key and entry.api_key_env is not None:
        raise ConfigError(
            f"Provider {quoted(name)} takes its key from {variable}, which is not set.",
            hint=f"Run `export {variable}=…` first, or change providers.{name}.api_key_env.",
        )
    return key or None
