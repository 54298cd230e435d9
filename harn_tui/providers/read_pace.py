"""How long to let a trickling server write before the next read.

A server that sends a token at a time wakes the event loop for each of them, which costs more than
the tokens themselves. A person sees 30 frames a second: waiting for half a frame lets several
tokens come with one read.
"""

from typing import Final

READ_WAIT_S: Final = 0.016
SMALL_BYTES: Final = 4096
TRICKLE_READS: Final = 40
"""Small reads before the first wait: a short reply ends before, and is not held up at all."""


class ReadPace:
    """Watches the reads of one response."""

    def __init__(self) -> None:
        self._small_reads = 0

    def wait_after(self, size: int) -> float:
        """Return the seconds to wait after a read of ``size`` bytes; 0 for not at all."""
        if size >= SMALL_BYTES:
            # There is more where this came from: reading on is what takes the time.
            return 0.0
        self._small_reads += 1
        return READ_WAIT_S if self._small_reads > TRICKLE_READS else 0.0
