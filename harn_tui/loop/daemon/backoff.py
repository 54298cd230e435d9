"""How long an idle daemon waits between two looks around."""

FIRST_BACKOFF_MS = 100
"""The first wait of a daemon that has just been active."""

_SECOND_MS, _THIRD_MS, _LONGEST_MS = 500, 1_000, 2_000


def wait_ms(backoff_ms: int, wake_interval_ms: int | None) -> int:
    """Return the length of the next wait: the interval when there is one, else the backoff."""
    return backoff_ms if wake_interval_ms is None else wake_interval_ms


def next_backoff_ms(backoff_ms: int, wake_interval_ms: int | None) -> int:
    """Return the backoff that follows a wait in vain: 100, 500, 1000, then 2000 milliseconds.

    An interval pins it.
    """
    if wake_interval_ms is not None:
        return wake_interval_ms
    if backoff_ms <= FIRST_BACKOFF_MS:
        return _SECOND_MS
    return _THIRD_MS if backoff_ms <= _SECOND_MS else _LONGEST_MS
