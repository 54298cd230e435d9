"""A person's wish to have the history compacted, until a run takes it up."""

from collections.abc import Callable


class CompactionWish:
    """Asked for at any time, and carried out before the next model call.

    ``is_running`` tells whether a run is on.
    """

    def __init__(self, is_running: Callable[[], bool]) -> None:
        self._is_open = False
        self._is_running = is_running

    def ask(self) -> str:
        """Have the history compacted; return when that will be, in words."""
        self._is_open = True
        when = "the next model call" if self._is_running() else "your next request goes out"
        return f"Older messages will be summarised before {when}."

    def take(self) -> bool:
        """Take the wish up; false when there is none. For the loop."""
        was_open, self._is_open = self._is_open, False
        return was_open
