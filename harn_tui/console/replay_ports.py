"""What a replay needs from the floors below: a player, a log that may grow, a timeline.

Structural types, as in ``console.ports``: the real ones and the stand-ins of tests satisfy them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from harn_tui.events.record import Record
    from harn_tui.view.timeline import Timeline


class ReplayPlayer(Protocol):
    """Plays the records of a session; ``store.replay_source`` has the real one."""

    @property
    def records(self) -> Sequence[Record]:
        """All that there is to play so far."""
        ...

    @property
    def position(self) -> int:
        """How many records have been delivered."""
        ...

    @property
    def is_playing(self) -> bool:
        """Whether records come by themselves."""
        ...

    @property
    def speed(self) -> float | None:
        """Multiple of the recorded pace; ``None`` as fast as possible."""
        ...

    @property
    def shortens_gaps(self) -> bool:
        """Whether idle gaps are cut short."""
        ...

    async def run(self) -> None:
        """Deliver records while playing, until cancelled."""
        ...

    def play(self) -> None:
        """Go on from the position."""
        ...

    def pause(self) -> None:
        """Stay at the position."""
        ...

    def set_speed(self, speed: float | None) -> None:
        """Play at ``speed`` times the recorded pace."""
        ...

    def set_shortens_gaps(self, shortens: bool) -> None:
        """Cut idle gaps short, or play them in full."""
        ...

    def extend(self, records: Iterable[Record]) -> None:
        """Take up records that came since; at the end, deliver them."""
        ...

    def seek(self, position: int) -> None:
        """Go to where ``position`` records have been delivered."""
        ...

    def step(self) -> None:
        """Pause, and deliver one record."""
        ...

    def step_turn(self) -> None:
        """Pause, and deliver to the end of a turn."""
        ...

    def step_tool(self) -> None:
        """Pause, and deliver to where the next tool call ends."""
        ...


class LogFeed(Protocol):
    """The log of a session that may still be written. Everything here reads files."""

    @property
    def is_live(self) -> bool:
        """Whether somebody writes it."""
        ...

    def records(self) -> Sequence[Record]:
        """Return the records that have come since the last call. Raises HarnError."""
        ...


LoadRecords: TypeAlias = "Callable[[], Sequence[Record]]"
"""Reads a whole log; called in a thread. Raises HarnError."""
MakePlayer: TypeAlias = """Callable[
    [Sequence[Record], Callable[[Sequence[Record]], None], Callable[[int], None]], ReplayPlayer
]"""
"""Takes the records, where to deliver batches of them, and what to call on a move backward."""
MakeTimeline: TypeAlias = "Callable[[], Timeline]"
