"""When a failed model call is sent again (docs/loop.md, retries)."""

from collections.abc import Callable

from harn_tui.errors import ProviderError

MAX_DELAY_MS = 60_000
"""Longest single wait, a server's own wish included."""

MAX_TOTAL_DELAY_MS = 300_000
"""Longest wait of one call over all its retries."""

_MAX_DOUBLINGS = 4


class RetrySchedule:
    """The retries of one model call.

    The first delay is the base, each further one doubles it, at most 16 times the base; jitter
    multiplies it. A server's Retry-After replaces the computed delay. Local scripts retry at
    once. ``attempt`` counts retries from 1.
    """

    def __init__(
        self, *, retries: int, base_ms: int, jitter: Callable[[], float], is_paced: bool
    ) -> None:
        self.attempt = 0
        self._retries = retries
        self._base_ms = base_ms
        self._jitter = jitter
        self._is_paced = is_paced
        self._waited_ms = 0

    def next_delay_ms(self, error: ProviderError) -> int | None:
        """Return how long to wait before the next attempt, ``None`` when there is none."""
        if not error.is_transient or self.attempt >= self._retries:
            return None
        delay_ms = self._delay_ms(error)
        if self._waited_ms + delay_ms > MAX_TOTAL_DELAY_MS:
            return None
        self.attempt += 1
        self._waited_ms += delay_ms
        return delay_ms

    def _delay_ms(self, error: ProviderError) -> int:
        if error.retry_after_s is not None:
            wished_ms = round(error.retry_after_s * 1000) if self._is_paced else 0
            return min(wished_ms, MAX_DELAY_MS)
        if not self._is_paced:
            return 0
        doublings = min(self.attempt, _MAX_DOUBLINGS)
        computed = (self._base_ms << doublings) * self._jitter()
        return min(round(computed), MAX_DELAY_MS)
