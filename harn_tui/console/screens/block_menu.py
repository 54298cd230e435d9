"""What can be done with a block, as a list over the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option


@dataclass(frozen=True, slots=True)
class BlockAction:
    """A row of the menu; ``key`` does the same without it, where there is one."""

    id: str
    label: str
    key: str = ""


class BlockMenu(ModalScreen[str | None]):
    """Gives the id of the chosen action, ``None`` when it was closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,q,full_stop", "close", "Close", show=False, priority=True),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    DEFAULT_CSS = """
    BlockMenu { align: center middle; background: $background 70%; }
    BlockMenu OptionList, BlockMenu OptionList:focus {
        width: 52; max-width: 100%; height: auto; max-height: 80%; padding: 0 1;
        background: $surface; border: round $primary; border-title-color: $primary;
        border-subtitle-color: $muted;
    }
    """

    def __init__(self, title: str, actions: Sequence[BlockAction]) -> None:
        super().__init__()
        self._title = title
        self._actions = actions

    def compose(self) -> ComposeResult:
        """Compose the list."""
        options = OptionList(*(Option(_row(action), action.id) for action in self._actions))
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

    def action_move(self, step: int) -> None:
        """Go to the row below or above."""
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()


def _row(action: BlockAction) -> Content:
    return Content.assemble((f"{action.label:<40}", ""), (f"{action.key:>4}", "$muted"))
