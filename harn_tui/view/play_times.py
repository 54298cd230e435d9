"""When each record of a session is due in a replay, in full and with idle gaps shortened."""

from array import array
from bisect import bisect_right

from harn_tui.events.record import Record


class PlayTimes:
    """Milliseconds from the first record to each, as they are played.

    A gap longer than ``longest_gap_ms`` counts as that where gaps are shortened. Clocks that
    were set back count as no time.
    """

    def __init__(self, longest_gap_ms: int) -> None:
        self._longest_gap_ms = longest_gap_ms
        self._full = array("q")
        self._short = array("q")
        self._last_ms: int | None = None

    def take(self, record: Record) -> None:
        """Look at the next record."""
        gap = 0 if self._last_ms is None else max(0, record.emitted_at_ms - self._last_ms)
        self._last_ms = record.emitted_at_ms
        full, short = self._full, self._short
        full.append((full[-1] if full else 0) + gap)
        short.append((short[-1] if short else 0) + min(gap, self._longest_gap_ms))

    def share(self, position: int, *, shortened: bool) -> float:
        """Return how far into the whole ``position`` records are, 0 to 1."""
        times = self._short if shortened else self._full
        length, position = len(times), max(0, position)
        if position == 0 or length == 0:
            return 0.0
        if times[length - 1] == 0:
            return min(1.0, position / length)
        return times[min(position, length) - 1] / times[length - 1]

    def position(self, share: float, *, shortened: bool) -> int:
        """Return how many records are due at ``share`` of the whole, 0 to 1."""
        times = self._short if shortened else self._full
        length = len(times)
        if share <= 0 or length == 0:
            return 0
        total = times[length - 1]
        if total == 0:
            return min(length, round(share * length))
        return bisect_right(times, share * total, 0, length)
