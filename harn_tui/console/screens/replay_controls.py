"""Where a replay stands: a strip of all that happens, to be clicked, and the keys that move it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from harn_tui.console.amounts import format_seconds
from harn_tui.console.key_hints import key_hints
from harn_tui.console.plain_text import one_line
from harn_tui.console.screens.replay_strip import plain_strip, strip_content

if TYPE_CHECKING:
    from harn_tui.view.timeline import Stretch, Timeline

_HINTS = (
    ("play_pause", "play"),
    ("next_event", "event"),
    ("next_turn", "turn"),
    ("next_tool", "tool"),
    ("to_next_error", "error"),
    ("faster", "faster"),
    ("slower", "slower"),
    ("replay_help", "keys"),
    ("replay_quit", "close"),
    ("fork", "fork"),
    ("seek_start", "start"),
    ("seek_end", "end"),
)
_STATE_CELLS = 2
_LEAST_STRIP = 8


class Pace(NamedTuple):
    """How a replay goes on. ``speed`` is a multiple, ``None`` as fast as possible."""

    speed: float | None = 1.0
    is_playing: bool = False
    shortens_gaps: bool = True
    is_live: bool = False
    """Whether the session is still being written."""


class ReplayControls(Widget):
    """Stands in the place of the prompt; a replay takes no text."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    ReplayControls {
        height: 4; margin: 0 1; padding: 0 1; border: round $primary;
        border-title-color: $primary; border-title-style: bold;
    }
    .-short ReplayControls { border: none; height: 1; margin: 0; padding: 0 1; }
    """

    class Sought(Message):
        """A place of the strip was clicked or dragged to, as a share of the whole, 0 to 1."""

        def __init__(self, share: float) -> None:
            super().__init__()
            self.share = share

    def __init__(self, title: str) -> None:
        super().__init__(id="replay-controls")
        self.border_title = Content(f"Replay {one_line(title)}".strip())
        self._timeline: Timeline | None = None
        self._position = 0
        self._length = 0
        self._elapsed_ms = 0
        self._total_ms = 0
        self._pace = Pace()
        self._cells = 0
        self._drawn: tuple[tuple[int, int, bool], list[Stretch]] | None = None

    def use(self, timeline: Timeline) -> None:
        """Draw the strip of ``timeline``, as far as it knows the session."""
        self._timeline = timeline
        self.refresh()

    def show_position(self, position: int, length: int, elapsed_ms: int, total_ms: int) -> None:
        """Show how many records of all are drawn, and how far that is in time."""
        self._position, self._length = position, length
        self._elapsed_ms, self._total_ms = elapsed_ms, total_ms
        self.refresh()

    def show_pace(self, pace: Pace) -> None:
        """Show whether records come by themselves, and how fast."""
        self._pace = pace
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go to the place under the pointer, and to where it is dragged."""
        if event.button == 1 and event.y == self.gutter.top:
            event.stop()
            self.capture_mouse()
            self._seek(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Follow a drag."""
        if self.app.mouse_captured is self:
            event.stop()
            self._seek(event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End a drag."""
        if self.app.mouse_captured is self:
            event.stop()
            self.release_mouse()

    def _seek(self, x: int) -> None:
        cell = x - self.gutter.left - _STATE_CELLS
        if self._cells:
            share = (max(-1, min(cell, self._cells - 1)) + 1) / self._cells
            self.post_message(self.Sought(share))

    def render(self) -> Content:
        """Return the strip and the keys."""
        width = self.content_size.width
        rows = [self._bar(width)]
        if self.content_size.height > 1:
            rows.append(key_hints(_HINTS, width))
        return Content("\n").join(rows)

    def _bar(self, width: int) -> Content:
        pace = self._pace
        right = next(
            (text for text in self._facts() if width - len(text) - _STATE_CELLS >= _LEAST_STRIP),
            "",
        )
        self._cells = cells = max(1, width - len(right) - _STATE_CELLS)
        state = "▶" if pace.is_playing else "‖"
        is_following = pace.is_live and self._position >= self._length
        if is_following:
            state = "●"
        return Content.assemble(
            (f"{state} ", "$success" if pace.is_playing or is_following else "$warning"),
            self._strip(cells),
            (right, "$muted"),
        )

    def _facts(self) -> list[str]:
        """Return what stands behind the strip, shorter and shorter."""
        pace = self._pace
        speed = "max" if pace.speed is None else f"{pace.speed:g}×"
        count = f"{self._position}/{self._length}"
        times = f"{format_seconds(self._elapsed_ms)} of {format_seconds(self._total_ms)}"
        live = " · live" if pace.is_live else ""
        gaps = "" if pace.shortens_gaps else " · all gaps"
        return [
            f"  {count} · {times} · {speed}{gaps}{live}",
            f"  {count} · {speed}{gaps}{live}",
            f"  {count} · {speed}{live}",
            f"  {count}{live}",
        ]

    def _strip(self, cells: int) -> Content:
        timeline, shortened = self._timeline, self._pace.shortens_gaps
        if timeline is None or timeline.length < self._length:
            return plain_strip(cells, self._position / self._length if self._length else 0.0)
        key = (cells, timeline.length, shortened)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = key, timeline.stretches(cells, shortened=shortened)
        share = timeline.times.share(self._position, shortened=shortened)
        return strip_content(self._drawn[1], share)
