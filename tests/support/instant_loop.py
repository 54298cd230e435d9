"""An event loop in which waiting takes no time.

When nothing is left to do but to wait for a timer, the loop's clock jumps to it. For tests of
delays and limits that involve neither threads nor processes, whose own time this loop would
never give them.
"""

import asyncio
import selectors
from selectors import SelectorKey


class InstantLoop(asyncio.SelectorEventLoop):
    """Use it as ``asyncio.Runner(loop_factory=InstantLoop)``; ``time`` tells what was waited."""

    def __init__(self) -> None:
        self._skipped_s = 0.0
        super().__init__(_Impatient(self))

    def time(self) -> float:
        """Return the time by the loop's own clock, in seconds."""
        return super().time() + self._skipped_s

    def skip(self, seconds: float) -> None:
        """Let the clock jump."""
        self._skipped_s += seconds


class _Impatient(selectors.SelectSelector):
    def __init__(self, loop: InstantLoop) -> None:
        super().__init__()
        self._event_loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self._event_loop.skip(timeout)
        return ready
