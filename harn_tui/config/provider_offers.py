"""What can be used without any configuration: keys in the environment, servers on this machine.

Nothing is connected here. Whoever asks has tried the well-known ports and says which answered.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from harn_tui.config.provider_choice import ProviderChoice
from harn_tui.config.provider_kinds import CUSTOM_SERVER_MODEL, PROVIDER_KINDS

_KINDS_WITH_KEYS = ("anthropic", "openai")


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A program that serves models on a port of this machine, the OpenAI way or its own."""

    name: str
    port: int
    kind: str = "openai"

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}" + ("/v1" if self.kind == "openai" else "")

    @property
    def model(self) -> str:
        """The name of a model to begin with."""
        return CUSTOM_SERVER_MODEL if self.kind == "openai" else PROVIDER_KINDS[self.kind].model

    @property
    def options(self) -> str:
        """The options of the command line that choose it."""
        is_at_home = PROVIDER_KINDS[self.kind].has_local_server
        return f"--provider {self.kind}" if is_at_home else f"--base-url {self.base_url}"


WELL_KNOWN_SERVERS = (
    LocalServer("llama-server", 8080),
    LocalServer("ollama", 11434, "ollama"),
    LocalServer("lm-studio", 1234),
)
"""Servers by the port that each listens on unless told otherwise."""


def offered_providers(
    environment: Mapping[str, str], answering: Collection[LocalServer] = ()
) -> tuple[ProviderChoice, ...]:
    """Return what can be used, the best first; the demo is always there and always last.

    ``answering`` are the servers that a caller found to answer. They are sent no key: on such a
    port anything may listen.
    """
    offers: list[ProviderChoice] = []
    for name in _KINDS_WITH_KEYS:
        kind = PROVIDER_KINDS[name]
        key = environment.get(kind.api_key_env or "", "").strip()
        if key:
            offers.append(ProviderChoice(name, name, kind.model, api_key=key))
    offers += [
        ProviderChoice(server.name, server.kind, server.model, server.base_url)
        for server in WELL_KNOWN_SERVERS
        if server in answering
    ]
    return (*offers, ProviderChoice("demo", "demo", PROVIDER_KINDS["demo"].model))
