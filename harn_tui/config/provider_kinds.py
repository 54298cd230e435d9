"""The kinds of providers: the one table of default models and key variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ProviderKind:
    """What a kind uses when nothing is configured.

    ``api_key_env`` is ``None`` for kinds that run on this machine without a server. The server of
    a kind with ``has_local_server`` is on this machine and wants no key, unless a base URL says
    otherwise.
    """

    model: str
    api_key_env: str | None
    has_local_server: bool = False

    @property
    def is_remote(self) -> bool:
        """Whether the kind talks to a server, so that the name of a model means something."""
        return self.api_key_env is not None


PROVIDER_KINDS: Mapping[str, ProviderKind] = MappingProxyType(
    {
        "openai": ProviderKind("gpt-5.5", "OPENAI_API_KEY"),
        "openai-responses": ProviderKind("gpt-5.5", "OPENAI_API_KEY"),
        "anthropic": ProviderKind("claude-sonnet-5", "ANTHROPIC_API_KEY"),
        "ollama": ProviderKind("qwen3", "OLLAMA_API_KEY", has_local_server=True),
        "scripted": ProviderKind("scripted", None),
        "demo": ProviderKind("demo", None),
    }
)
"""Every kind by the name that a configuration uses."""

DEFAULT_TIMEOUT_S = 120.0
"""Seconds that connecting, and each silence of a server, may last."""

CUSTOM_SERVER_MODEL = "default"
"""Model name for a server of which only the address is known."""
