import asyncio

import pytest

from harn_tui.errors import ConfigError
from harn_tui.providers.base import Accepted, Completion, CompletionRequest, OnDelta
from harn_tui.providers.rate_limit import RateLimiter, RateLimits, rate_limit_variable
from harn_tui.providers.rate_limited import RateLimitedProvider
from tests.unit.providers.wire import request_of


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.1
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self.now += seconds


class Echo:
    """A provider that answers at once and counts its calls."""

    name = "echo"
    is_paced = True

    def __init__(self) -> None:
        self.calls = 0

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        self.calls += 1
        on_delta(Accepted())
        return Completion("x")

    async def aclose(self) -> None:
        self.calls = -1


def limiter(limit: int, time: Time) -> RateLimiter:
    return RateLimiter(limit, time, time.sleep)


async def test_loop_9_14_requests_within_the_limit_go_out_at_once() -> None:
    time = Time()
    limited = limiter(3, time)
    for _ in range(3):
        await limited.acquire()
    assert time.slept == []
    assert limited.wait_s() == pytest.approx(60.0)


async def test_loop_7_11_the_next_request_waits_until_the_oldest_is_a_minute_old() -> None:
    time = Time()
    limited = limiter(2, time)
    await limited.acquire()
    time.now += 1.5
    await limited.acquire()
    await limited.acquire()
    assert time.slept == [pytest.approx(58.5)]
    await limited.acquire()
    assert time.slept[1:] == [pytest.approx(1.5)]


async def test_loop_7_11_those_who_wait_look_again_when_the_place_was_taken() -> None:
    time = Time()
    limited = limiter(1, time)
    starts: list[float] = []

    async def call() -> None:
        await limited.acquire()
        starts.append(time.now)

    await asyncio.gather(*(call() for _ in range(4)))
    gaps = [later - earlier for earlier, later in zip(starts, starts[1:], strict=False)]
    assert all(gap >= 59.999 for gap in gaps)


async def test_a_call_that_is_cancelled_while_it_waits_takes_no_place() -> None:
    time = Time()
    limited = limiter(1, time)
    await limited.acquire()
    waiting = asyncio.create_task(limited.acquire())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    time.now += 60
    assert limited.wait_s() == 0


async def test_no_limit_never_waits() -> None:
    time = Time()
    limited = limiter(0, time)
    for _ in range(100):
        await limited.acquire()
    assert time.slept == []


def test_the_same_name_shares_one_limiter_and_the_newest_limit_holds() -> None:
    limits = RateLimits({})
    first = limits.limiter_for("a", 5)
    assert first is not None
    assert limits.limiter_for("a", 2) is first
    assert first.limit_per_minute == 2
    assert limits.limiter_for("b", 5) is not first


@pytest.mark.parametrize("configured", [None, 0])
def test_without_a_configured_limit_there_is_none(configured: int | None) -> None:
    assert RateLimits({}).limiter_for("a", configured) is None


@pytest.mark.parametrize(
    ("value", "configured", "limit"),
    [("7", None, 7), ("7", 3, 7), ("0", 3, None), (" ", 3, 3), ("", None, None)],
)
def test_loop_7_11_the_variable_wins_and_zero_removes_the_limit(
    value: str, configured: int | None, limit: int | None
) -> None:
    limits = RateLimits({"HARN_RATE_LIMIT_LOCAL_1": value})
    found = limits.limiter_for("local-1", configured)
    assert (None if found is None else found.limit_per_minute) == limit


@pytest.mark.parametrize("value", ["many", "-1", "1.5", "²"])
def test_a_variable_that_holds_no_number_is_an_error_that_names_it(value: str) -> None:
    limits = RateLimits({"HARN_RATE_LIMIT_OPENAI": value})
    with pytest.raises(ConfigError, match="HARN_RATE_LIMIT_OPENAI"):
        limits.limiter_for("openai", None)


def test_a_providers_name_becomes_a_variables_name() -> None:
    assert rate_limit_variable("my.Local-1") == "HARN_RATE_LIMIT_MY_LOCAL_1"


async def test_a_limited_provider_waits_before_its_call_and_passes_everything_on() -> None:
    time, inner = Time(), Echo()
    provider = RateLimitedProvider(inner, limiter(1, time))
    assert (provider.name, provider.is_paced) == ("echo", True)
    deltas: list[object] = []
    await provider.complete(request_of(), deltas.append)
    assert deltas == [Accepted()]
    await provider.complete(request_of(), deltas.append)
    assert (inner.calls, len(time.slept)) == (2, 1)
    await provider.aclose()
    assert inner.calls == -1


async def test_loop_7_11_an_exempt_call_neither_waits_nor_counts() -> None:
    time, inner = Time(), Echo()
    provider = RateLimitedProvider(inner, limiter(1, time))
    for _ in range(3):
        await provider.complete(request_of(is_exempt_from_rate_limit=True), lambda _: None)
    await provider.complete(request_of(), lambda _: None)
    assert (inner.calls, time.slept) == (4, [])
