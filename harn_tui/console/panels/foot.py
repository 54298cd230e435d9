"""The last row of the side panel: what its keys do, while that is worth a row."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from harn_tui.console.key_hints import key_hints
from harn_tui.console.panels.tabs import PanelTab

_OUTSIDE = (("focus_panel", "go in"), ("next_tab", "next tab"), ("escape", "close"))
_INSIDE = (("panel_choose", "go to it"),)
_OF_TAB = {
    PanelTab.TOOLS: (("panel_waterfall", "time axis"), ("panel_review", "review")),
    PanelTab.AGENTS: (("panel_steer", "steer"), ("panel_cancel", "end")),
    PanelTab.FILES: (("panel_review", "review"),),
    PanelTab.EVENTS: (("panel_filter", "other events"),),
}
_BACK = (("escape", "back"),)


class PanelFoot(Widget):
    """There while the keys are in the panel, and while it stands in the transcript's place."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    PanelFoot { display: none; height: 1; padding: 0 1; background: $surface; }
    SidePanel:focus-within PanelFoot { display: block; }
    .-panel-forced PanelFoot { display: block; }
    .-wide .-panel-forced PanelFoot { display: none; }
    .-wide .-panel-forced SidePanel:focus-within PanelFoot { display: block; }
    .-short PanelFoot, .-short SidePanel:focus-within PanelFoot { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._hints: Sequence[tuple[str, str]] = _OUTSIDE

    def show(self, tab: PanelTab, *, is_inside: bool) -> None:
        """Name the keys for ``tab``; ``is_inside``: they are in the panel now."""
        inside = (*_INSIDE, *_OF_TAB.get(tab, ()), *_BACK)
        hints = inside if is_inside else _OUTSIDE
        if hints != self._hints:
            self._hints = hints
            self.refresh()

    def render(self) -> Content:
        """Return the row."""
        return key_hints(self._hints, self.content_size.width)
