"""Chooses one of several agents that are at work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from harn_tui.console.agent_ports import RunningAgent
from harn_tui.console.plain_text import one_line


class AgentPicker(ModalScreen[str | None]):
    """A short list over the screen; gives the chosen agent's id, ``None`` when it was closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "close", "Close", show=False, priority=True),
    ]

    DEFAULT_CSS = """
    AgentPicker { align: center middle; background: $background 70%; }
    AgentPicker OptionList, AgentPicker OptionList:focus {
        width: 72; max-width: 100%; height: auto; max-height: 60%; padding: 0 1;
        background: $surface; border: round $primary; border-title-color: $primary;
        border-subtitle-color: $muted;
    }
    """

    def __init__(self, title: str, agents: Sequence[RunningAgent]) -> None:
        super().__init__()
        self._title = title
        self._agents = agents

    def compose(self) -> ComposeResult:
        """Compose the list."""
        options = OptionList(*(Option(_row(agent), agent.worker_id) for agent in self._agents))
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


def _row(agent: RunningAgent) -> Content:
    indent = "  " * (agent.depth - 1)
    return Content.assemble(
        (f"{indent}{one_line(agent.name)}", "bold"), (f"  {one_line(agent.doing)}", "$muted")
    )
