"""Places of a session that a person looks for: errors, approvals, steered lines, changed files."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from harn_tui.events.agent import (
    FeedbackInjected,
    LoopStuck,
    ToolCallUpdate,
    TranscriptCompacted,
)
from harn_tui.events.host import LlmRetry, LoopEnd, Notice, PermissionRequest, QuestionAsked
from harn_tui.events.record import UNREADABLE_TYPE, Event, Record
from harn_tui.kinds import LoopStatus, NoticeLevel, ToolCallStatus
from harn_tui.view.landmark import Landmark
from harn_tui.view.model import Changes

_BAD_ENDS = frozenset({LoopStatus.FAILED, LoopStatus.ERROR, LoopStatus.STUCK, LoopStatus.WATCHDOG})


class Landmarks:
    """Where the landmarks of a session are, as positions: how many records lead up to each.

    The record of a landmark is the last of those, so that going there shows it.
    """

    def __init__(self) -> None:
        self._positions: dict[Landmark, list[int]] = {landmark: [] for landmark in Landmark}

    def take(self, place: int, record: Record, changes: Changes) -> None:
        """Look at the record at ``place``, whose folding made ``changes``; places ascend."""
        for landmark in _landmarks_of(record.event, changes):
            self._positions[landmark].append(place + 1)

    def after(self, landmark: Landmark, position: int) -> int | None:
        """Return the next position of a landmark after ``position``, ``None`` without one."""
        positions = self._positions[landmark]
        found = bisect_right(positions, position)
        return positions[found] if found < len(positions) else None

    def before(self, landmark: Landmark, position: int) -> int | None:
        """Return the last position of a landmark before ``position``, ``None`` without one."""
        positions = self._positions[landmark]
        found = bisect_left(positions, position)
        return positions[found - 1] if found else None

    def has_any(self, landmark: Landmark, after: int, up_to: int) -> bool:
        """Whether one lies after the position ``after`` and not after ``up_to``."""
        found = self.after(landmark, after)
        return found is not None and found <= up_to


def _landmarks_of(event: Event, changes: Changes) -> Iterator[Landmark]:
    if _is_error(event):
        yield Landmark.ERROR
    if isinstance(event, PermissionRequest | QuestionAsked):
        yield Landmark.APPROVAL
    elif isinstance(event, FeedbackInjected):
        yield Landmark.FEEDBACK
    elif isinstance(event, TranscriptCompacted):
        yield Landmark.COMPACTION
    if changes.files:
        yield Landmark.FILE_CHANGE


def _is_error(event: Event) -> bool:
    match event:
        case ToolCallUpdate(status=status):
            return status is ToolCallStatus.FAILED
        case LoopEnd(status=status):
            return status in _BAD_ENDS
        case Notice(level=level):
            return level is NoticeLevel.ERROR
        case LlmRetry() | LoopStuck():
            return True
    return event.type == UNREADABLE_TYPE
