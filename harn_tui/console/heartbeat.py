"""Four ticks a second while a run is active, and none otherwise; fewer with reduced motion."""

from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

TICK_SECONDS = 0.25
CALM_TICK_SECONDS = 5.0
"""With reduced motion: a duration that is counted every second is motion too."""


def wants_calm(widget: Widget) -> bool:
    """Whether the person at this console asked for reduced motion."""
    return getattr(widget.app, "reduced_motion", False) is True


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
            seconds = CALM_TICK_SECONDS if wants_calm(self._owner) else TICK_SECONDS
            self._timer = self._owner.set_interval(seconds, self._beat)
        elif not on and self._timer is not None:
            self._timer.stop()
            self._timer = None
