"""Keep a keystroke that was meant for something else from deciding on a call."""

from harn_tui.console.ports import Clock

ARMING_MS = 500
"""A request can be answered this long after it appeared, changed or was given the focus."""

HELD_GAP_MS = 800
"""The same key again within this time counts as held; longer than a terminal's first repeat."""


class AnswerGuard:
    """Says whether a deciding key counts.

    It does not while the request on top is too new, and not while the same key is being held: a
    key that was held down over the last request must not answer this one.
    """

    def __init__(self, now_ms: Clock) -> None:
        self._now_ms = now_ms
        self._armed_at_ms = 0
        self._last_seen_ms: dict[str, int] = {}

    def rearm(self) -> None:
        """Start the delay again: what is shown has just appeared or changed."""
        self._armed_at_ms = self._now_ms() + ARMING_MS

    @property
    def is_armed(self) -> bool:
        """Whether the delay is over."""
        return self._now_ms() >= self._armed_at_ms

    def accepts(self, key: str) -> bool:
        """Return whether this press of ``key`` counts. Call it for every press."""
        now = self._now_ms()
        last = self._last_seen_ms.get(key)
        self._last_seen_ms[key] = now
        is_held = last is not None and now - last < HELD_GAP_MS
        return now >= self._armed_at_ms and not is_held
