"""Reads a log for a replay: folds it into a timeline, then follows it while it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from harn_tui.console.replay_ports import LogFeed, ReplayPlayer

if TYPE_CHECKING:
    from harn_tui.events.record import Record
    from harn_tui.view.timeline import Timeline

POLL_SECONDS = 0.5
"""How often a log that is still being written is looked at."""

FOLDED_AT_ONCE = 5_000
"""Records that are folded in a thread before others have a turn."""

Sleep: TypeAlias = Callable[[float], Awaitable[None]]


class ReplayReading:
    """Extends ``timeline``; ``looked`` is called after each look at ``feed``."""

    def __init__(
        self,
        timeline: Timeline,
        feed: LogFeed | None,
        looked: Callable[[], None],
        *,
        sleep: Sleep,
    ) -> None:
        self._timeline = timeline
        self._feed = feed
        self._looked = looked
        self._sleep = sleep
        self.is_live = False
        """Whether somebody was writing the log when it was last looked at."""

    async def fold(self, records: Sequence[Record]) -> None:
        """Fold those of ``records`` that have not been yet, in a thread."""
        for start in range(self._timeline.length, len(records), FOLDED_AT_ONCE):
            piece = records[start : start + FOLDED_AT_ONCE]
            await asyncio.to_thread(self._timeline.extend, piece)

    async def follow(self, player: ReplayPlayer) -> None:
        """Give ``player`` what comes until nobody writes any more. Raises HarnError."""
        feed = self._feed
        while feed is not None:
            # Who asks first and reads then does not miss what was written last.
            self.is_live = await asyncio.to_thread(lambda: feed.is_live)
            found = await asyncio.to_thread(feed.records)
            if found:
                await asyncio.to_thread(self._timeline.extend, found)
                player.extend(found)
            self._looked()
            if not self.is_live:
                return
            await self._sleep(POLL_SECONDS)
