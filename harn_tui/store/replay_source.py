"""Playing a recorded session again: which records to show when. Nothing is executed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

from harn_tui.errors import UsageError
from harn_tui.events.agent import ToolCallUpdate, TurnEnd, TurnStart
from harn_tui.events.record import Record

SLOWEST, FASTEST = 0.25, 64.0
LONGEST_GAP_MS = 2_000
"""An idle gap is played as this long at most, unless gaps are played in full."""

_FRAME_S = 1 / 60
_BATCH_RECORDS = 500


def position_of(records: Sequence[Record], index: int) -> int:
    """Return how many records lead up to the event ``index``, itself included.

    Raises UsageError when the log has no event with that index.
    """
    if 0 <= index < len(records) and records[index].index == index:
        return index + 1
    for place, record in enumerate(records):
        if record.index == index:
            return place + 1
    if not records:
        raise UsageError(f"There is no event {index}.", hint="The log is empty.")
    raise UsageError(
        f"There is no event {index}.",
        hint=f"The log has the events {records[0].index} to {records[-1].index}.",
    )


class ReplaySource:
    """Plays ``records`` to a front end.

    ``deliver`` gets the next records in order, in batches; what it has got so far is
    ``records[:position]``. When the position moves back, ``on_rewind`` gets the new one and
    must bring the picture to ``records[:position]``, from a checkpoint or from the start.
    Starts paused at 0. ``sleep`` takes seconds; ``clock`` gives seconds and never goes back.
    """

    def __init__(
        self,
        records: Sequence[Record],
        deliver: Callable[[Sequence[Record]], None],
        on_rewind: Callable[[int], None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.records: list[Record] = list(records)
        self._deliver = deliver
        self._on_rewind = on_rewind
        self._sleep = sleep
        self._clock = clock
        self._position = 0
        self._is_playing = False
        self._speed: float | None = 1.0
        self._shortens_gaps = True
        self._controlled = asyncio.Event()
        self._last_shown_s = 0.0  # when, by the clock, the record before the position was due

    @property
    def position(self) -> int:
        """How many records have been delivered."""
        return self._position

    @property
    def is_playing(self) -> bool:
        """Whether records come by themselves; ``False`` at the end."""
        return self._is_playing and not self.is_at_end

    @property
    def is_at_end(self) -> bool:
        """Whether all records have been delivered."""
        return self._position >= len(self.records)

    @property
    def speed(self) -> float | None:
        """Multiple of the recorded pace; ``None`` as fast as possible."""
        return self._speed

    @property
    def shortens_gaps(self) -> bool:
        """Whether idle gaps are cut to ``LONGEST_GAP_MS``."""
        return self._shortens_gaps

    async def run(self) -> None:
        """Deliver records while playing, until cancelled. One call at a time."""
        while True:
            self._controlled.clear()
            if not self.is_playing:
                await self._controlled.wait()
            elif self._speed is None:
                self._advance(min(self._position + _BATCH_RECORDS, len(self.records)))
                await self._sleep(0)
            else:
                await self._wait_until_due()

    def play(self) -> None:
        """Go on from the position; at the end, from the start."""
        if self.is_at_end and self.records:
            self.seek(0)
        self._is_playing = True
        self._restart_clock()

    def pause(self) -> None:
        """Stay at the position."""
        self._is_playing = False
        self._restart_clock()

    def set_speed(self, speed: float | None) -> None:
        """Play at ``speed`` times the recorded pace, ``None``: as fast as possible.

        Raises ValueError outside 0.25 to 64.
        """
        if speed is not None and not SLOWEST <= speed <= FASTEST:
            raise ValueError(f"speed must be from {SLOWEST} to {FASTEST}, not {speed}")
        self._speed = speed
        self._restart_clock()

    def set_shortens_gaps(self, shortens: bool) -> None:
        """Cut idle gaps to ``LONGEST_GAP_MS``, or play them in full."""
        self._shortens_gaps = shortens
        self._restart_clock()

    def seek(self, position: int) -> None:
        """Go to where ``position`` records have been delivered; bounded to what there is."""
        target = min(max(position, 0), len(self.records))
        if target < self._position:
            self._position = target
            self._on_rewind(target)
        self._advance(target)
        self._restart_clock()

    def extend(self, records: Iterable[Record]) -> None:
        """Take up records that came since. At the end of what there was they are delivered."""
        was_at_end = self.is_at_end
        self.records.extend(records)
        if was_at_end:
            self.seek(len(self.records))
        else:
            self._controlled.set()

    def step(self) -> None:
        """Pause, and deliver one record."""
        self._step_to(self._position + 1)

    def step_turn(self) -> None:
        """Pause, and deliver to the end of this turn, or of the next one between turns."""
        self._step_to(self._end_of_turn())

    def step_tool(self) -> None:
        """Pause, and deliver to where the next tool call ends."""
        for place in range(self._position, len(self.records)):
            event = self.records[place].event
            if isinstance(event, ToolCallUpdate) and event.status.is_terminal:
                return self._step_to(place + 1)
        return self._step_to(len(self.records))

    def _step_to(self, position: int) -> None:
        self._is_playing = False
        self.seek(position)

    def _end_of_turn(self) -> int:
        """Logs of the reference end a turn without a call by starting the next one."""
        in_turn = self._is_in_turn()
        for place in range(self._position, len(self.records)):
            event = self.records[place].event
            if isinstance(event, TurnEnd):
                return place + 1
            if isinstance(event, TurnStart):
                if in_turn and place > self._position:
                    return place
                in_turn = True
        return len(self.records)

    def _is_in_turn(self) -> bool:
        for place in range(self._position - 1, -1, -1):
            event = self.records[place].event
            if isinstance(event, TurnStart | TurnEnd):
                return isinstance(event, TurnStart)
        return False

    def _restart_clock(self) -> None:
        """Count the next record's delay from now, and wake ``run``."""
        self._last_shown_s = self._clock()
        self._controlled.set()

    def _advance(self, target: int) -> None:
        if target > self._position:
            batch = self.records[self._position : target]
            self._position = target
            self._deliver(batch)

    async def _wait_until_due(self) -> None:
        """Deliver what is due, else sleep until something is or a control is used."""
        now = self._clock()
        target, shown_s = self._position, self._last_shown_s
        while target < len(self.records):
            due_s = shown_s + self._delay_s(target)
            if due_s > now:
                break
            target, shown_s = target + 1, due_s
        self._last_shown_s = shown_s
        self._advance(target)
        if self.is_playing and not self._controlled.is_set():
            next_due_s = self._last_shown_s + self._delay_s(self._position)
            await self._sleep_unless_controlled(max(next_due_s - now, _FRAME_S))

    def _delay_s(self, place: int) -> float:
        """Return how long after the record before it the one at ``place`` is due."""
        if place == 0 or self._speed is None:
            return 0.0
        gap_ms = self.records[place].emitted_at_ms - self.records[place - 1].emitted_at_ms
        if self._shortens_gaps:
            gap_ms = min(gap_ms, LONGEST_GAP_MS)
        return max(gap_ms, 0) / 1_000 / self._speed

    async def _sleep_unless_controlled(self, seconds: float) -> None:
        tasks = [
            asyncio.ensure_future(self._sleep(seconds)),
            asyncio.ensure_future(self._controlled.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
