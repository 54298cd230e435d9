"""The part that a live session and a replay share: transcript and side panel.

The transcript comes after the first frame (its imports are heavy); until then a line of welcome
stands in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from harn_tui.console.actions import key_of
from harn_tui.console.breakpoints import WIDE_COLUMNS
from harn_tui.console.panels.listing import Listing
from harn_tui.console.panels.side import SidePanel
from harn_tui.console.panels.tabs import PanelTab
from harn_tui.console.ports import TranscriptWidget
from harn_tui.view.model import (
    Block,
    Changes,
    CompactionBlock,
    SessionView,
    ThoughtBlock,
    ToolBlock,
    WorkerBlock,
)

if TYPE_CHECKING:
    from harn_tui.console.transcript.engines import Engines


class NewChip(Static):
    """Says how much has come below the window, over its last row."""

    DEFAULT_CSS = """
    NewChip {
        layer: above; dock: bottom; display: none; width: 100%; height: 1;
        text-align: center; background: $panel; color: $primary;
    }
    """

    def __init__(self) -> None:
        super().__init__(id="new-chip", markup=False)

    def show_count(self, count: int) -> None:
        """Show ``count``; nothing for 0."""
        self.display = count > 0
        if count:
            self.update(Content(f"↓ {count} new · {key_of('go_last')}"))

    async def on_click(self) -> None:
        """Go there."""
        await self.run_action("screen.perform('go_last')")


class SessionBody(Horizontal):
    """Draws blocks, tools and plan of one view."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    SessionBody { width: 100%; height: 1fr; min-height: 1; }
    SessionBody #transcript-place { width: 1fr; height: 1fr; layers: below above; }
    SessionBody #welcome { width: 1fr; height: 1fr; padding: 1 3; color: $muted; }
    .-short SessionBody #welcome { padding: 0 1; }
    SessionBody SidePanel { display: none; }
    .-wide SessionBody SidePanel { display: block; }
    .-wide SessionBody.-panel-off SidePanel { display: none; }
    SessionBody.-panel-forced SidePanel { display: block; width: 1fr; margin: 0; }
    SessionBody.-panel-forced #transcript-place { display: none; }
    .-wide SessionBody.-panel-forced SidePanel { width: 30%; margin: 0 0 0 1; }
    .-wide SessionBody.-panel-forced #transcript-place { display: block; }
    """

    def __init__(self, welcome: Content) -> None:
        super().__init__(id="body")
        self._welcome = welcome
        self._view: SessionView | None = None
        self._transcript: TranscriptWidget | None = None
        self._tail: Widget | None = None
        self._engines: Engines | None = None
        self._now_ms = 0
        self._shows_time = False

    def compose(self) -> ComposeResult:
        """Compose the welcome and the panel."""
        with Container(id="transcript-place"):
            yield Static(self._welcome, id="welcome", markup=False)
            yield NewChip()
        yield SidePanel()

    def on_mount(self) -> None:
        """Follow the setting that has times shown."""
        self.watch(self.app, "shows_times", self._show_times)

    @property
    def side(self) -> SidePanel:
        """The side panel."""
        return self.query_one(SidePanel)

    @property
    def transcript(self) -> TranscriptWidget | None:
        """The transcript; ``None`` until it is there."""
        return self._transcript

    async def show_tail(
        self,
        make_transcript: Callable[[], TranscriptWidget],
        view: SessionView,
        engines: Engines,
    ) -> None:
        """Draw the end of a session that is still read; ``attach`` puts the whole in its place."""
        transcript = make_transcript()
        assert isinstance(transcript, Widget)
        transcript.can_focus = False
        self._tail = Container(transcript, id="tail-place")
        self.query_one("#welcome").display = False
        await self.query_one("#transcript-place").mount(self._tail, before=0)
        self._engines = engines
        transcript.use_engines(engines)
        transcript.show(view)

    async def attach(
        self, make_transcript: Callable[[], TranscriptWidget], view: SessionView
    ) -> None:
        """Put the transcript in its place and draw ``view``."""
        with self.app.batch_update():
            if self._tail is not None:
                tail, self._tail = self._tail, None
                await tail.remove()
            await self._put_in_place(make_transcript(), view)

    async def _put_in_place(self, transcript: TranscriptWidget, view: SessionView) -> None:
        self._view, self._transcript = view, transcript
        widget = self._widget
        assert widget is not None
        transcript.shows_time = self._shows_time
        widget.can_focus = False  # a click scrolls and folds; the keys stay with the prompt
        await self.query_one("#transcript-place").mount(widget, before=0)
        self.watch(widget, "unseen_count", self.query_one(NewChip).show_count)
        if self._engines is not None:  # else the text would be plain for a moment
            transcript.use_engines(self._engines)
        self.redraw(view)
        transcript.tick(self._now_ms)

    @property
    def _widget(self) -> Widget | None:
        """The transcript as what it is on the screen."""
        return self._transcript if isinstance(self._transcript, Widget) else None

    def _show_times(self, shows_times: bool) -> None:
        self._shows_time = shows_times
        if self._transcript is not None:
            self._transcript.shows_time = shows_times

    def use_engines(self, engines: Engines) -> None:
        """Let the transcript draw Markdown and syntax colours."""
        if self._transcript is not None:
            self._transcript.use_engines(engines)

    def redraw(self, view: SessionView) -> None:
        """Draw ``view`` from scratch."""
        self._view = view
        self._show_welcome()
        if self.transcript is not None:
            self.transcript.show(view)
        self.side.show(view)

    def update_parts(self, changes: Changes) -> None:
        """Draw what ``changes`` names."""
        if changes.blocks and self.transcript is not None:
            self._show_welcome()
            self.transcript.update_blocks(changes.blocks)
        self.side.update_parts(changes)

    def say(self, welcome: Content) -> None:
        """Replace the words that stand where no transcript is yet."""
        self.query_one("#welcome", Static).update(welcome)

    def toggle_panel(self) -> None:
        """Show or hide the panel; on a narrow screen it takes the place of the transcript."""
        if self.app.size.width >= WIDE_COLUMNS:
            self.remove_class("-panel-forced")
            self.toggle_class("-panel-off")
        else:
            self.remove_class("-panel-off")
            self.toggle_class("-panel-forced")
        self.call_after_refresh(self.side.on_show)

    def show_tab(self, tab: PanelTab) -> None:
        """Open one tab of the panel, which comes up if it is hidden."""
        if not self.side.display:
            self.toggle_panel()
        self.side.open_tab(tab)

    def enter_panel(self) -> None:
        """Move the focus to the rows of the panel, which comes up if it is hidden."""
        if not self.side.display:
            self.toggle_panel()
        if self.side.tab is PanelTab.PLAN:
            self.side.open_tab(PanelTab.TOOLS)
        self.call_after_refresh(self.side.listing.enter)

    @property
    def chosen_agent(self) -> str | None:
        """Id of the agent under the panel's cursor; ``None`` when another tab is open."""
        side = self.side
        if side.tab is not PanelTab.AGENTS:
            return None
        return side.rows.agents.worker_id(side.listing.cursor)

    @property
    def chosen_change(self) -> tuple[int | None, str | None]:
        """Block and path under the panel's cursor to review; ``None`` for what it does not name."""
        side = self.side
        if side.tab is PanelTab.FILES:
            return None, side.rows.files.path(side.listing.cursor)
        source = side.rows.of(side.tab)
        if side.tab is PanelTab.TOOLS and source is not None and source.count():
            return source.target(side.listing.cursor * source.rows_per_entry), None
        return None, None

    @property
    def covers_transcript(self) -> bool:
        """Whether the panel stands in the transcript's place."""
        return self.has_class("-panel-forced") and self.app.size.width < WIDE_COLUMNS

    def toggle_newest_fold(self) -> None:
        """Open or fold the newest tool call, nested loop, reasoning or compaction that can be."""
        if self._view is None or self.transcript is None:
            return
        for index in range(len(self._view.blocks) - 1, -1, -1):
            if _opens(self._view.blocks[index]) and self.transcript.toggle_fold(index):
                return

    def scroll_transcript(self, action: str) -> None:
        """Do one of the transcript's own scroll actions: ``page_up``, ``scroll_end``, …"""
        if self._transcript is not None:
            getattr(self._transcript, f"action_{action}")()

    def tick(self, now_ms: int) -> None:
        """Count running durations up to ``now_ms``."""
        self._now_ms = now_ms
        self.side.tick(now_ms)
        if self._transcript is not None:
            self._transcript.tick(now_ms)

    def on_listing_chosen(self, message: Listing.Chosen) -> None:
        """Go to what a row of the panel is about."""
        if self.transcript is not None and message.block is not None:
            message.stop()
            self.transcript.jump_to(message.block)

    def _show_welcome(self) -> None:
        has_blocks = self._view is not None and bool(self._view.blocks)
        self.query_one("#welcome").display = self._transcript is None or not has_blocks
        if self._widget is not None:
            self._widget.display = has_blocks


def _opens(block: Block) -> bool:
    """Whether the key for the newest fold stops at ``block``."""
    if isinstance(block, CompactionBlock):
        return bool(block.summary)
    return isinstance(block, ToolBlock | ThoughtBlock | WorkerBlock)
