"""The tab of queued lines: text, and below it where the line goes, its state and its age."""

from __future__ import annotations

from harn_tui.console.panels.rows import Look, Row, RowSource, Run
from harn_tui.console.plain_text import one_line
from harn_tui.console.queue_strip.rows import age_of, glyph_of, where_it_goes
from harn_tui.view.model import Changes, QueuedLine, SessionView

_SHOWN_CHARACTERS = 2000


class QueueRows(RowSource):
    """Lines that have not reached the model, in the order in which they will."""

    empty_text = "No line is waiting."
    rows_per_entry = 2

    def __init__(self) -> None:
        self._lines: list[QueuedLine] = []
        self._is_running = False
        self._now_ms = 0

    def heading(self, view: SessionView) -> str:
        """Return the name with the number of lines."""
        return f"Queue {len(view.queue)}" if view.queue else "Queue"

    def concerns(self, view: SessionView, changes: Changes) -> bool:
        """Whether a line came, went or changed its state."""
        return changes.queue or changes.status

    def take(self, view: SessionView, now_ms: int) -> None:
        """Take the lines as they are."""
        self._lines, self._is_running, self._now_ms = list(view.queue), view.is_running, now_ms

    def count(self) -> int:
        """Return two rows a line."""
        return len(self._lines) * self.rows_per_entry

    def row(self, number: int, width: int) -> Row:
        """Return the text, or below it what will become of the line."""
        place, part = divmod(number, self.rows_per_entry)
        line = self._lines[place]
        if not part:
            text = one_line(line.text[:_SHOWN_CHARACTERS])
            return [Run(f" {glyph_of(line)} ", Look.BUSY), Run(text)]
        where = where_it_goes(line, is_running=self._is_running)
        age = f" · {age_of(line, self._now_ms)}" if self._is_running else ""
        return [Run(f"   {where}{age}", Look.MUTED)]

    def target(self, number: int) -> int | None:
        """A line that waits has no place in the transcript."""
        return None
