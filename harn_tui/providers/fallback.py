"""Ask another provider when the first one fails."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.base import (
    Completion,
    CompletionRequest,
    OnDelta,
    Provider,
    ProviderSwitched,
)
from harn_tui.providers.sealed_reasoning import without_sealed_reasoning

_FAULTS_OF_THE_REQUEST: Final = frozenset(
    {ProviderErrorCategory.CONTEXT_OVERFLOW, ProviderErrorCategory.INVALID_REQUEST}
)
"""What another provider would refuse just the same, and only the caller can mend."""


@dataclass(frozen=True, slots=True)
class FallbackTarget:
    """A provider of a chain. ``model`` ``None`` leaves the model that the request names."""

    provider: Provider
    model: str | None = None

    @property
    def name(self) -> str:
        """The provider's configured name."""
        return self.provider.name


class FallbackChain:
    """Tries its targets in order, in every call from the first one on.

    A failure moves on to the next target; ``ProviderSwitched`` tells the caller first, who voids
    what was streamed. A cancellation ends the call, and so does a fault of the request itself.
    """

    def __init__(self, targets: Sequence[FallbackTarget]) -> None:
        """Take at least one target; the first is the primary."""
        self._primary, *self._others = targets

    @property
    def name(self) -> str:
        """The primary's configured name."""
        return self._primary.name

    @property
    def is_paced(self) -> bool:
        """Whether retry delays make sense for the primary, whose error is what is retried."""
        return self._primary.provider.is_paced

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Return the first reply that any target gives.

        Raises the primary's error, the others named in its hint, when none does.
        """
        try:
            return await self._primary.provider.complete(_asking(self._primary, request), on_delta)
        except ProviderError as error:
            if error.category in _FAULTS_OF_THE_REQUEST or not self._others:
                raise
            primary_error = error
        failures: list[tuple[str, ProviderError]] = [(self.name, primary_error)]
        for target in self._others:
            failed_name, failure = failures[-1]
            asked = _without_foreign_reasoning(_asking(target, request))
            on_delta(
                ProviderSwitched(
                    failed_name, target.name, asked.model, failure.message, failure.category
                )
            )
            try:
                reply = await target.provider.complete(asked, on_delta)
            except ProviderError as error:
                failures.append((target.name, error))
                if error.category in _FAULTS_OF_THE_REQUEST:
                    break
            else:
                # Reasoning is sealed for the model that wrote it, and the primary comes next.
                return replace(reply, thinking_blocks=())
        raise _all_failed(primary_error, failures[1:]) from primary_error

    async def aclose(self) -> None:
        """Close the connections of every target."""
        for target in (self._primary, *self._others):
            await target.provider.aclose()


def _asking(target: FallbackTarget, request: CompletionRequest) -> CompletionRequest:
    return request if target.model is None else replace(request, model=target.model)


def _without_foreign_reasoning(request: CompletionRequest) -> CompletionRequest:
    """Return ``request`` without sealed reasoning, which only the model that wrote it can read."""
    return replace(request, messages=without_sealed_reasoning(request.messages))


def _all_failed(
    primary: ProviderError, others: Sequence[tuple[str, ProviderError]]
) -> ProviderError:
    tried = "; ".join(f"{name}: {error.message}" for name, error in others)
    hint = f"Also tried: {tried}"
    return ProviderError(
        primary.message,
        category=primary.category,
        status=primary.status,
        retry_after_s=primary.retry_after_s,
        hint=f"{primary.hint} {hint}" if primary.hint else hint,
    )
