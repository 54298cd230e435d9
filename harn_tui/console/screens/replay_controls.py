"""Where a replay stands: a position bar, and the keys that move it."""

from textual.content import Content
from textual.widget import Widget

from harn_tui.console.actions import key_of
from harn_tui.console.amounts import format_seconds
from harn_tui.console.plain_text import one_line

BAR_CELLS = 40
_HINTS = (
    ("play_pause", "play"),
    ("next_event", "event"),
    ("next_turn", "turn"),
    ("next_tool", "tool"),
    ("faster", "faster"),
    ("slower", "slower"),
    ("seek_start", "start"),
    ("seek_end", "end"),
    ("replay_quit", "close"),
)


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

    def __init__(self, title: str) -> None:
        super().__init__(id="replay-controls")
        self.border_title = Content(f"Replay {one_line(title)}".strip())
        self._position = 0
        self._length = 0
        self._elapsed_ms = 0
        self._total_ms = 0
        self._is_playing = False
        self._speed: float | None = 1.0

    def show_position(self, position: int, length: int, elapsed_ms: int, total_ms: int) -> None:
        """Show how many records of all are drawn, and how far that is in time."""
        self._position, self._length = position, length
        self._elapsed_ms, self._total_ms = elapsed_ms, total_ms
        self.refresh()

    def show_pace(self, speed: float | None, *, is_playing: bool) -> None:
        """Show whether records come by themselves, and how fast."""
        self._speed, self._is_playing = speed, is_playing
        self.refresh()

    def render(self) -> Content:
        """Return the bar and the keys."""
        width = self.content_size.width
        rows = [self._bar(width)]
        if self.content_size.height > 1:
            rows.append(_hints(width))
        return Content("\n").join(rows)

    def _bar(self, width: int) -> Content:
        state = "▶" if self._is_playing else "‖"
        pace = "max" if self._speed is None else f"{self._speed:g}×"
        times = f"{format_seconds(self._elapsed_ms)} of {format_seconds(self._total_ms)}"
        right = f"  {self._position}/{self._length} · {times} · {pace}"
        if width - len(right) - 2 < 8:
            right = f"  {self._position}/{self._length} · {pace}"
        cells = max(1, width - len(right) - 2)
        done = round(cells * self._position / self._length) if self._length else 0
        return Content.assemble(
            (f"{state} ", "$success" if self._is_playing else "$warning"),
            ("━" * done, "$primary"),
            ("─" * (cells - done), "$line"),
            (right, "$muted"),
        )


def _hints(width: int) -> Content:
    hints = [
        Content.assemble((key_of(action_id), "$accent"), (f" {word}", "$muted"))
        for action_id, word in _HINTS
    ]
    while hints:
        line = Content("  ").join(hints)
        if line.cell_length <= width:
            return line
        hints.pop()
    return Content("")
