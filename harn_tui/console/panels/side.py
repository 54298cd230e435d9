"""The side panel: headings of its tabs, and below them the rows or the plan of the open one."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from harn_tui.console.panels.foot import PanelFoot
from harn_tui.console.panels.heading import Heading, TabHeading
from harn_tui.console.panels.listing import Listing
from harn_tui.console.panels.plan import PlanList, plan_progress
from harn_tui.console.panels.tabs import PanelTab, TabRows
from harn_tui.view.model import Changes, SessionView

LEAST_COLUMNS, MOST_COLUMNS = 28, 100
_RESIZE_STEP = 4


class SidePanel(Vertical):
    """Draws only the tab that is open and only while it is shown."""

    DEFAULT_CSS = """
    SidePanel {
        width: 30%; min-width: 38; height: 1fr; background: $surface; margin: 0 0 0 1;
        padding: 1 0 0 0;
    }
    SidePanel.-plan Listing { display: none; }
    SidePanel PlanList { display: none; }
    SidePanel.-plan PlanList { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(id="side")
        self.tab = PanelTab.TOOLS
        self.rows = TabRows()
        self._chosen_columns: int | None = None
        self._view: SessionView | None = None
        self._stale = set(PanelTab)
        self._now_ms = 0

    def compose(self) -> ComposeResult:
        """Compose headings, rows and plan."""
        yield TabHeading(self.open_tab)
        yield Listing()
        yield PlanList()
        yield PanelFoot()

    @property
    def listing(self) -> Listing:
        """The rows of the open tab."""
        return self.query_one(Listing)

    def headings(self) -> list[Heading]:
        """Return what each tab is called now."""
        view = self._view or SessionView()
        return [Heading(tab, self._heading(tab, view)) for tab in PanelTab]

    def show(self, view: SessionView) -> None:
        """Draw ``view`` from scratch."""
        self._view = view
        self._stale = set(PanelTab)
        self._draw()

    def update_parts(self, changes: Changes) -> None:
        """Draw what ``changes`` names."""
        view = self._view
        if view is None:
            return
        if changes.plan:
            self._stale.add(PanelTab.PLAN)
        for tab in PanelTab:
            source = self.rows.of(tab)
            if source is not None and tab not in self._stale and source.concerns(view, changes):
                self._stale.add(tab)
        self._draw()

    def tick(self, now_ms: int) -> None:
        """Show ages and running durations as of ``now_ms``."""
        self._now_ms = now_ms
        counts = self.tab in {PanelTab.QUEUE, PanelTab.AGENTS} or self.rows.shows_waterfall
        if counts and self._view is not None and self._view.is_running:
            self._stale.add(self.tab)
            self._draw()

    def open_tab(self, tab: PanelTab) -> None:
        """Show one tab."""
        self.tab = tab
        self._show_keys()
        self.set_class(tab is PanelTab.PLAN, "-plan")
        self._stale.add(tab)
        self._draw()

    def step_tab(self, step: int) -> None:
        """Show the tab ``step`` places away."""
        tabs = list(PanelTab)
        self.open_tab(tabs[(tabs.index(self.tab) + step) % len(tabs)])

    def toggle_waterfall(self) -> None:
        """Show the calls on a time axis, or as a table again."""
        if self.tab is PanelTab.TOOLS:
            self.rows.shows_waterfall = not self.rows.shows_waterfall
            self.open_tab(PanelTab.TOOLS)

    def filter_events(self) -> None:
        """Show other events."""
        if self.tab is PanelTab.EVENTS:
            self.rows.events.next_filter()
            self.open_tab(PanelTab.EVENTS)

    def widen(self, direction: int) -> None:
        """Make the panel wider (1) or narrower (-1)."""
        most = max(LEAST_COLUMNS, min(MOST_COLUMNS, self.app.size.width // 2))
        columns = (self._chosen_columns or self.size.width) + direction * _RESIZE_STEP
        self._chosen_columns = max(LEAST_COLUMNS, min(columns, most))
        self.styles.width = self.styles.min_width = self._chosen_columns

    def on_descendant_focus(self) -> None:
        """Name the keys that count in the panel."""
        self._show_keys()

    def on_descendant_blur(self) -> None:
        """Name the keys that lead into the panel."""
        self._show_keys()

    def _show_keys(self) -> None:
        self.query_one(PanelFoot).show(self.tab, is_inside=self.listing.has_focus)

    def on_show(self) -> None:
        """Catch up with what changed while the panel was hidden."""
        self._draw()

    def _heading(self, tab: PanelTab, view: SessionView) -> str:
        source = self.rows.of(tab)
        if source is not None:
            return source.heading(view)
        progress = plan_progress(view.plan)
        return f"Plan {progress}" if progress else "Plan"

    def _draw(self) -> None:
        view = self._view
        if view is None or not self.display or not self._stale:
            return
        self.query_one(TabHeading).show(self.headings(), self.tab)
        if self.tab not in self._stale:
            return
        self._stale.discard(self.tab)
        source = self.rows.of(self.tab)
        if source is None:
            self.query_one(PlanList).show(view.plan, view.ledger)
        else:
            source.take(view, self._now_ms)
            self.listing.show(source)
