"""The picture of a session as of any of its records, from checkpoints on the way.

Checkpoints share what did not change between them, so that many of a long session cost little
more than one.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from harn_tui.events.record import Record
from harn_tui.view.checkpoint import continued, next_checkpoint
from harn_tui.view.fold import apply
from harn_tui.view.landmark import Landmark
from harn_tui.view.landmarks import Landmarks
from harn_tui.view.model import Changes, SessionView
from harn_tui.view.play_times import PlayTimes

MOST_CHECKPOINTS = 64
FIRST_SPACING = 128
"""Records between two checkpoints, until there are too many: then twice as many, and so on."""
LONGEST_GAP_MS = 2_000


class Checkpoint(NamedTuple):
    """The view after ``position`` records; never folded into."""

    position: int
    view: SessionView


class Stretch(NamedTuple):
    """What happens in a part of a session that one column of a strip stands for."""

    records: int
    has_error: bool
    has_approval: bool


class Timeline:
    """Folds the records of a session once and finds its view at any place again.

    ``extend`` may work in a thread, one call at a time, while the rest is called in another.
    ``fold`` folds one record; what it raises is raised.
    """

    def __init__(
        self,
        *,
        fold: Callable[[SessionView, Record], Changes] = apply,
        longest_gap_ms: int = LONGEST_GAP_MS,
        most_checkpoints: int = MOST_CHECKPOINTS,
        first_spacing: int = FIRST_SPACING,
    ) -> None:
        self.landmarks = Landmarks()
        self.times = PlayTimes(longest_gap_ms)
        self._fold = fold
        self._records: list[Record] = []
        self._most = max(2, most_checkpoints)
        self._spacing = max(1, first_spacing)
        self._newest = SessionView()
        self._last = Checkpoint(0, SessionView())
        self._changed: set[int] = set()
        self._kept: tuple[Checkpoint, ...] = (self._last,)

    @property
    def length(self) -> int:
        """How many records have been folded: ``view_at`` goes up to there."""
        return len(self._records)

    @property
    def checkpoints(self) -> Sequence[Checkpoint]:
        """Those that are kept, in order; the first is that of nothing."""
        return self._kept

    def extend(self, records: Iterable[Record]) -> None:
        """Fold more records, each the one after the last. Takes about 5 microseconds a record."""
        for record in records:
            changes = self._fold(self._newest, record)
            self._changed |= changes.blocks
            self.landmarks.take(len(self._records), record, changes)
            self.times.take(record)
            self._records.append(record)
            if len(self._records) - self._last.position >= self._spacing:
                self._keep_checkpoint()

    def view_at(self, position: int) -> SessionView:
        """Return the view after ``position`` records, for the caller to fold on.

        Bounded to what has been folded; costs at most the spacing of checkpoints.
        """
        position = min(max(position, 0), self.length)
        near = next(kept for kept in reversed(self._kept) if kept.position <= position)
        view = continued(near.view)
        for record in islice(self._records, near.position, position):
            self._fold(view, record)
        return view

    def stretches(self, count: int, *, shortened: bool) -> list[Stretch]:
        """Return ``count`` parts of the session, each of the same time to play."""
        bounds = [
            self.times.position(number / count, shortened=shortened) for number in range(count)
        ]
        bounds.append(self.length)
        marks = self.landmarks
        return [
            Stretch(
                end - start,
                marks.has_any(Landmark.ERROR, start, end),
                marks.has_any(Landmark.APPROVAL, start, end),
            )
            for start, end in zip(bounds, bounds[1:], strict=False)
        ]

    def _keep_checkpoint(self) -> None:
        view = next_checkpoint(self._newest, self._last.view, self._changed)
        self._last = Checkpoint(self.length, view)
        self._changed = set()
        kept = (*self._kept, self._last)
        if len(kept) > self._most:
            kept = kept[::2]
            self._spacing *= 2
        # One assignment: who looks meanwhile sees the old ones or the new ones.
        self._kept = kept
