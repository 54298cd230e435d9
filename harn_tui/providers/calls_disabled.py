"""Refuse model calls when ``HARN_LLM_CALLS_DISABLED`` says so."""

from collections.abc import Mapping
from typing import Final

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.base import Completion, CompletionRequest, OnDelta

CALLS_DISABLED_VARIABLE: Final = "HARN_LLM_CALLS_DISABLED"

_YES: Final = frozenset({"1", "true", "yes", "on"})


def are_calls_disabled(environment: Mapping[str, str]) -> bool:
    """Whether the environment forbids calls to model servers."""
    return environment.get(CALLS_DISABLED_VARIABLE, "").strip().lower() in _YES


class DisabledProvider:
    """Stands in the place of a provider that must not be called: every call is refused."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    @property
    def is_paced(self) -> bool:
        """Nothing is sent, so nothing recovers by being waited for."""
        return False

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Raise ProviderError; nothing is sent."""
        raise ProviderError(
            f"Provider {self._name!r} was not called: {CALLS_DISABLED_VARIABLE} is set.",
            category=ProviderErrorCategory.GENERIC,
            hint=f"Unset {CALLS_DISABLED_VARIABLE}, or use --provider demo or --script FILE.",
        )

    async def aclose(self) -> None:
        """Nothing is open."""
