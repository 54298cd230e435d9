"""The tabs of the side panel and what makes their rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from harn_tui.console.panels.agent_rows import AgentRows
from harn_tui.console.panels.context_rows import ContextRows
from harn_tui.console.panels.cost_rows import CostRows
from harn_tui.console.panels.event_rows import EventRows
from harn_tui.console.panels.file_rows import FileRows
from harn_tui.console.panels.queue_rows import QueueRows
from harn_tui.console.panels.rows import RowSource
from harn_tui.console.panels.tool_rows import ToolRows
from harn_tui.console.panels.waterfall_rows import WaterfallRows


class PanelTab(StrEnum):
    """The tabs, in their order; the value names a tab in actions and in the palette."""

    TOOLS = "tools"
    QUEUE = "queue"
    PLAN = "plan"
    CONTEXT = "context"
    COST = "cost"
    AGENTS = "agents"
    FILES = "files"
    EVENTS = "events"


@dataclass(slots=True)
class TabRows:
    """The rows of every tab but the plan, which is running text."""

    tools: ToolRows = field(default_factory=ToolRows)
    waterfall: WaterfallRows = field(default_factory=WaterfallRows)
    queue: QueueRows = field(default_factory=QueueRows)
    context: ContextRows = field(default_factory=ContextRows)
    cost: CostRows = field(default_factory=CostRows)
    agents: AgentRows = field(default_factory=AgentRows)
    files: FileRows = field(default_factory=FileRows)
    events: EventRows = field(default_factory=EventRows)
    shows_waterfall: bool = False

    def of(self, tab: PanelTab) -> RowSource | None:
        """Return what makes the rows of ``tab``; ``None`` for the plan."""
        return {
            PanelTab.TOOLS: self.waterfall if self.shows_waterfall else self.tools,
            PanelTab.QUEUE: self.queue,
            PanelTab.CONTEXT: self.context,
            PanelTab.COST: self.cost,
            PanelTab.AGENTS: self.agents,
            PanelTab.FILES: self.files,
            PanelTab.EVENTS: self.events,
        }.get(tab)
