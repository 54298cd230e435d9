"""How a screen performs the actions of the table: by their id, and some on every screen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from textual.screen import Screen

from harn_tui.console.action import Action, Scope
from harn_tui.console.actions import actions_of
from harn_tui.console.breakpoints import MIDDLE_COLUMNS, SHORT_ROWS, WIDE_COLUMNS
from harn_tui.console.panels.listing import Listing
from harn_tui.console.screens.body import SessionBody
from harn_tui.console.screens.event_detail import EventDetail
from harn_tui.console.screens.panel_keys import panel_commands
from harn_tui.console.screens.reviewing import Reviewing
from harn_tui.errors import HarnError
from harn_tui.view.model import SessionView

log = logging.getLogger(__name__)


class PerformingScreen(Screen[None]):
    """A screen whose keys, palette and help come from the table of actions."""

    SCOPES: tuple[Scope, ...] = ()
    DEFAULT_CSS = """
    PerformingScreen {
        background: $background; color: $foreground; layout: vertical; overflow: hidden;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._reviewing = Reviewing(self, self.shown_view)
        self.HORIZONTAL_BREAKPOINTS = [
            (0, "-narrow"),
            (MIDDLE_COLUMNS, "-middle"),
            (WIDE_COLUMNS, "-wide"),
        ]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (SHORT_ROWS, "-tall")]

    def shown_view(self) -> SessionView | None:
        """Return what the screen shows; ``None`` while there is nothing."""
        return None

    def commands(self) -> Mapping[str, Callable[[], object]]:
        """Return what each action of ``SCOPES`` calls; subclasses add their own."""
        return self._shared_commands()

    def palette_actions(self) -> list[Action]:
        """Return the actions that the palette offers here."""
        return [action for action in actions_of(*self.SCOPES) if action.in_palette]

    def action_perform(self, action_id: str) -> None:
        """Perform one action; what it cannot do is told, not raised."""
        try:
            self.commands()[action_id]()
        except HarnError as error:
            log.warning("action refused id=%s", action_id)
            self.app.notify(str(error), severity="error", markup=False)

    def on_listing_chosen(self, message: Listing.Chosen) -> None:
        """Show an event of the panel in full."""
        events = self.body.side.rows.events
        if message.source is events:
            message.stop()
            record = events.record(message.row)
            title = f"Event {record.index}"
            self.app.push_screen(EventDetail(title, events.line(message.row)))

    @property
    def body(self) -> SessionBody:
        """Transcript and side panel."""
        return self.query_one(SessionBody)

    def _shared_commands(self) -> dict[str, Callable[[], object]]:
        def scroll(action: str) -> Callable[[], object]:
            return lambda: self.body.scroll_transcript(action)

        return {
            "help": lambda: self._app_action("show_help"),
            "palette": lambda: self._app_action("command_palette"),
            "next_theme": lambda: self._app_action("next_theme"),
            "suspend": lambda: self._app_action("suspend_process"),
            "quit": self.app.exit,
            **panel_commands(self.body, self._reviewing),
            "page_up": scroll("page_up"),
            "page_down": scroll("page_down"),
            "go_first": scroll("scroll_home"),
            "go_last": scroll("scroll_end"),
            "toggle_fold": self.body.toggle_newest_fold,
            "dismiss_banner": lambda: None,
        }

    def _app_action(self, name: str) -> None:
        getattr(self.app, f"action_{name}")()
