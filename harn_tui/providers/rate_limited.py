"""A provider whose calls wait for their turn."""

from harn_tui.providers.base import Completion, CompletionRequest, OnDelta, Provider
from harn_tui.providers.rate_limit import RateLimiter


class RateLimitedProvider:
    """Passes calls on to ``provider`` as fast as ``limiter`` lets them."""

    def __init__(self, provider: Provider, limiter: RateLimiter) -> None:
        self._provider = provider
        self._limiter = limiter

    @property
    def name(self) -> str:
        """The configured name."""
        return self._provider.name

    @property
    def is_paced(self) -> bool:
        """Whether retry delays make sense for the provider itself."""
        return self._provider.is_paced

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Wait for a place in the last minute's requests, then complete (docs in ``Provider``)."""
        if not request.is_exempt_from_rate_limit:
            await self._limiter.acquire()
        return await self._provider.complete(request, on_delta)

    async def aclose(self) -> None:
        """Close connections."""
        await self._provider.aclose()
