"""Places that a reader jumps to: lines of theirs, errors, tool calls, changes of files."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Sequence

from harn_tui.console.landmark import Landmark
from harn_tui.console.transcript.block_bodies import is_hidden
from harn_tui.kinds import NoticeLevel, ToolCallStatus, ToolKind
from harn_tui.view.model import Block, NoticeBlock, ToolBlock, UserBlock, WorkerBlock
from harn_tui.view.worker_line import WorkerState, worker_line

_CHANGING_KINDS = frozenset({ToolKind.EDIT, ToolKind.DELETE, ToolKind.MOVE})


def landmarks_of(block: Block) -> frozenset[Landmark]:
    """Return which kinds of place ``block`` is."""
    if is_hidden(block):
        return frozenset()
    match block:
        case UserBlock():
            return frozenset({Landmark.USER_LINE})
        case NoticeBlock(level=NoticeLevel.ERROR):
            return frozenset({Landmark.ERROR})
        case WorkerBlock() if worker_line(block).state is WorkerState.FAILED:
            return frozenset({Landmark.ERROR})
        case ToolBlock():
            found = {Landmark.TOOL_CALL}
            if block.unrecovered:
                found.add(Landmark.ERROR)
            if _changed_files(block):
                found.add(Landmark.FILE_CHANGE)
            return frozenset(found)
        case _:
            return frozenset()


def _changed_files(block: ToolBlock) -> bool:
    if block.status is not ToolCallStatus.COMPLETED:
        return False
    return block.kind in _CHANGING_KINDS or bool(block.details.get("diff"))


class Landmarks:
    """Where each kind of place is, kept up to date block by block: a jump costs O(log n)."""

    def __init__(self, blocks: Sequence[Block] = ()) -> None:
        self._blocks = blocks
        self._places: dict[Landmark, list[int]] = {kind: [] for kind in Landmark}
        for index, block in enumerate(blocks):
            for kind in landmarks_of(block):
                self._places[kind].append(index)
        self._known = len(blocks)

    def update(self, changed: Collection[int]) -> None:
        """Take up blocks that changed and those that were added at the end."""
        for index in {*changed, *range(self._known, len(self._blocks))}:
            if 0 <= index < len(self._blocks):
                self._note(index)
        self._known = len(self._blocks)

    def after(self, kind: Landmark, index: int) -> int | None:
        """Return the next place of a kind below a block; the first of all after the last one."""
        places = self._places[kind]
        if not places:
            return None
        return places[bisect_right(places, index) % len(places)]

    def before(self, kind: Landmark, index: int) -> int | None:
        """Return the next place of a kind above a block; the last of all before the first one."""
        places = self._places[kind]
        return places[bisect_left(places, index) - 1] if places else None

    def _note(self, index: int) -> None:
        found = landmarks_of(self._blocks[index])
        for kind, places in self._places.items():
            at = bisect_left(places, index)
            is_known = at < len(places) and places[at] == index
            if kind in found and not is_known:
                insort(places, index)
            elif is_known and kind not in found:
                del places[at]
