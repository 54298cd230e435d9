"""What a daemon remembers between its idle periods, and how it begins."""

import asyncio
from dataclasses import dataclass, field

from harn_tui.loop.daemon.backoff import FIRST_BACKOFF_MS
from harn_tui.loop.daemon.settings import DaemonSettings
from harn_tui.loop.daemon.snapshot import DaemonSnapshot, load
from harn_tui.loop.daemon.watch import WatchState, look_at


@dataclass(slots=True)
class DaemonState:
    """What changes while a daemon lives.

    ``backoff_ms`` is the next wait without an interval. ``wakes`` counts wakes, apart from the
    loop's iterations. ``watch`` is how the watched paths looked when the daemon last knew them.
    """

    backoff_ms: int = FIRST_BACKOFF_MS
    wakes: int = 0
    watch: WatchState = field(default_factory=WatchState)

    def reset_backoff(self) -> None:
        """Something happened (a tool turn, a message, a wake): begin with short waits again."""
        self.backoff_ms = FIRST_BACKOFF_MS


@dataclass(frozen=True, slots=True)
class DaemonStart:
    """How a daemon begins; ``snapshot`` is what it resumes from, ``None`` for nothing."""

    state: DaemonState
    snapshot: DaemonSnapshot | None


async def start_daemon(settings: DaemonSettings) -> DaemonStart:
    """Read the snapshot to resume from, if any, and take the first look at the watched paths.

    What the snapshot knows of a path stays the measure, so that a change made while no daemon
    ran wakes this one. Files are read in a thread. Raises StoreError for a snapshot that cannot
    be used.
    """
    now = await look_at(settings.watch_paths)
    if settings.resume_path is None:
        return DaemonStart(DaemonState(watch=now), None)
    snapshot = await asyncio.to_thread(load, settings.resume_path)
    state = DaemonState(
        backoff_ms=snapshot.idle_backoff_ms,
        wakes=snapshot.wakes,
        watch=now.since(snapshot.watch_state),
    )
    return DaemonStart(state, snapshot)
