"""One idle period of a daemon: from the end of a turn to what comes next.

It looks, then waits, then looks again: host messages and queued lines before the host's resume
signal, that before watched paths, those before the timer. A message or a signal ends a wait at
once; watched paths are looked at every second of a wait, and when it is over.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from harn_tui.json_types import JsonObject
from harn_tui.loop.daemon.backoff import next_backoff_ms, wait_ms
from harn_tui.loop.daemon.settings import DaemonSettings
from harn_tui.loop.daemon.state import DaemonState
from harn_tui.loop.daemon.wake import Wake, WakeSources, timer_wake, watch_wake
from harn_tui.loop.daemon.watch import look_for_changes
from harn_tui.loop.state import now_ms

LOOK_INTERVAL_MS = 1_000
"""Least time between two looks at watched paths within a wait."""
_LOOK_SHARE = 20
"""A look that takes long is repeated only after so many times as long."""

Sleep: TypeAlias = Callable[[float, asyncio.Event], Awaitable[None]]
"""Waits for the event, at most so many seconds; returns in either case."""


@dataclass(frozen=True, slots=True)
class Watchdog:
    """Too many waits in a row were in vain: ``attempts`` of them, in ``elapsed_ms``."""

    attempts: int
    elapsed_ms: int


@dataclass(frozen=True, slots=True)
class NoWakeSource:
    """Nothing can ever wake the daemon, so it does not wait."""


async def sleep_until(seconds: float, event: asyncio.Event) -> None:
    """Wait for ``event``, at most ``seconds``."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def wait_for_wake(
    settings: DaemonSettings,
    sources: WakeSources,
    state: DaemonState,
    *,
    iteration: int,
    on_idle: Callable[[JsonObject], None],
    clock_ms: Callable[[], int] = now_ms,
    sleep: Sleep = sleep_until,
) -> Wake | Watchdog | NoWakeSource:
    """Wait until something wakes the daemon, and return what.

    What is there already wakes it with no wait. ``on_idle`` is told of each wait before it
    begins: ``iteration``, ``backoff_ms`` (its length), ``persist_path`` or null, and
    ``watch_paths``. A wake is counted in ``state`` and resets its backoff; ``state.watch``
    moves on only with the changes that woke the daemon, so that none is missed.
    """
    started_ms = clock_ms()
    attempts = 0
    with sources.heard() as arrival:
        wake = await _look(settings, sources, state)
        if wake is None and not _has_wake_source(settings, sources):
            return NoWakeSource()
        while wake is None:
            pause_ms = wait_ms(state.backoff_ms, settings.wake_interval_ms)
            on_idle(_idle_notice(settings, iteration, pause_ms))
            pause = _Pause(settings, sources, state, arrival, clock_ms, sleep)
            wake = await pause.over(pause_ms)
            wake = wake or await _look(settings, sources, state)
            if wake is None and settings.wake_interval_ms is not None:
                wake = timer_wake(settings.wake_interval_ms)
            if wake is None and not _has_wake_source(settings, sources):
                return NoWakeSource()
            if wake is None:
                attempts += 1
                limit = settings.idle_watchdog_attempts
                if limit is not None and attempts >= limit:
                    return Watchdog(attempts, clock_ms() - started_ms)
                state.backoff_ms = next_backoff_ms(state.backoff_ms, settings.wake_interval_ms)
    state.wakes += 1
    state.reset_backoff()
    return wake


@dataclass(frozen=True, slots=True)
class _Pause:
    """One wait of an idle period; an arrival that is none of this daemon's does not shorten it."""

    settings: DaemonSettings
    sources: WakeSources
    state: DaemonState
    arrival: asyncio.Event
    clock_ms: Callable[[], int]
    sleep: Sleep

    async def over(self, pause_ms: int) -> Wake | None:
        """Return the wake that ends the pause early, ``None`` when it is over."""
        end_ms = self.clock_ms() + pause_ms
        look_at_ms = self.clock_ms() + LOOK_INTERVAL_MS
        while True:
            self.arrival.clear()
            wake = self.sources.take_wake()
            now_ms = self.clock_ms()
            if wake is not None or now_ms >= end_ms:
                return wake
            if self.settings.watch_paths and now_ms >= look_at_ms:
                wake = await _look(self.settings, self.sources, self.state)
                if wake is not None:
                    return wake
                looked_ms = self.clock_ms()
                least_ms = max(LOOK_INTERVAL_MS, _LOOK_SHARE * (looked_ms - now_ms))
                look_at_ms = looked_ms + least_ms
                continue
            until_ms = min(end_ms, look_at_ms) if self.settings.watch_paths else end_ms
            await self.sleep((until_ms - now_ms) / 1000, self.arrival)


async def _look(settings: DaemonSettings, sources: WakeSources, state: DaemonState) -> Wake | None:
    """Return the wake that is due now, but for the timer's."""
    wake = sources.take_wake()
    if wake is not None or not settings.watch_paths:
        return wake
    now, changed = await look_for_changes(state.watch, settings.watch_paths, own=settings.own_paths)
    wake = sources.take_wake()
    if wake is not None or not changed:
        return wake
    state.watch = now
    return watch_wake(changed)


def _has_wake_source(settings: DaemonSettings, sources: WakeSources) -> bool:
    return (
        (sources.signal is not None and not sources.signal.is_closed)
        or settings.wake_interval_ms is not None
        or bool(settings.watch_paths)
    )


def _idle_notice(settings: DaemonSettings, iteration: int, pause_ms: int) -> JsonObject:
    path = settings.snapshot_path
    return {
        "iteration": iteration,
        "backoff_ms": pause_ms,
        "persist_path": None if path is None else str(path),
        "watch_paths": [str(watched) for watched in settings.watch_paths],
    }
