"""Kills this process with SIGKILL at a moment that is named by progress, never by a clock."""

import os
import signal
from dataclasses import dataclass
from enum import StrEnum

from harn_tui.sinks.line_writer import LineWriter


class Measure(StrEnum):
    """What is counted until the process dies."""

    BYTES = "bytes"
    """Bytes written to log and journal: it dies in the middle of a line."""
    WRITES = "writes"
    """Lines written: it dies with the last one whole."""
    LINES = "lines"
    """Lines written about what the person said: it dies between two that belong together."""
    STEPS = "steps"
    """Suspensions of tasks: it dies at an await, between any two writes."""


@dataclass
class Progress:
    """How far a run came."""

    bytes: int = 0
    writes: int = 0
    lines: int = 0
    steps: int = 0


class Death:
    """Counts, and dies when ``measure`` has come to ``limit``; ``limit`` 0 only counts."""

    def __init__(self, measure: Measure = Measure.STEPS, limit: int = 0) -> None:
        self.progress = Progress()
        self._measure = measure
        self._limit = limit

    def install(self) -> None:
        """Watch what every log and journal writes from now on, and spare the disk."""
        defaults = LineWriter.__init__.__kwdefaults__
        assert defaults is not None
        defaults["system_write"] = self._write
        # SIGKILL leaves what the system has; only a power cut needs the disk.
        defaults["system_sync"] = _no_sync
        vars(os)["fsync"] = _no_sync

    def step(self, number: int) -> None:
        """Take a suspension."""
        self.progress.steps = number
        self._die_if_due(Measure.STEPS, number)

    def _write(self, descriptor: int, data: bytes) -> int:
        progress = self.progress
        left = self._limit - progress.bytes
        if self._limit and self._measure is Measure.BYTES and left < len(data):
            os.write(descriptor, data[: max(0, left)])
            _die()
        written = os.write(descriptor, data)
        progress.bytes += written
        progress.writes += 1
        self._die_if_due(Measure.WRITES, progress.writes)
        if b'"feedback_id"' in data:
            progress.lines += 1
            self._die_if_due(Measure.LINES, progress.lines)
        return written

    def _die_if_due(self, measure: Measure, count: int) -> None:
        if self._limit and self._measure is measure and count >= self._limit:
            _die()


def _no_sync(_: object) -> None:
    """Wait for no disk."""


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
