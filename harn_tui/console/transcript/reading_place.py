"""Where a person was reading, and what they had open, as something that outlives the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harn_tui.console.transcript.scene import Scene
from harn_tui.console.transcript.viewport import Spot
from harn_tui.json_types import JsonObject, JsonValue

_MOST_FOLDS = 2_000


class ReadingPlace:
    """The place in one transcript: taken, gone back to, and watched."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._on_drawn: Callable[[], None] = lambda: None

    def current(self) -> JsonObject:
        """Return the place: the first visible row unless the end is followed, and the folds.

        Blocks go by their number, which a fold of the same log gives them again.
        """
        folds, viewport = self._scene.document.folds, self._scene.viewport
        place: JsonObject = {}
        if not viewport.follow:
            place["top"] = [*viewport.anchor, viewport.anchor_offset]
        chosen = folds.chosen
        if chosen:
            newest = sorted(chosen)[-_MOST_FOLDS:]
            place["folded"] = {str(block): chosen[block] for block in newest}
        if folds.all_folded is not None:
            place["all_folded"] = folds.all_folded
            place["tools_since"] = [*sorted(folds.tools_since)]
        return place

    def return_to(self, place: Mapping[str, JsonValue]) -> None:
        """Open and fold what was, and bring the row to the top that was there.

        What cannot be read of ``place``, or is of blocks that are not there, is passed over.
        """
        document, viewport = self._scene.document, self._scene.viewport
        chosen = _folds(place.get("folded"), len(document.blocks))
        all_folded, since = place.get("all_folded"), place.get("tools_since")
        is_told = isinstance(all_folded, bool)
        if chosen or is_told:
            document.folds.restore(
                chosen,
                all_folded=all_folded if isinstance(all_folded, bool) else None,
                tools_since=[t for t in since if isinstance(t, str)]
                if isinstance(since, list)
                else [],
            )
            document.restart()
        top = place.get("top")
        if isinstance(top, list) and len(top) == 4:
            block, unit, row, offset = (
                value if isinstance(value, int) and not isinstance(value, bool) else -1
                for value in top
            )
            if min(block, unit, row, offset) >= 0 and block < len(document.blocks):
                viewport.return_to(Spot(block, unit, row), follow=False, offset=offset)
        self._scene.redraw()

    def watch(self, on_drawn: Callable[[], None]) -> None:
        """Call ``on_drawn`` whenever rows were drawn, which may have another place."""
        self._on_drawn = on_drawn

    def drawn(self) -> None:
        """Tell who watches that rows were drawn."""
        self._on_drawn()


def _folds(folded: JsonValue, block_count: int) -> dict[int, bool]:
    if not isinstance(folded, dict):
        return {}
    return {
        int(block): is_folded
        for block, is_folded in folded.items()
        if isinstance(is_folded, bool)
        and block.isascii()
        and block.isdigit()
        and len(block) < 10
        and int(block) < block_count
    }
