"""The side panel: a heading with two tabs, and the tools or the plan below it."""

from __future__ import annotations

from enum import StrEnum

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from harn_tui.console.panels.plan import PlanList, plan_progress
from harn_tui.console.panels.tools import ToolTable
from harn_tui.view.model import Changes, SessionView, ToolBlock


class PanelTab(StrEnum):
    """The two tabs; the value is the heading."""

    TOOLS = "Tools"
    PLAN = "Plan"


class TabHeading(Widget):
    """One row with both headings; a click on one opens it."""

    DEFAULT_CSS = """
    TabHeading { height: 1; background: $surface; padding: 0 1; margin-bottom: 1; }
    """

    def __init__(self, panel: SidePanel) -> None:
        super().__init__()
        self._panel = panel

    def render(self) -> Content:
        """Return the headings."""
        return Content("   ").join(
            [
                Content.styled(text, "bold $primary" if tab is self._panel.tab else "$muted")
                for tab, text in self._panel.headings().items()
            ]
        )

    def on_click(self, event: events.Click) -> None:
        """Open the tab under the pointer."""
        first = len(next(iter(self._panel.headings().values())))
        self._panel.open_tab(PanelTab.TOOLS if event.x <= first + 2 else PanelTab.PLAN)


class SidePanel(Vertical):
    """Draws only the tab that is open and only while it is shown."""

    DEFAULT_CSS = """
    SidePanel { width: 38; height: 1fr; background: $surface; margin: 0 0 0 1; padding: 1 0 0 0; }
    SidePanel.-plan ToolTable { display: none; }
    SidePanel.-tools PlanList { display: none; }
    """

    def __init__(self) -> None:
        super().__init__(id="side")
        self.tab = PanelTab.TOOLS
        self._view: SessionView | None = None
        self._stale = {PanelTab.TOOLS, PanelTab.PLAN}
        self.add_class("-tools")

    def compose(self) -> ComposeResult:
        """Compose heading, tools and plan."""
        yield TabHeading(self)
        yield ToolTable()
        yield PlanList()

    def headings(self) -> dict[PanelTab, str]:
        """Return the text of each heading."""
        count = len(self._view.tools_by_id) if self._view else 0
        progress = plan_progress(self._view.plan) if self._view else ""
        return {
            PanelTab.TOOLS: f"Tools {count}" if count else "Tools",
            PanelTab.PLAN: f"Plan {progress}" if progress else "Plan",
        }

    def show(self, view: SessionView) -> None:
        """Draw ``view`` from scratch."""
        self._view = view
        self._stale = {PanelTab.TOOLS, PanelTab.PLAN}
        self._draw()

    def update_parts(self, changes: Changes) -> None:
        """Draw what ``changes`` names."""
        view = self._view
        if view is None:
            return
        if changes.plan:
            self._stale.add(PanelTab.PLAN)
        if any(isinstance(view.blocks[index], ToolBlock) for index in changes.blocks):
            self._stale.add(PanelTab.TOOLS)
        self._draw()

    def open_tab(self, tab: PanelTab) -> None:
        """Show one tab."""
        self.tab = tab
        self.set_class(tab is PanelTab.TOOLS, "-tools")
        self.set_class(tab is PanelTab.PLAN, "-plan")
        self.query_one(TabHeading).refresh()
        self._draw()

    def next_tab(self) -> None:
        """Show the other tab."""
        self.open_tab(PanelTab.PLAN if self.tab is PanelTab.TOOLS else PanelTab.TOOLS)

    def on_show(self) -> None:
        """Catch up with what changed while the panel was hidden."""
        self._draw()

    def _draw(self) -> None:
        view = self._view
        if view is None or not self.display or not self._stale:
            return
        self.query_one(TabHeading).refresh()
        if self.tab in self._stale:
            self._stale.discard(self.tab)
            if self.tab is PanelTab.TOOLS:
                self.query_one(ToolTable).show(view)
            else:
                self.query_one(PlanList).show(view.plan)
