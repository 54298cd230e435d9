"""Find in the transcript: the search under way, the hit the reader is at, marks on all others.

A key looks at a bounded amount of text; the rest is looked at in slices between other work.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import NamedTuple

from harn_tui.console.transcript.block_bodies import can_fold
from harn_tui.console.transcript.block_cursor import BlockCursor
from harn_tui.console.transcript.hit_places import HitPlace, found_cells, place_of
from harn_tui.console.transcript.pen import Drawn
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.row_marks import Stretch
from harn_tui.console.transcript.scene import Scene
from harn_tui.console.transcript.search import Hit, Search
from harn_tui.console.transcript.search_facets import wanted_by
from harn_tui.console.transcript.viewport import Spot

SLICE_CHARS = 150_000
"""Text that is looked at in one go: about two milliseconds."""

_SLICE_SECONDS = 1 / 60
_CHANGED_SECONDS = 0.5
"""How long text that changed waits to be looked at again."""


class FindState(NamedTuple):
    """How a search stands. ``number`` is the current hit's, from 1; 0 when there is none.

    ``needle`` is what was typed. ``problem`` says what of it could not be used.
    """

    needle: str
    number: int
    total: int
    is_complete: bool
    is_full: bool
    problem: str = ""


class _Return(NamedTuple):
    """The place to go back to."""

    anchor: Spot
    follow: bool
    block: int | None


class Finder:
    """One search after another; ``on_state`` is called when what is known of it changes."""

    def __init__(self, scene: Scene, cursor: BlockCursor) -> None:
        self._scene = scene
        self._cursor = cursor
        self._search: Search | None = None
        self._typed = self._problem = ""
        self._origin = 0
        self._return: _Return | None = None
        self._hit: Hit | None = None
        self._place: HitPlace | None = None
        self._wanted = 0
        self._is_due = False
        self._found: dict[int, tuple[Drawn, dict[int, list[tuple[int, int, int]]]]] = {}
        self.on_state: Callable[[FindState], None] = lambda _: None

    @property
    def is_on(self) -> bool:
        """Whether there is a search whose hits are marked."""
        return self._search is not None

    @property
    def state(self) -> FindState:
        """How the search stands."""
        search = self._search
        if search is None:
            return FindState("", 0, 0, is_complete=True, is_full=False, problem=self._problem)
        number = search.number(self._hit) if self._hit is not None else 0
        how = (search.is_complete, search.is_full, self._problem)
        return FindState(self._typed, number, search.count, *how)

    def begin(self) -> None:
        """Remember the place; ``cancel`` comes back to it."""
        viewport, screenful = self._scene.viewport, self._scene.screenful
        self._return = _Return(viewport.anchor, viewport.follow, self._cursor.block)
        at = self._cursor.block
        if at is None:
            at = screenful.spots[0].block if screenful.spots else 0
        self._origin = at

    def look_for(self, needle: str) -> None:
        """Go to the first hit of ``needle`` from the remembered place on; none without text.

        It may have facets, which say what blocks count (``transcript/search_facets.py``).
        """
        self._set(needle)
        if self._search is None:
            self._go_back()
        else:
            self._wanted = 1
            self._advance()

    def step(self, step: int) -> None:
        """Go to the next hit, or to the one before; round at the ends."""
        if self._search is not None:
            self._wanted = step
            self._advance()

    def cancel(self) -> None:
        """End the search and go back to where it began."""
        self._set("")
        self._go_back()

    def reset(self) -> None:
        """Forget everything: the transcript shows other blocks."""
        self._return, self._origin = None, 0
        self._set("")

    def close(self) -> None:
        """End the search and stay."""
        if self._search is not None:
            self._set("")
            self._scene.redraw()

    def update(self, changed: Collection[int]) -> None:
        """Take up changed and new blocks; they are looked at a little later."""
        if self._search is not None:
            self._search.update(changed)
            self._schedule(_CHANGED_SECONDS)

    def begin_frame(self) -> None:
        """Forget the marks of rows that went out of view long ago."""
        if len(self._found) > 500:
            self._found.clear()

    def stretches(self, spot: Spot, drawn: Drawn) -> list[Stretch]:
        """Return the marks of a row."""
        search = self._search
        if search is None or (search.facets and not search.count_in_block(spot.block)):
            return []
        kept = self._found.get(id(drawn))
        if kept is None or kept[0] is not drawn:
            by_row: dict[int, list[tuple[int, int, int]]] = {}
            for number, places in enumerate(found_cells(drawn, search.pattern)):
                for row, start, end in places:
                    by_row.setdefault(row, []).append((start, end, number))
            kept = self._found[id(drawn)] = (drawn, by_row)
        palette, place = self._scene.document.pen.palette, self._place
        at = place.number if place is not None and place[:2] == spot[:2] else None
        return [
            Stretch(
                start, end, palette[Role.CURRENT_HIT] if number == at else palette.over(Role.HIT)
            )
            for start, end, number in kept[1].get(spot.row, ())
        ]

    def _set(self, needle: str) -> None:
        blocks = self._scene.document.blocks
        wanted = wanted_by(needle, datetime.now())  # noqa: DTZ005 - local, as a person means it
        self._typed, self._problem = needle, " ".join(wanted.problems)
        self._search = None
        if not wanted.is_empty:
            self._search = Search(blocks, wanted.needle, self._origin, wanted.facets)
        self._hit, self._place, self._wanted = None, None, 0
        self._found.clear()
        self._peek(None)
        self.on_state(self.state)

    def _go_back(self) -> None:
        if self._return is not None:
            self._scene.viewport.return_to(self._return.anchor, follow=self._return.follow)
            self._cursor.block = self._return.block
        self._scene.redraw()

    def _advance(self) -> None:
        search = self._search
        if search is None:
            return
        search.advance(SLICE_CHARS)
        self._settle(search)
        if self._wanted and search.is_complete and not search.count:
            self._wanted = 0
            self._go_back()
        self.on_state(self.state)
        self._schedule(_SLICE_SECONDS)

    def _schedule(self, seconds: float) -> None:
        if self._is_due or self._search is None or self._search.is_complete:
            return
        self._is_due = True
        self._scene.later(seconds, self._resume)

    def _resume(self) -> None:
        self._is_due = False
        self._advance()

    def _settle(self, search: Search) -> None:
        """Go to the wanted hit if it is certain by now which one it is."""
        place = self._hit or Hit(self._origin, -1)
        if self._wanted > 0:
            hit = search.after(*place)
            is_certain = hit is not None and hit > place
        elif self._wanted < 0:
            hit = search.before(*place)
            is_certain = hit is not None and self._origin <= hit.block and hit < place
        else:
            return
        if hit is not None and (is_certain or search.is_complete):
            self._wanted = 0
            self._hit = hit
            self._show(search, hit)

    def _show(self, search: Search, hit: Hit) -> None:
        document, viewport = self._scene.document, self._scene.viewport
        block = document.blocks[hit.block]
        has_moved = False
        if document.folds.peeked != hit.block:
            is_folded = can_fold(block) and document.folds.is_folded(hit.block, block)
            has_moved = self._peek(hit.block if is_folded else None)
        place = self._place = place_of(document, search, hit)
        self._cursor.block = hit.block
        spot = Spot(place.block, place.unit, place.row)
        # The last rows may lie under the line that is typed into.
        if has_moved or spot not in self._scene.screenful.spots[:-2]:
            viewport.show_spot(spot)
        self._scene.redraw()

    def _peek(self, block: int | None) -> bool:
        """Open ``block`` for the while; return whether that changed any rows."""
        document, viewport = self._scene.document, self._scene.viewport
        before = document.folds.peeked
        document.peek(block)
        if before == block:
            return False
        for changed in (before, block):
            if changed is not None:
                viewport.block_was_renewed(changed)
        return True
