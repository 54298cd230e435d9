"""The picture of a replay: folds what the player delivers, and moves to any place at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from harn_tui.console.frame import FramePump, LoopScheduler
from harn_tui.console.panels.event_rows import MAX_RECORDS
from harn_tui.console.screens.body import SessionBody
from harn_tui.view.model import Changes, SessionView

if TYPE_CHECKING:
    from harn_tui.console.startup import ConsoleParts
    from harn_tui.events.record import Record
    from harn_tui.view.timeline import Timeline

JUMP_RECORDS = 1_000
"""A longer way forward is not folded record by record, but from a checkpoint."""


class ReplayPicture:
    """Keeps the view as of the player's position, and has the body draw it.

    ``timeline`` knows the records that it was extended by, perhaps not all of them yet; what is
    beyond is folded a frame at a time. ``drawn`` is called after each frame.
    """

    def __init__(
        self,
        body: SessionBody,
        parts: ConsoleParts,
        timeline: Timeline,
        drawn: Callable[[], None],
        *,
        is_congested: Callable[[], bool],
        is_calm: Callable[[], bool],
    ) -> None:
        self.view = SessionView()
        self._body = body
        self._events = body.side.rows.events
        self._encode = parts.encode
        self._timeline = timeline
        self._drawn = drawn
        self._redraws_all = False
        self._pump = FramePump(
            self.view,
            parts.apply,
            self._draw,
            scheduler=LoopScheduler(),
            is_congested=is_congested,
            is_calm=is_calm,
        )
        self._events.use(parts.encode)

    @property
    def is_busy(self) -> bool:
        """Whether records wait to be drawn."""
        return self._pump.is_armed

    @property
    def pending_count(self) -> int:
        """How many delivered records are not drawn yet."""
        return self._pump.pending_count

    def release(self) -> None:
        """Begin to draw."""
        self._pump.release()

    def close(self) -> None:
        """Draw no more."""
        self._pump.close()

    def add(self, records: Sequence[Record]) -> None:
        """Fold and draw the records that come next."""
        for record in records:
            self._pump.take(record)
            self._events.add(record)

    def jump(self, records: Sequence[Record], position: int) -> None:
        """Show the picture after the first ``position`` of ``records``."""
        known = min(position, self._timeline.length)
        self.view = self._timeline.view_at(known)
        self._pump.restart(self.view)
        self._events.use(self._encode, records[max(0, known - MAX_RECORDS) : known])
        self._redraws_all = True
        if known == position:
            self._draw(Changes())
        else:
            self.add(records[known:position])

    def _draw(self, changes: Changes) -> None:
        if self._redraws_all:
            # After a move, pictures of the way there would only flicker.
            if self._pump.pending_count:
                return
            self._redraws_all = False
            self._body.redraw(self.view)
        else:
            self._body.update_parts(changes)
        self._body.tick(self.view.last_event_at_ms)
        self._drawn()
