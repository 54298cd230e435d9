"""A world in which time passes only when a daemon waits, and things happen while it does."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.feedback.host_messages import HostMessageQueue
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Boundary, HostMessageMode
from harn_tui.loop.daemon.idle import NoWakeSource, Watchdog, wait_for_wake
from harn_tui.loop.daemon.settings import DaemonSettings
from harn_tui.loop.daemon.state import DaemonState
from harn_tui.loop.daemon.wake import Wake, WakeSignal, WakeSources
from harn_tui.loop.daemon.watch import WatchState

SESSION_ID = "test_session"


@dataclass
class World:
    """Everything around one daemon. ``slept`` has the waits begun, in milliseconds."""

    settings: DaemonSettings = field(default_factory=DaemonSettings)
    has_host: bool = True
    state: DaemonState = field(default_factory=DaemonState)
    host_messages: HostMessageQueue = field(default_factory=HostMessageQueue)
    feedback: FeedbackQueue = field(default_factory=FeedbackQueue)
    signal: WakeSignal = field(default_factory=WakeSignal)
    now_ms: int = 1_000
    slept: list[int] = field(default_factory=list)
    idle_notices: list[JsonObject] = field(default_factory=list)
    events: list[tuple[int, Callable[[], object]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state.watch = WatchState.of(self.settings.watch_paths)

    def at(self, elapsed_ms: int, happens: Callable[[], object]) -> "World":
        """Let something happen so long after now, if the daemon still waits then."""
        self.events.append((self.now_ms + elapsed_ms, happens))
        self.events.sort(key=lambda event: event[0])
        return self

    def say(self, mode: HostMessageMode = HostMessageMode.WAIT_FOR_COMPLETION) -> None:
        self.host_messages.push("hello", mode)

    def type(self, boundary: Boundary = Boundary.NEXT_PREFLIGHT, kind: str = "user") -> str:
        return self.feedback.push(SESSION_ID, kind, "hello", boundary).feedback_id

    async def idle(self, *, iteration: int = 0) -> Wake | Watchdog | NoWakeSource:
        """Let one idle period pass."""
        return await wait_for_wake(
            self.settings,
            WakeSources(
                SESSION_ID,
                self.host_messages,
                self.feedback,
                self.signal if self.has_host else None,
            ),
            self.state,
            iteration=iteration,
            on_idle=self.idle_notices.append,
            clock_ms=lambda: self.now_ms,
            sleep=self._sleep,
        )

    async def wake(self) -> Wake:
        """Let one idle period pass that a wake must end."""
        ended = await self.idle()
        assert isinstance(ended, Wake)
        return ended

    async def _sleep(self, seconds: float, event: asyncio.Event) -> None:
        assert not event.is_set(), "a wait that would be over at once"
        self.slept.append(round(seconds * 1_000))
        end_ms = self.now_ms + self.slept[-1]
        while self.events and self.events[0][0] <= end_ms:
            self.now_ms, happens = self.events.pop(0)
            happens()
            await asyncio.sleep(0)
            if event.is_set():
                return
        self.now_ms = end_ms


def settings(
    *watch_paths: Path, interval_ms: int | None = None, attempts: int | None = None
) -> DaemonSettings:
    """Return the settings of a daemon that is on."""
    return DaemonSettings(
        is_on=True,
        watch_paths=watch_paths,
        wake_interval_ms=interval_ms,
        idle_watchdog_attempts=attempts,
    )
