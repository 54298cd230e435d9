"""What the console asks of a session about its runs beside starting and ending them."""

from __future__ import annotations

from typing import Protocol


class SoftStopPort(Protocol):
    """Stops a run when the call that is running has ended."""

    @property
    def is_armed(self) -> bool:
        """Whether that was asked and is still to come."""
        ...

    def arm(self) -> bool:
        """Stop then; false when no call is running or this was asked before."""
        ...


class CompactionPort(Protocol):
    """Has the history of a session compacted."""

    def ask(self) -> str:
        """Have it done before the next model call; return when, or why not, in words."""
        ...
