"""Looks through the lines that were sent, the newest first, while a person types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from harn_tui.console.keys_in_order import InputLine
from harn_tui.console.plain_text import one_line
from harn_tui.console.prompt.history_entry import HistoryEntry
from harn_tui.console.prompt.history_matches import MAX_MATCHES, matching
from harn_tui.console.screens.popup import Popup
from harn_tui.view.plain import printable

_PREVIEW_LINES = 4
_SHOWN_CHARS = 300
_AROUND_A_ROW = 8
_TALL_ROWS = 16


class HistorySearch(Popup[HistoryEntry | None], inherit_bindings=False):
    """Gives the chosen line, ``None`` when it was closed; nothing is sent here.

    Enter and Tab have no priority: they choose among what the letters before them have found.
    """

    CLOSE_ACTION = "close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,ctrl+g", "close", "Close", show=False, priority=True),
        Binding("down,ctrl+r,ctrl+p", "move(1)", "Older", show=False, priority=True),
        Binding("up,ctrl+s,ctrl+n", "move(-1)", "Newer", show=False, priority=True),
        Binding("tab", "choose", "Choose", show=False),
    ]
    DEFAULT_CSS = """
    HistorySearch { align: center bottom; background: $background 60%; }
    HistorySearch > Vertical {
        width: 100%; max-width: 110; height: auto; max-height: 80%; margin: 0 1;
        background: $surface; border: round $primary; border-title-color: $primary;
        border-subtitle-color: $muted;
    }
    HistorySearch OptionList, HistorySearch OptionList:focus {
        height: auto; max-height: 10; background: $surface; background-tint: $foreground 0%;
        border: none; padding: 0 1; scrollbar-size-vertical: 1;
    }
    HistorySearch Static { height: auto; max-height: 4; padding: 0 1; color: $muted; }
    HistorySearch Input, HistorySearch Input:focus {
        height: 1; border: none; padding: 0 1; background: $panel;
    }
    """

    def __init__(self, entries: Sequence[HistoryEntry]) -> None:
        super().__init__()
        self._entries = entries
        self._found: list[HistoryEntry] = []

    def compose(self) -> ComposeResult:
        """Compose the list, the whole of the line under the cursor, and what is looked for."""
        with Vertical() as box:
            box.border_title = Content("Lines sent")
            yield OptionList()
            yield Static(id="history-whole", markup=False)
            yield InputLine(placeholder="Type words of the line", select_on_focus=False)

    def on_mount(self) -> None:
        """Show all lines."""
        self.query_one(OptionList).can_focus = False
        line = self.query_one(Input)
        line.cursor_blink = False
        line.focus()
        self._look("")

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow the list."""
        message.stop()
        self._look(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Do what Enter means: this comes behind what was typed before it."""
        message.stop()
        self.action_choose()

    def on_resize(self) -> None:
        """Leave the whole line out where there is no room for it."""
        self._show_whole()

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Show the line under the cursor as it would come."""
        message.stop()
        self._show_whole()

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Give the line that was clicked."""
        message.stop()
        self.dismiss(self._found[message.option_index])

    def action_move(self, step: int) -> None:
        """Go to an older or a newer line; the ends are ends."""
        options = self.query_one(OptionList)
        if self._found:
            place = (options.highlighted or 0) + step
            options.highlighted = min(max(place, 0), len(self._found) - 1)

    def action_choose(self) -> None:
        """Give the line under the cursor."""
        place = self.query_one(OptionList).highlighted
        if self._found and place is not None:
            self.dismiss(self._found[place])

    def action_close(self) -> None:
        """Give none."""
        self.dismiss(None)

    def _show_whole(self) -> None:
        """Show the line under the cursor as it would come, where its row does not say it all."""
        whole, place = (
            self.query_one("#history-whole", Static),
            self.query_one(OptionList).highlighted,
        )
        if not self._found or place is None:
            whole.display = True
            whole.update(Content("Nothing that was sent has this."))
            return
        text = printable(self._found[place].text[:2000])
        lines = text.split("\n")
        is_cut = len(lines) > 1 or len(text) > self.size.width - _AROUND_A_ROW
        whole.display = is_cut and self.size.height >= _TALL_ROWS
        more = f"\n… {len(lines) - _PREVIEW_LINES + 1} more" if len(lines) > _PREVIEW_LINES else ""
        shown = lines[: _PREVIEW_LINES - 1] if more else lines
        whole.update(Content("\n".join(shown) + more))

    def _look(self, typed: str) -> None:
        self._found = matching(self._entries, typed)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(_row(entry)) for entry in self._found)
        options.display = bool(self._found)
        if self._found:
            options.highlighted = 0
        self._show_whole()
        count = f"{len(self._found)}{'+' if len(self._found) == MAX_MATCHES else ''}"
        self.query_one(Vertical).border_subtitle = Content(
            f"{count} of {len(self._entries)} · Enter takes it · Esc goes back"
        )


def _row(entry: HistoryEntry) -> Content:
    lines = entry.text.strip("\n").split("\n")
    more = f"  ⏎ {len(lines)} lines" if len(lines) > 1 else ""
    return Content.assemble(one_line(lines[0][:_SHOWN_CHARS]), (more, "$muted"))
