"""Ctrl+C twice on an empty prompt quits: the first press says what that would cost."""

from __future__ import annotations

from collections.abc import Callable

from harn_tui.console.actions import key_of
from harn_tui.console.ports import Clock

QUIT_ARMED_MS = 3000
"""How long the second press counts."""


class Quitting:
    """Remembers the first press. ``flash`` shows a text for some seconds, while it holds."""

    def __init__(
        self, now_ms: Clock, flash: Callable[[str, float, Callable[[], bool]], None]
    ) -> None:
        self._now_ms = now_ms
        self._flash = flash
        self._armed_at_ms: int | None = None

    @property
    def is_armed(self) -> bool:
        """Whether a press now would quit."""
        armed_at_ms = self._armed_at_ms
        return armed_at_ms is not None and self._now_ms() - armed_at_ms <= QUIT_ARMED_MS

    def arm(self, costs: str, holds: Callable[[], bool]) -> None:
        """Take the first press; ``costs`` says what a second one does, while it ``holds``."""
        self._armed_at_ms = self._now_ms()
        self._flash(costs, QUIT_ARMED_MS / 1000, lambda: self.is_armed and holds())

    def disarm(self) -> None:
        """Forget the first press: something else was done."""
        self._armed_at_ms = None


def quitting_costs(*, is_running: bool, queued: int, unsent: int) -> str:
    """Return what a second Ctrl+C does and what it would end or lose."""
    costs = [
        *(["the run stops"] if is_running else []),
        *([f"{_lines(queued, 'queued', 'waits', 'wait')} for the next start"] if queued else []),
        *([_lines(unsent, "unsent", "is lost", "are lost")] if unsent else []),
    ]
    return f"{key_of('clear_or_quit')} again quits{': ' if costs else ''}{', '.join(costs)}"


def _lines(count: int, state: str, one: str, several: str) -> str:
    return f"{count} {state} line {one}" if count == 1 else f"{count} {state} lines {several}"
