"""What can be done with a block, as a list over the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList

from harn_tui.console.screens.choice_popup import ChoicePopup


@dataclass(frozen=True, slots=True)
class BlockAction:
    """A row of the menu; ``key`` does the same without it, where there is one."""

    id: str
    label: str
    key: str = ""


class BlockMenu(ChoicePopup):
    """Gives the id of the chosen action, ``None`` when it was closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,full_stop", "close", "Close", show=False, priority=True),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]
    DEFAULT_CSS = """
    BlockMenu OptionList, BlockMenu OptionList:focus { width: 52; max-height: 80%; }
    """

    def __init__(self, title: str, actions: Sequence[BlockAction]) -> None:
        super().__init__(title, ((action.id, _row(action)) for action in actions))

    def action_move(self, step: int) -> None:
        """Go to the row below or above."""
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()


def _row(action: BlockAction) -> Content:
    return Content.assemble((f"{action.label:<40}", ""), (f"{action.key:>4}", "$muted"))
