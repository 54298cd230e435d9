"""A short list over the screen that gives the id of the chosen row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from harn_tui.console.screens.popup import Popup


class ChoicePopup(Popup[str | None]):
    """Gives ``None`` when it was closed. A row is its id and what it shows."""

    CLOSE_ACTION = "close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "close", "Close", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    ChoicePopup { align: center middle; background: $background 70%; }
    ChoicePopup OptionList, ChoicePopup OptionList:focus {
        width: 72; max-width: 100%; height: auto; max-height: 60%; padding: 0 1;
        background: $surface; border: round $primary; border-title-color: $primary;
        border-subtitle-color: $muted;
    }
    """

    def __init__(self, title: str, rows: Iterable[tuple[str, Content]]) -> None:
        super().__init__()
        self._title = title
        self._rows = tuple(rows)

    def compose(self) -> ComposeResult:
        """Compose the list."""
        options = OptionList(*(Option(shown, row_id) for row_id, shown in self._rows))
        options.border_title = Content(f" {self._title} ")
        options.border_subtitle = Content(" Enter chooses · Esc closes ")
        yield options

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Give the chosen one."""
        message.stop()
        self.dismiss(message.option.id)

    def action_close(self) -> None:
        """Choose none."""
        self.dismiss(None)
