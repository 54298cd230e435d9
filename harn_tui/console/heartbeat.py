"""Four ticks a second while a run is active, and none otherwise."""

from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

TICK_SECONDS = 0.25


class Heartbeat:
    """Calls ``beat`` while it is on. When it is off no timer exists, so nothing is written."""

    def __init__(self, owner: Widget, beat: Callable[[], None]) -> None:
        self._owner = owner
        self._beat = beat
        self._timer: Timer | None = None

    @property
    def is_on(self) -> bool:
        """Whether the timer exists."""
        return self._timer is not None

    def set(self, *, on: bool) -> None:
        """Start or stop."""
        if on and self._timer is None:
            self._timer = self._owner.set_interval(TICK_SECONDS, self._beat)
        elif not on and self._timer is not None:
            self._timer.stop()
            self._timer = None
