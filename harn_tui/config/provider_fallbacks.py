"""Chooses the providers that a session turns to when its own one fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harn_tui.config.fallback_names import check_fallback_names, split_fallback
from harn_tui.config.provider_choice import ProviderChoice, provider_entry
from harn_tui.config.provider_kinds import DEFAULT_TIMEOUT_S, PROVIDER_KINDS
from harn_tui.config.schema import Configuration, ProviderEntry


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """The providers to turn to, in order, and the names that were left out for want of a key."""

    choices: tuple[ProviderChoice, ...] = ()
    without_key: tuple[str, ...] = ()


def fallback_choices(
    configuration: Configuration,
    primary: ProviderChoice,
    chain: Sequence[str],
    environment: Mapping[str, str],
) -> Fallbacks:
    """Return what stands behind ``primary``: ``chain``, then its own configured fallback.

    A provider is asked for the model named with it, else for its configured one, else for the
    primary's when it is of the same kind. Names that come again, and the primary itself, are left
    out. Raises ConfigError for a name that is neither configured nor a kind.
    """
    check_fallback_names(chain, configuration.providers, ("loop", "fallback_chain"), {})
    own = configuration.providers.get(primary.name)
    choices: list[ProviderChoice] = []
    without_key: list[str] = []
    seen = {(primary.name, primary.model)}
    for text in (*chain, *(own.fallback if own is not None else ())):
        name, model = split_fallback(text)
        entry = provider_entry(configuration, name, "The fallback")
        choice = _choice(name, entry, model, primary, environment)
        if (name, choice.model) in seen:
            continue
        seen.add((name, choice.model))
        if lacks_key(entry, choice):
            without_key.append(name)
        else:
            choices.append(choice)
    return Fallbacks(tuple(choices), tuple(dict.fromkeys(without_key)))


def _choice(
    name: str,
    entry: ProviderEntry,
    model: str | None,
    primary: ProviderChoice,
    environment: Mapping[str, str],
) -> ProviderChoice:
    kind = PROVIDER_KINDS[entry.kind]
    shared_model = primary.model if entry.kind == primary.kind else kind.model
    variable = (entry.api_key_env or kind.api_key_env) if kind.is_remote else None
    key = environment.get(variable, "").strip() if variable is not None else ""
    return ProviderChoice(
        name=name,
        kind=entry.kind,
        model=model or entry.model or shared_model,
        base_url=entry.base_url,
        api_key=key or None,
        script_path=entry.script if entry.kind == "scripted" else None,
        timeout_s=DEFAULT_TIMEOUT_S if entry.timeout_s is None else entry.timeout_s,
        rpm=entry.rpm,
        context_window=entry.context_window,
        keep_alive=entry.keep_alive,
    )


def lacks_key(entry: ProviderEntry, choice: ProviderChoice) -> bool:
    """Whether a key is needed and missing: the vendor's own server wants one, others may not."""
    if choice.api_key is not None or not PROVIDER_KINDS[entry.kind].is_remote:
        return False
    is_vendors = entry.base_url is None and not PROVIDER_KINDS[entry.kind].has_local_server
    return is_vendors or entry.api_key_env is not None
