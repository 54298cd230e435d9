"""How a screen performs the actions of the table: by their id, and some on every screen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual import events

from harn_tui.console.action import Action
from harn_tui.console.actions import actions_of
from harn_tui.console.breakpoints import MIDDLE_COLUMNS, SHORT_ROWS, WIDE_COLUMNS
from harn_tui.console.click_target import clicked_action
from harn_tui.console.fold_memory import FoldMemory
from harn_tui.console.panels.listing import Listing
from harn_tui.console.screens.body import SessionBody
from harn_tui.console.screens.browsing import Browsing
from harn_tui.console.screens.event_detail import EventDetail
from harn_tui.console.screens.panel_keys import panel_commands
from harn_tui.console.screens.scoped import ScopedScreen
from harn_tui.console.status.line import StatusLine
from harn_tui.errors import HarnError
from harn_tui.paths import data_directory

if TYPE_CHECKING:
    from harn_tui.console.ports import TranscriptWidget
    from harn_tui.console.transcript.browsed_transcript import BrowsedTranscript
    from harn_tui.view.model import SessionView
from harn_tui.console.screens.reviewing import Reviewing
from harn_tui.console.screens.rewinding import Rewinder
from harn_tui.view.model import SessionView

log = logging.getLogger(__name__)

FLASH_SECONDS = 3.0
"""How long a word about what a key did stays in the status line."""


class PerformingScreen(ScopedScreen):
    """A screen whose keys, palette and help come from the table of actions."""

    ESCAPE = "escape"
    """The action of Escape, where the keys are at home."""
    DEFAULT_CSS = """
    PerformingScreen {
        background: $background; color: $foreground; layout: vertical; overflow: hidden;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._reviewing = Reviewing(self, self.shown_view)
        self.rewinder = Rewinder(self, self.put_into_prompt)
        self.HORIZONTAL_BREAKPOINTS = [
            (0, "-narrow"),
            (MIDDLE_COLUMNS, "-middle"),
            (WIDE_COLUMNS, "-wide"),
        ]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (SHORT_ROWS, "-tall")]
        self.browsing = Browsing(self, self, FoldMemory(data_directory() / "folds.json"))

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

    def on_click(self, event: events.Click) -> None:
        """Do what the clicked words stand for: a key that is named, a cell of the status line."""
        action_id = clicked_action(event)
        if action_id == "escape":
            action_id = self.ESCAPE
        if action_id is not None and action_id in self.commands():
            event.stop()
            self.action_perform(action_id)

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

    @property
    def has_popup(self) -> bool:
        """Whether something lies over the transcript that Escape closes."""
        return self.browsing.is_finding or self.body.covers_transcript

    def close_popup(self) -> None:
        """Close what lies over the transcript, the innermost first."""
        if self.browsing.is_finding:
            self.browsing.cancel_find()
        else:
            self.body.toggle_panel()

    def tell(self, text: str) -> None:
        """Say something that a person should not miss."""
        self.app.notify(text, severity="warning", markup=False)

    @property
    def has_selection(self) -> bool:
        """Whether text that only stands on the screen is selected."""
        return self.browsing.has_selection or bool(self.get_selected_text())

    def copy_selection(self) -> None:
        """Copy the selected text."""
        if self.browsing.has_selection:
            self.browsing.copy()
        else:
            self.action_copy_text()

    def on_browsed_transcript_left(self, message: BrowsedTranscript.Left) -> None:
        """End browsing: the keys went elsewhere."""
        message.stop()
        self.browsing.left()

    def on_browsed_transcript_typed_in_vain(self, message: BrowsedTranscript.TypedInVain) -> None:
        """Say what becomes of it."""
        message.stop()
        self.browsing.typed_in_vain(message.character)

    def on_browsed_transcript_selected(self, message: BrowsedTranscript.Selected) -> None:
        """Say how a selection is copied."""
        message.stop()
        self.browsing.say_selected()

    def go_home(self, typed: str = "") -> None:
        """Give the keys back to where they belong, with text that was typed on the way."""
        del typed
        self.set_focus(None)

    def put_into_prompt(self, text: str) -> None:
        """Offer ``text`` to be sent again, where there is a prompt that holds nothing else."""

    def flash(self, text: str, holds: Callable[[], bool] | None = None) -> None:
        """Say something in the status line for a moment, and not longer than ``holds`` is true."""
        self.query_one(StatusLine).flash(text, FLASH_SECONDS, holds)

    def drop_passed_flash(self) -> None:
        """Take away what was said for a moment when it does not hold any more."""
        self.query_one(StatusLine).drop_passed_flash()

    async def attach_transcript(
        self, make_transcript: Callable[[], TranscriptWidget], view: SessionView
    ) -> None:
        """Put the transcript in its place and draw ``view``."""
        await self.body.attach(make_transcript, view)
        if self.body.transcript is not None:
            await self.browsing.attach(self.body.transcript)

    def _shared_commands(self) -> dict[str, Callable[[], object]]:
        def scroll(action: str) -> Callable[[], object]:
            return lambda: self.body.scroll_transcript(action)

        return self.browsing.commands() | {
            **dict.fromkeys(("help", "read_help"), lambda: self._app_action("show_help")),
            "palette": lambda: self._app_action("command_palette"),
            "settings": lambda: self._app_action("show_settings"),
            "choose_theme": lambda: self._app_action("choose_theme"),
            "next_theme": lambda: self._app_action("next_theme"),
            "suspend": lambda: self._app_action("suspend_process"),
            "quit": self.app.exit,
            "rewind": self.rewinder.open,
            "undo_rewind": self.rewinder.undo,
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
