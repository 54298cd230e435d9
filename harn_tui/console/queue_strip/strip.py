"""The queue strip: the lines on their way to the model, and receipts for those that arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.style import Style
from textual.widget import Widget

from harn_tui.console.action import Scope
from harn_tui.console.actions import bindings_of, key_of
from harn_tui.console.breakpoints import ROOMY_ROWS, SHORT_ROWS
from harn_tui.console.click_target import clickable, clicked_action
from harn_tui.console.plain_text import one_line
from harn_tui.console.queue_strip.rows import age_of, glyph_of, where_it_goes
from harn_tui.view.model import QueuedLine

MAX_ROWS = 5
_ROW = "harn_queue_row"
"""In the style of a row: the place of its line in the queue."""
_INSIDE = (
    ("queue_edit", "Enter edit"),
    ("queue_delete", "d delete"),
    ("queue_send_now", "s now"),
    ("queue_boundary", "b boundary"),
    ("queue_sooner", "K/J move"),
    ("escape", "Esc back"),
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A line that entered the context before model call ``call``."""

    feedback_id: str
    text: str
    call: int


class QueueStrip(Widget, can_focus=False):
    """One heading and one row a line; a person can move into it to edit, delete or send a line."""

    BINDINGS = bindings_of(Scope.QUEUE)

    SCOPED_CSS = False
    DEFAULT_CSS = """
    QueueStrip { display: none; height: auto; margin: 0 1; padding: 0 1; color: $foreground; }
    QueueStrip.-filled { display: block; }
    QueueStrip:focus { background: $surface; }
    .-short QueueStrip { margin: 0; }
    """

    def __init__(self) -> None:
        super().__init__(id="queue")
        self._lines: list[QueuedLine] = []
        self._receipts: list[Receipt] = []
        self._selected = 0
        self._is_running = False
        self._is_paused = False
        self._is_brief = False
        self._now_ms = 0
        self._drawn: Content | None = None
        self._drawn_width = 0

    @property
    def selected(self) -> QueuedLine | None:
        """The line that the keys act on; ``None`` when the queue is empty."""
        return self._lines[self._selected] if self._lines else None

    def show(
        self, lines: Sequence[QueuedLine], *, is_running: bool, is_paused: bool, now_ms: int
    ) -> None:
        """Draw these lines; ``is_paused`` says that they wait for a person."""
        selected_id = self.selected.feedback_id if self.selected else None
        self._lines = list(lines)
        ids = [line.feedback_id for line in self._lines]
        self._selected = (
            ids.index(selected_id)
            if selected_id in ids
            else max(0, min(self._selected, len(ids) - 1))
        )
        self._is_running, self._is_paused, self._now_ms = is_running, is_paused, now_ms
        if not self._lines:
            self.can_focus = False
        self._redraw()

    def set_brief(self, *, brief: bool) -> None:
        """Use a single row, none on a short screen, where something more urgent needs the room.

        Its keys are there as well while a person is in it.
        """
        if brief != self._is_brief:
            self._is_brief = brief
            self._redraw()

    def tick(self, now_ms: int) -> None:
        """Show the ages as of ``now_ms``; draws only when a row reads differently."""
        self._now_ms = now_ms
        if self._lines:
            self._redraw()

    def set_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Show these receipts below the lines."""
        if list(receipts) != self._receipts:
            self._receipts = list(receipts)
            self._redraw()

    def move_selection(self, step: int) -> None:
        """Select the line ``step`` rows away, if there is one."""
        self._selected = max(0, min(self._selected + step, len(self._lines) - 1))
        self._redraw()

    def enter(self) -> bool:
        """Move the focus here, to the newest line; false when the queue is empty."""
        return self.enter_at(len(self._lines) - 1)

    def enter_at(self, place: int) -> bool:
        """Move the focus here, to one line; false when the queue is empty."""
        if not self._lines:
            return False
        self.can_focus = True
        self._selected = max(0, min(place, len(self._lines) - 1))
        self.focus()
        self._redraw()
        return True

    def on_click(self, event: events.Click) -> None:
        """Move here, to the line under the pointer; a click on a key is the screen's."""
        if clicked_action(event) is not None:
            return
        event.stop()
        row = event.style.meta.get(_ROW)
        if isinstance(row, int):
            self.enter_at(row)

    def on_focus(self) -> None:
        """Show the selection."""
        self._redraw()

    def on_blur(self) -> None:
        """Cannot be reached by Tab: focus is deliberate."""
        self.can_focus = False
        self._redraw()

    def on_resize(self) -> None:
        """Fit the rows to the new width."""
        self._redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of rows."""
        return len(self._content(width).plain.split("\n"))

    def render(self) -> Content:
        """Return the rows."""
        return self._content(self.content_size.width)

    def _redraw(self) -> None:
        content = self._content(self.content_size.width or self.app.size.width)
        if self._drawn is not None and content.is_same(self._drawn):
            return
        before = self._drawn.plain.count("\n") if self._drawn else -1
        is_filled = bool(content.plain)
        layout = content.plain.count("\n") != before or is_filled != self.has_class("-filled")
        self._drawn = content
        self.set_class(is_filled, "-filled")
        self.refresh(layout=layout)

    def _content(self, width: int) -> Content:
        rows: list[Content] = []
        is_short = self.app.size.height < SHORT_ROWS
        if is_short and self._is_brief:
            return Content("")
        is_brief = is_short or (self._is_brief and self.app.size.height < ROOMY_ROWS)
        limit = 1 if is_brief else MAX_ROWS
        if self._lines and (not is_brief or (self.has_focus and not is_short)):
            rows.append(self._heading(width))
        first = max(0, min(self._selected, len(self._lines) - limit)) if self.has_focus else 0
        shown = self._lines[first : first + limit]
        hidden = len(self._lines) - len(shown)
        more = f" · {hidden} more" if is_brief and hidden else ""
        rows += [
            self._row(line, width, more).stylize(Style.from_meta({_ROW: first + place}))
            for place, line in enumerate(shown)
        ]
        if hidden and not is_brief:
            rows.append(Content.styled(f"  {hidden} more", "$muted"))
        rows += [_receipt_row(receipt, width) for receipt in self._receipts[-limit:]]
        return Content("\n").join(rows)

    def _heading(self, width: int) -> Content:
        count = len(self._lines)
        if self._is_paused:
            left = Content.styled(f"Paused · {count} queued", "bold $warning")
            hints = [_hint("resume_queue", "Enter on an empty prompt resumes"), _choose()]
        else:
            left = Content.styled(f"{count} queued", "bold $muted")
            hints = [_hint("edit_last", f"{key_of('edit_last')} edit"), _choose()]
        if self.has_focus:
            hints = [_hint(action_id, words) for action_id, words in _INSIDE]
        keys = Content.styled(" · ", "$faint").join(hints)
        gap = width - left.cell_length - keys.cell_length
        if gap >= 2:
            return left + Content(" " * gap) + keys
        # Whoever is in the list needs its keys more than a count of what is in sight.
        return (keys if self.has_focus else left).truncate(max(width, 1), ellipsis=True)

    def _row(self, line: QueuedLine, width: int, more: str) -> Content:
        is_selected = self.has_focus and line is self.selected
        state = where_it_goes(line, is_running=self._is_running)
        if self._is_paused:
            state = "paused"
        # Ages stand still while nothing runs (an idle console writes nothing), so none is shown.
        age = f" · {age_of(line, self._now_ms)}" if self._is_running else ""
        where = Content.styled(f"{state}{age}{more}", "$muted")
        glyph = Content.styled(f"{glyph_of(line)} ", "$warning" if self._is_paused else "$accent")
        row = _spread(glyph + Content(one_line(line.text[:2000])), where, width)
        if not is_selected:
            return row
        bare = " bold underline" if self.app.no_color else ""
        return row.stylize(f"$block-cursor-foreground on $block-cursor-background{bare}")


def _hint(action_id: str, words: str) -> Content:
    return clickable(Content.styled(words, "$faint"), action_id)


def _choose() -> Content:
    return _hint("focus_queue", f"{key_of('focus_queue')} choose")


def _receipt_row(receipt: Receipt, width: int) -> Content:
    left = Content.styled("✓ ", "$success") + Content(one_line(receipt.text[:2000]))
    return _spread(left, Content.styled(f"delivered before call {receipt.call}", "$success"), width)


def _spread(left: Content, right: Content, width: int) -> Content:
    """Put ``right`` at the right edge and cut ``left`` to what is free."""
    room = width - right.cell_length - 2
    if room < 12:
        return left.truncate(max(width, 1), ellipsis=True)
    left = left.truncate(room, ellipsis=True)
    return left + Content(" " * (width - left.cell_length - right.cell_length)) + right
