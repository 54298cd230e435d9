"""Keep the requests to a provider below its limit within any minute.

The window slides: a request may go out when fewer than the limit went out in the 60 s before it.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from harn_tui.errors import ConfigError

WINDOW_S: Final = 60.0

Clock: TypeAlias = Callable[[], float]
Sleep: TypeAlias = Callable[[float], Awaitable[object]]

_VARIABLE_PREFIX: Final = "HARN_RATE_LIMIT_"
_NOT_IN_A_VARIABLE: Final = re.compile(r"[^A-Z0-9]")


class RateLimiter:
    """The limit of one provider, shared by all who call it on one event loop.

    A limit of 0 is none. ``clock`` gives seconds that only grow.
    """

    def __init__(
        self,
        limit_per_minute: int,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.limit_per_minute = limit_per_minute
        self._clock = clock
        self._sleep = sleep
        self._sent_at: deque[float] = deque()

    async def acquire(self) -> None:
        """Wait until a request may go out, and count it."""
        while (wait_s := self.wait_s()) > 0:
            # Others may have taken the place by then, so look again.
            await self._sleep(wait_s)
        self._sent_at.append(self._clock())

    def wait_s(self) -> float:
        """Return the seconds until the next request may go out; 0 means now."""
        now = self._clock()
        while self._sent_at and now >= self._sent_at[0] + WINDOW_S:
            self._sent_at.popleft()
        if self.limit_per_minute <= 0 or len(self._sent_at) < self.limit_per_minute:
            return 0.0
        # The limit may have been lowered while more than it were on their way.
        oldest_that_counts = self._sent_at[len(self._sent_at) - self.limit_per_minute]
        return oldest_that_counts + WINDOW_S - now


class RateLimits:
    """The limiters of a process, by the name of the provider.

    ``HARN_RATE_LIMIT_<PROVIDER>`` in ``environment`` wins over what is configured; 0 removes it.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._environment = environment
        self._clock = clock
        self._sleep = sleep
        self._limiters: dict[str, RateLimiter] = {}

    def limiter_for(self, provider_name: str, configured_rpm: int | None) -> RateLimiter | None:
        """Return the limiter of the provider, ``None`` when it has no limit.

        The same name always gets the same object; the newest limit holds for all. Raises
        ConfigError when the variable holds no whole number.
        """
        limit = self._from_environment(provider_name)
        limit = configured_rpm if limit is None else limit
        if not limit:
            return None
        limiter = self._limiters.get(provider_name)
        if limiter is None:
            limiter = RateLimiter(limit, self._clock, self._sleep)
            self._limiters[provider_name] = limiter
        limiter.limit_per_minute = limit
        return limiter

    def _from_environment(self, provider_name: str) -> int | None:
        variable = rate_limit_variable(provider_name)
        value = self._environment.get(variable, "").strip()
        if not value:
            return None
        if not (value.isascii() and value.isdecimal()):
            raise ConfigError(
                f"The environment variable {variable} is not a whole number of at least 0.",
                hint="It is the most requests within a minute; 0 removes the limit.",
            )
        return int(value)


def rate_limit_variable(provider_name: str) -> str:
    """Return the name of the variable that limits the provider: ``local-1`` gives ``…_LOCAL_1``."""
    return _VARIABLE_PREFIX + _NOT_IN_A_VARIABLE.sub("_", provider_name.upper())
