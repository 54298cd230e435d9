"""The moment until which the work on a snapshot may take."""

import time
from collections.abc import Callable

from harn_tui.errors import SnapshotsUnavailableError


class TooSlowError(SnapshotsUnavailableError):
    """A folder that cannot be snapshotted in the time that there is."""


class Deadline:
    """A time limit that several steps share, from its construction on."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def remaining_s(self) -> float:
        """Return the seconds that are left. Raises TooSlowError when none are."""
        left = self._end - self._clock()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> TooSlowError:
        """Return the error of who did not make it."""
        return TooSlowError(
            f"A snapshot of the working folder takes longer than {self.seconds:g} s.",
            hint="Start in a smaller folder, add what is not source to .gitignore, or raise"
            " snapshots.time_limit_s.",
        )
