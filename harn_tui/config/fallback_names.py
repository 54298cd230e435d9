"""The names of providers to fall back on: ``NAME``, or ``NAME:MODEL`` for a model of their own."""

from collections.abc import Mapping, Sequence

from harn_tui.config.checking import nearest
from harn_tui.config.key_paths import KeyPath, dotted, quoted
from harn_tui.config.provider_kinds import PROVIDER_KINDS
from harn_tui.config.schema import ProviderEntry
from harn_tui.errors import ConfigError


def split_fallback(text: str) -> tuple[str, str | None]:
    """Return the name in ``text`` and the model, ``None`` when it names none."""
    name, _, model = text.strip().partition(":")
    return name, model.strip() or None


def check_fallback_names(
    chain: Sequence[str],
    providers: Mapping[str, ProviderEntry],
    path: KeyPath,
    origins: Mapping[str, str],
) -> None:
    """Raise ConfigError for the first name of ``chain`` that is neither configured nor a kind.

    The chain stands at ``path`` of the configuration, written at what ``origins`` says.
    """
    for text in chain:
        name, _ = split_fallback(text)
        if name in providers or name in PROVIDER_KINDS:
            continue
        place = origins.get(dotted(path))
        where = f"In {place}: " if place else ""
        near = nearest(name, [*providers, *PROVIDER_KINDS])
        question = f"Did you mean {near}? " if near else ""
        configured = ", ".join(providers) or "none"
        raise ConfigError(
            f"{where}`{dotted(path)}`: {quoted(name)} is neither configured nor a kind.",
            hint=f"{question}Configured: {configured}. Kinds: {', '.join(PROVIDER_KINDS)}.",
        )
