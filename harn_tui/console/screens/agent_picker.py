"""Chooses one of several agents that are at work."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from harn_tui.console.agent_ports import RunningAgent
from harn_tui.console.plain_text import one_line
from harn_tui.console.screens.choice_popup import ChoicePopup


class AgentPicker(ChoicePopup):
    """Gives the chosen agent's id, ``None`` when it was closed."""

    def __init__(self, title: str, agents: Sequence[RunningAgent]) -> None:
        super().__init__(title, ((agent.worker_id, _row(agent)) for agent in agents))


def _row(agent: RunningAgent) -> Content:
    indent = "  " * (agent.depth - 1)
    return Content.assemble(
        (f"{indent}{one_line(agent.name)}", "bold"), (f"  {one_line(agent.doing)}", "$muted")
    )
