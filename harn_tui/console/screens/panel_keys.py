"""What the keys for the side panel do, on every screen that has one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from harn_tui.console.panels.tabs import PanelTab
from harn_tui.console.screens.body import SessionBody
from harn_tui.console.screens.reviewing import Reviewing


def panel_commands(body: SessionBody, reviewing: Reviewing) -> dict[str, Callable[[], object]]:
    """Return what each action of the panel calls; agents can be reached in a live session only."""
    side, listing = body.side, body.side.listing
    return {
        "toggle_panel": body.toggle_panel,
        "next_tab": partial(side.step_tab, 1),
        "previous_tab": partial(side.step_tab, -1),
        **{f"show_{tab}": partial(body.show_tab, tab) for tab in PanelTab},
        "focus_panel": body.enter_panel,
        "panel_wider": partial(side.widen, 1),
        "panel_narrower": partial(side.widen, -1),
        "panel_up": partial(listing.move_cursor, -1),
        "panel_down": partial(listing.move_cursor, 1),
        "panel_page_up": partial(listing.move_page, -1),
        "panel_page_down": partial(listing.move_page, 1),
        "panel_choose": listing.choose,
        "panel_waterfall": side.toggle_waterfall,
        "panel_filter": side.filter_events,
        "review_changes": reviewing.open,
        "panel_review": lambda: reviewing.open(*body.chosen_change),
        "panel_steer": _nothing,
        "panel_cancel": _nothing,
    }


def _nothing() -> None:
    """There is nothing to reach in a recorded session."""
