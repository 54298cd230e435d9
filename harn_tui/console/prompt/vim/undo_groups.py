"""Makes one step of undoing of a command and all that was typed after it, as vim does.

The text area's own history ends a step at every pause, line break and deletion.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from textual.widgets import TextArea
from textual.widgets.text_area import Edit

_MOST_GROUPS = 50
"""As many as the text area keeps steps."""

Batch = list[Edit]
"""One step of the text area's history; it stays the same object when it is undone and redone."""


class UndoGroups:
    """Remembers which steps of a text area's history belong together."""

    def __init__(self, area: TextArea) -> None:
        self._area = area
        self._groups: deque[list[Batch]] = deque(maxlen=_MOST_GROUPS)
        self._before: list[Batch] | None = None

    def begin(self) -> None:
        """Have all edits from now on belong together, until ``end``."""
        self.end()
        self._area.history.checkpoint()
        self._before = self._area.history.undo_stack

    def end(self) -> None:
        """Close the group that ``begin`` opened; without one nothing happens."""
        before, self._before = self._before, None
        if before is None:
            return
        self._area.history.checkpoint()
        group = [batch for batch in self._area.history.undo_stack if not _has(before, batch)]
        if len(group) > 1:
            self._groups.append(group)

    def undo(self, undo_one: Callable[[], object]) -> None:
        """Undo the newest step with all that belongs to it; ``undo_one`` undoes one."""
        group = self._group_of(self._area.history.undo_stack)
        undo_one()
        while _is_last_in(group, self._area.history.undo_stack):
            undo_one()

    def redo(self) -> None:
        """Make the step that was undone last again, with all that belongs to it."""
        group = self._group_of(self._area.history.redo_stack)
        self._area.redo()
        while _is_last_in(group, self._area.history.redo_stack):
            self._area.redo()

    def _group_of(self, stack: Sequence[Batch]) -> list[Batch]:
        """Return the group that the newest step of ``stack`` is in; empty when it is in none."""
        return next((group for group in self._groups if _is_last_in(group, stack)), [])


def _is_last_in(group: Sequence[Batch], stack: Sequence[Batch]) -> bool:
    return bool(stack) and _has(group, stack[-1])


def _has(batches: Sequence[Batch], wanted: Batch) -> bool:
    return any(batch is wanted for batch in batches)
