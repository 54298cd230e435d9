"""The drawn units that are kept: those on screen and around it."""

from collections import OrderedDict

from harn_tui.console.transcript.pen import Drawn
from harn_tui.console.transcript.unit import Unit

MAX_UNITS = 600
MAX_ROWS = 2500
"""A strip takes about 1.5 kB, so this bounds the cache to a few megabytes."""


class StripCache:
    """Least recently used drawings, by unit. Clear it when the width or the theme changes."""

    def __init__(self, max_units: int = MAX_UNITS, max_rows: int = MAX_ROWS) -> None:
        self._max_units = max_units
        self._max_rows = max_rows
        self._drawn: OrderedDict[Unit, tuple[int, Drawn]] = OrderedDict()
        self._rows = 0

    def __len__(self) -> int:
        return len(self._drawn)

    @property
    def rows(self) -> int:
        """Strips that are kept."""
        return self._rows

    def get(self, unit: Unit) -> Drawn | None:
        """Return the drawing of ``unit`` unless it is gone or out of date."""
        found = self._drawn.get(unit)
        if found is None:
            return None
        version, drawn = found
        if version != unit.version:
            self._drop(unit)
            return None
        self._drawn.move_to_end(unit)
        return drawn

    def put(self, unit: Unit, drawn: Drawn) -> None:
        """Keep the drawing of ``unit``; the oldest ones make room."""
        self._drop(unit)
        self._drawn[unit] = (unit.version, drawn)
        self._rows += len(drawn.strips)
        while len(self._drawn) > 1 and (
            len(self._drawn) > self._max_units or self._rows > self._max_rows
        ):
            _, (_, oldest) = self._drawn.popitem(last=False)
            self._rows -= len(oldest.strips)

    def clear(self) -> None:
        """Forget everything."""
        self._drawn.clear()
        self._rows = 0

    def _drop(self, unit: Unit) -> None:
        found = self._drawn.pop(unit, None)
        if found is not None:
            self._rows -= len(found[1].strips)
