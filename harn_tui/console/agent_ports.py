"""What the console needs of the nested loops of a session: structural types as in ``ports``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class RunningAgent(Protocol):
    """A nested loop that is at work, as a person chooses among several."""

    @property
    def worker_id(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """Its name, which others may have too."""
        ...

    @property
    def depth(self) -> int:
        """How many loops it is nested in, from 1."""
        ...

    @property
    def doing(self) -> str:
        """What it does now, in one line."""
        ...


class AgentsPort(Protocol):
    """The nested loops of a session. Every method returns at once."""

    @property
    def running(self) -> Sequence[RunningAgent]:
        """Those at work, in the order in which they began."""
        ...

    def steer(self, worker_id: str, text: str) -> bool:
        """Queue a line for one of them; false when it has ended. Raises HarnError."""
        ...

    def cancel(self, worker_id: str) -> bool:
        """End one of them; false when there is nothing to end."""
        ...
