"""What a person does in the transcript beside scrolling: a block cursor, jumps, selecting."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from textual.strip import Strip

from harn_tui.console.landmark import Landmark
from harn_tui.console.transcript.block_bodies import can_fold
from harn_tui.console.transcript.block_cursor import BlockCursor
from harn_tui.console.transcript.block_parts import parts_of
from harn_tui.console.transcript.block_source import shown_source
from harn_tui.console.transcript.finder import Finder
from harn_tui.console.transcript.folds import Folds
from harn_tui.console.transcript.landmarks import Landmarks
from harn_tui.console.transcript.reading_place import ReadingPlace
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.row_marks import RowMarks, Stretch
from harn_tui.console.transcript.scene import Scene
from harn_tui.console.transcript.selecting import Selecting
from harn_tui.view.model import Block, ToolBlock


class Reader:
    """Holds cursor, selection and search of one transcript, and marks its rows."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.cursor = BlockCursor(scene.document, scene.viewport)
        self.finder = Finder(scene, self.cursor)
        self.selecting = Selecting(scene, self.cursor)
        self.place = ReadingPlace(scene)
        self.is_browsing = False
        self._landmarks: Landmarks | None = None
        self._marks = RowMarks()

    @property
    def block(self) -> Block | None:
        """The block that the cursor is on; ``None`` when there is none."""
        index = self.cursor.block
        blocks = self._scene.document.blocks
        return blocks[index] if index is not None and index < len(blocks) else None

    @property
    def can_fold(self) -> bool:
        """Whether folding changes what is shown of the block."""
        return self.block is not None and can_fold(self.block)

    @property
    def is_at_call(self) -> bool:
        """Whether the block is a tool call."""
        return isinstance(self.block, ToolBlock)

    def whole_source(self) -> str:
        """Return all that the block of the cursor says, folded or not; nothing without one."""
        return "" if self.block is None else shown_source(self.block, is_folded=False)

    def reset(self) -> None:
        """Begin anew: the transcript shows other blocks, which are not drawn yet."""
        self.finder.reset()
        self.selecting.forget()
        self._landmarks = None
        self.cursor.block = None

    def update(self, changed: Collection[int]) -> None:
        """Take up changed blocks and new ones at the end."""
        self.finder.update(changed)
        if self._landmarks is not None:
            self._landmarks.update(changed)

    def enter(self) -> None:
        """Show the cursor, in view."""
        self.is_browsing = True
        self.cursor.enter(self._scene.screenful)
        self._scene.redraw()

    def leave(self) -> None:
        """Hide the cursor; selection and search end."""
        self.is_browsing = False
        self.selecting.forget()
        self.finder.close()
        self._scene.redraw()

    def move(self, step: int) -> None:
        """Go to the next block with the sign of ``step``; while selecting, the selection grows."""
        self.cursor.move(step, self._scene.screenful)
        self.selecting.follow_cursor()
        self._scene.redraw()

    def stand_on(self, block: int) -> None:
        """Put the cursor on a block that is in view."""
        self.cursor.block = block
        self._scene.redraw()

    def go_to_end(self, *, is_first: bool) -> None:
        """Go to the first or the last block of the session."""
        self.cursor.go_to_end(is_first=is_first)
        self.selecting.follow_cursor()
        self._scene.redraw()

    def jump(self, kind: Landmark, step: int) -> bool:
        """Go to the next place of a kind, or to the one before; false when there is none."""
        if self._landmarks is None:
            self._landmarks = Landmarks(self._scene.document.blocks)
        at = self.cursor.block or 0
        found = self._landmarks.after(kind, at) if step > 0 else self._landmarks.before(kind, at)
        if found is None:
            return False
        self.cursor.go_to(found, self._scene.screenful)
        self.selecting.follow_cursor()
        self._scene.redraw()
        return True

    def toggle_raw(self) -> bool:
        """Show the block as it came, or drawn again; false when it still grows."""
        index = self.cursor.block
        if index is None or not self._scene.document.toggle_raw(index):
            return False
        self.selecting.forget()
        self._scene.viewport.follow = False
        self._scene.viewport.block_was_renewed(index)
        self._scene.redraw()
        return True

    def fold_tools(self, tools: Mapping[str, bool]) -> None:
        """Fold or open the calls of tools, by name, as it was chosen before."""
        self._scene.document.folds = Folds(tools)
        self._renew_all()

    def toggle_tool(self) -> tuple[str, bool] | None:
        """Fold or open all calls of the tool of the block, those to come too.

        Returns its name and whether they are folded now; ``None`` when the block is no call.
        """
        index, block = self.cursor.block, self.block
        if index is None or not isinstance(block, ToolBlock):
            return None
        document = self._scene.document
        is_folded = not document.folds.is_folded(index, block)
        document.choose_tool(block.tool_name, is_folded=is_folded)
        self._renew_all()
        return block.tool_name, is_folded

    def copied_parts(self) -> dict[str, str]:
        """Return the texts that can be copied of the block, by their names in the menu."""
        return {} if self.block is None else parts_of(self.block)

    def marked(self) -> list[Strip]:
        """Return the rows in view with cursor, selection and hits marked on them."""
        screenful = self._scene.screenful
        if not (self.is_browsing or self.selecting.selection or self.finder.is_on):
            return screenful.strips
        if self.is_browsing and self.block is None:
            self.cursor.enter(screenful)
        document = self._scene.document
        palette, selection = document.pen.palette, self.selecting.selection
        bar = palette[Role.CURSOR]
        self.finder.begin_frame()
        self._marks.begin()
        rows = []
        for strip, spot in zip(screenful.strips, screenful.spots, strict=True):
            unit = document.open(spot.block).units[spot.unit]
            drawn = document.drawn(spot.block, spot.unit)
            stretches = self.finder.stretches(spot, drawn)
            cells = selection.cells(unit, drawn, spot) if selection else None
            if cells is not None:
                stretches.append(Stretch(*cells, palette.over(Role.SELECTED)))
            has_bar = self.is_browsing and spot.block == self.cursor.block
            has_bar = has_bar and (spot.unit > 0 or spot.row >= unit.gap)
            is_marked = has_bar or stretches
            rows.append(
                self._marks.marked(strip, bar if has_bar else None, stretches)
                if is_marked
                else strip
            )
        self._marks.end()
        return rows

    def _renew_all(self) -> None:
        viewport = self._scene.viewport
        self._scene.document.restart()
        viewport.block_was_renewed(viewport.anchor.block)
        self._scene.redraw()
