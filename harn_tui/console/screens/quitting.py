"""Quitting by a key that must be pressed twice, after it was said what that costs."""

from collections.abc import Callable

from harn_tui.console.ports import Clock

QUIT_ARMED_MS = 3000


class Quitting:
    """Whether the next press quits. ``flash`` shows a text for some seconds."""

    def __init__(self, now_ms: Clock, flash: Callable[[str, float], None]) -> None:
        self._now_ms = now_ms
        self._flash = flash
        self._armed_at_ms: int | None = None

    @property
    def is_armed(self) -> bool:
        """Whether the first press was just now."""
        armed_at = self._armed_at_ms
        return armed_at is not None and self._now_ms() - armed_at <= QUIT_ARMED_MS

    def arm(self, costs: str) -> None:
        """Say what quitting costs; the next press counts."""
        self._armed_at_ms = self._now_ms()
        self._flash(costs, QUIT_ARMED_MS / 1000)

    def disarm(self) -> None:
        """Something else was done in between."""
        if self._armed_at_ms is not None:
            self._armed_at_ms = None
            self._flash("", 0)


def quitting_costs(*, is_running: bool, queued: int, unsent: int) -> str:
    """Return what a second Ctrl+C does and what it would end or lose."""
    costs = [
        *(["the run stops"] if is_running else []),
        *([f"{queued} queued wait for the next start"] if queued else []),
        *([f"{unsent} unsent are lost"] if unsent else []),
    ]
    return f"ctrl+c again quits{': ' if costs else ''}{', '.join(costs)}"
