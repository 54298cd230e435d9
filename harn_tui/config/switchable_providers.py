"""The providers that a session can go over to, the one that it began with first.

Nothing is connected here, as in ``config.provider_offers``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from harn_tui.config.provider_choice import ProviderChoice, choose_provider, provider_entry
from harn_tui.config.provider_fallbacks import lacks_key
from harn_tui.config.provider_kinds import PROVIDER_KINDS
from harn_tui.config.provider_offers import LocalServer, offered_providers
from harn_tui.config.schema import Configuration
from harn_tui.errors import ConfigError

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class SwitchableProvider:
    """A provider under a label that no other has; ``problem`` is why it cannot be used.

    ``choice`` is ``None`` exactly when there is a problem.
    """

    label: str
    choice: ProviderChoice | None
    problem: str | None = None


def switchable_providers(
    configuration: Configuration,
    current: ProviderChoice,
    environment: Mapping[str, str],
    answering: Collection[LocalServer] = (),
) -> tuple[SwitchableProvider, ...]:
    """Return ``current``, what is configured, and what a key or a server on this machine allows.

    ``answering`` are the servers that a caller found to answer; they are sent no key.
    """
    found = [SwitchableProvider(current.name, current)]
    found += [
        _configured(configuration, name, environment)
        for name, entry in configuration.providers.items()
        if name != current.name or entry.base_url != current.base_url
    ]
    for offer in offered_providers(environment, answering):
        if PROVIDER_KINDS[offer.kind].is_remote and not _is_among(offer, found):
            # A server that was found here goes by its kind, as one does that --base-url names.
            found.append(SwitchableProvider(offer.name, replace(offer, name=offer.kind)))
    return _apart(found)


def recorded_address(configuration: Configuration, choice: ProviderChoice) -> str | None:
    """Return the base URL to write down for ``choice``: one that its name does not tell.

    It has no user name and password, which no log may hold.
    """
    entry = configuration.providers.get(choice.name)
    if choice.base_url is None or (entry is not None and entry.base_url == choice.base_url):
        return None
    parts = urlsplit(choice.base_url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


def _configured(
    configuration: Configuration, name: str, environment: Mapping[str, str]
) -> SwitchableProvider:
    try:
        choice = choose_provider(
            configuration,
            provider=name,
            model=None,
            base_url=None,
            script=None,
            environment=environment,
        )
    except ConfigError as error:
        return SwitchableProvider(name, None, error.message)
    entry = provider_entry(configuration, name, "The provider")
    if lacks_key(entry, choice):
        variable = entry.api_key_env or PROVIDER_KINDS[entry.kind].api_key_env
        return SwitchableProvider(name, None, f"There is no key for it: {variable} is not set.")
    return SwitchableProvider(name, choice)


def _is_among(offer: ProviderChoice, found: Collection[SwitchableProvider]) -> bool:
    choices = [one.choice for one in found if one.choice is not None]
    if offer.base_url is None:
        return any(c.name == offer.name and c.base_url is None for c in choices)
    return any(_is_same_server(c, offer) for c in choices)


def _is_same_server(one: ProviderChoice, other: ProviderChoice) -> bool:
    if one.base_url is None:
        # Without an address a kind with a server on this machine is just that server.
        is_home = PROVIDER_KINDS[one.kind].has_local_server
        return is_home and one.kind == other.kind
    first, second = urlsplit(one.base_url), urlsplit(other.base_url or "")
    hosts = {first.hostname, second.hostname}
    try:
        is_same_port = first.port == second.port
    except ValueError:
        return False
    return is_same_port and (len(hosts) == 1 or hosts <= _THIS_MACHINE)


def _apart(found: Collection[SwitchableProvider]) -> tuple[SwitchableProvider, ...]:
    """Give those that would have a name twice one of their own."""
    labels: list[str] = []
    apart: list[SwitchableProvider] = []
    for one in found:
        label, number = one.label, 2
        while label in labels:
            label, number = f"{one.label}-{number}", number + 1
        labels.append(label)
        apart.append(SwitchableProvider(label, one.choice, one.problem))
    return tuple(apart)
