"""The screen of a recorded session: the same view, moved by a player instead of a session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from textual.app import ComposeResult
from textual.content import Content

from harn_tui.console.action import Scope
from harn_tui.console.actions import REPLAY_SCOPES, actions_of, bindings_of
from harn_tui.console.banner import Banner
from harn_tui.console.heartbeat import wants_calm
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.replay_ports import LoadRecords, LogFeed, ReplayPlayer
from harn_tui.console.screens.body import SessionBody
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.console.screens.replay_controls import Pace, ReplayControls
from harn_tui.console.screens.replay_moves import ReplayMoves
from harn_tui.console.screens.replay_picture import JUMP_RECORDS, ReplayPicture
from harn_tui.console.screens.replay_reading import FOLDED_AT_ONCE, ReplayReading, Sleep
from harn_tui.console.startup import (
    ConsoleParts,
    LoadParts,
    load_parts,
    load_player,
    load_timeline,
)
from harn_tui.console.status.line import StatusFacts, StatusLine
from harn_tui.console.terminal_writer import is_congested
from harn_tui.errors import HarnError
from harn_tui.view.model import Changes, SessionView

if TYPE_CHECKING:
    from harn_tui.events.record import Record
    from harn_tui.view.timeline import Timeline

FindStart: TypeAlias = "Callable[[Sequence[Record]], int]"
"""Returns the position to begin at. Raises HarnError when there is no such place."""
Fork: TypeAlias = Callable[[int], str]
"""Makes a session from the events up to an index and returns its id. Raises HarnError."""


class ReplayScreen(PerformingScreen):
    """Transcript, queue, position bar, status line. Nothing is executed."""

    SCOPES = REPLAY_SCOPES
    ESCAPE = "replay_escape"
    BINDINGS = bindings_of(Scope.REPLAY, Scope.ANYWHERE)

    def __init__(
        self,
        load_records: LoadRecords,
        *,
        title: str = "",
        plays_at_once: bool = True,
        load: LoadParts = load_parts,
        feed: LogFeed | None = None,
        find_start: FindStart | None = None,
        fork: Fork | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__()
        self._load_records = load_records
        self._plays_at_once = plays_at_once and find_start is None
        self._load = load
        self._feed = feed
        self._find_start = find_start
        self._fork = fork
        self._sleep = sleep
        self._reading: ReplayReading | None = None
        self._player: ReplayPlayer | None = None
        self._timeline: Timeline | None = None
        self._picture: ReplayPicture | None = None
        self._moves: ReplayMoves | None = None
        self._sought: float | None = None
        self.is_complete = False
        """Whether everything is loaded, Markdown and colours included."""
        self._strip = QueueStrip()
        self._controls = ReplayControls(title)
        self._status_line = StatusLine()
        self._banner = Banner()

    @property
    def view(self) -> SessionView:
        """The picture as of the position."""
        return self._picture.view if self._picture is not None else SessionView()

    @property
    def position(self) -> int:
        """How many records have been delivered."""
        return self._player.position if self._player is not None else 0

    @property
    def shown_record(self) -> Record | None:
        """The event that was delivered last, ``None`` before the first."""
        at = self.position
        return self._player.records[at - 1] if self._player is not None and at else None

    @property
    def is_looked_through(self) -> bool:
        """Whether a seek to any place costs the same: the whole log has been folded once."""
        timeline, player = self._timeline, self._player
        return (
            timeline is not None and player is not None and timeline.length == len(player.records)
        )

    @property
    def is_busy(self) -> bool:
        """Whether something waits to be drawn."""
        is_sought = self._sought is not None
        return is_sought or (self._picture is not None and self._picture.is_busy)

    def seek(self, position: int) -> None:
        """Pause, and go to where ``position`` records have been delivered."""
        if self._moves is not None:
            self._moves.go(position)
            self._draw_position()

    def compose(self) -> ComposeResult:
        """Compose the screen from top to bottom."""
        yield SessionBody(Content.styled("Reading the log.", "$muted"))
        yield self._banner
        yield self._strip
        yield self._controls
        yield self._status_line

    async def open(self) -> None:
        """Load the records and play them until cancelled. Runs after the first frame."""
        parts = await self._load(())
        try:
            records = await asyncio.to_thread(self._load_records)
        except HarnError as error:
            self._banner.show(str(error))
            return
        timeline = self._timeline = (await load_timeline())()
        reading = ReplayReading(timeline, self._feed, self._draw_position, sleep=self._sleep)
        self._reading = reading
        await reading.fold(records[:FOLDED_AT_ONCE])
        make_player = await load_player()
        player = self._player = make_player(records, self._deliver, self._jump)
        picture = self._picture = ReplayPicture(
            self.body,
            parts,
            timeline,
            self._draw_surroundings,
            is_congested=partial(is_congested, self.app),
            is_calm=partial(wants_calm, self),
        )
        self._moves = ReplayMoves(player, timeline, self._tell)
        self._controls.use(timeline)
        try:
            await self._show(parts, player, picture)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(player.run())
                tasks.create_task(self._look_through(player, reading))
        finally:
            picture.close()

    async def _show(
        self, parts: ConsoleParts, player: ReplayPlayer, picture: ReplayPicture
    ) -> None:
        self.body.say(Content.styled("Nothing has happened yet.", "$muted"))
        await self.attach_transcript(parts.make_transcript, picture.view)
        picture.release()
        self._go_to_start(player)
        self.body.use_engines(await asyncio.to_thread(parts.load_engines))
        self.is_complete = True
        if self._plays_at_once:
            player.play()
        self._draw_position()

    def _go_to_start(self, player: ReplayPlayer) -> None:
        if self._find_start is None:
            return
        try:
            player.seek(self._find_start(player.records))
        except HarnError as error:
            self._banner.show(str(error))

    async def _look_through(self, player: ReplayPlayer, reading: ReplayReading) -> None:
        """Fold what there is, then what comes, for the moves to come."""
        await reading.fold(player.records)
        self._controls.refresh()
        try:
            await reading.follow(player)
        except HarnError as error:
            self._banner.show(str(error))

    def commands(self) -> Mapping[str, Callable[[], object]]:
        """Return what each action of this screen calls."""
        moves = dict.fromkeys(action.id for action in actions_of(Scope.REPLAY))
        return {
            **self._shared_commands(),
            **{action_id: partial(self._move, action_id) for action_id in moves},
            "dismiss_banner": lambda: self._banner.show(""),
            "replay_escape": self._escape,
            "replay_help": lambda: self._app_action("show_help"),
            "replay_quit": self._quit,
            "fork": self._fork_here,
        }

    def shown_view(self) -> SessionView | None:
        """Return the session up to the position."""
        return self.view

    def _move(self, action_id: str) -> None:
        if self._moves is not None:
            self._moves.commands()[action_id]()
            self._draw_position()

    def on_replay_controls_sought(self, message: ReplayControls.Sought) -> None:
        """Go to where the pointer is; of many places in a drag, to the last one."""
        is_due, self._sought = self._sought is not None, message.share
        if not is_due:
            self.call_later(self._go_to_sought)

    def _go_to_sought(self) -> None:
        share, self._sought = self._sought, None
        if share is not None and self._moves is not None:
            self._moves.go_to_share(share)
            self._draw_position()

    def _quit(self) -> None:
        if self.has_selection:
            self.copy_selection()
        else:
            self.app.exit()

    def _escape(self) -> None:
        if self.browsing.drop_selection():
            return
        if self.has_popup:
            self.close_popup()
        elif self._player is not None:
            self._player.pause()
            self._draw_position()

    def _fork_here(self) -> None:
        player, fork = self._player, self._fork
        if player is None or fork is None:
            self._tell("This log is not stored as a session; it cannot be forked from here.")
        elif player.position == 0:
            self._tell("There is nothing to fork before the first event.")
        else:
            player.pause()
            work = self._do_fork(fork, player.records[player.position - 1].index)
            self.run_worker(work, group="fork", exit_on_error=False)

    async def _do_fork(self, fork: Fork, index: int) -> None:
        try:
            session_id = await asyncio.to_thread(fork, index)
        except HarnError as error:
            self._banner.show(str(error))
            return
        words = f"Forked at event {index}. Go on with: harn-tui --session {session_id}"
        self.app.notify(words, timeout=30, markup=False)

    def _tell(self, words: str) -> None:
        self.app.notify(words, markup=False)

    def _deliver(self, records: Sequence[Record]) -> None:
        if self._picture is None or self._player is None:
            return
        if len(records) > JUMP_RECORDS:
            self._jump(self._player.position)
        else:
            self._picture.add(records)

    def _jump(self, position: int) -> None:
        if self._picture is not None and self._player is not None:
            self._picture.jump(self._player.records, position)

    def _draw_surroundings(self) -> None:
        view = self.view
        self._reviewing.draw(Changes(files=True))
        now_ms = view.last_event_at_ms
        self._strip.show(view.queue, is_running=view.is_running, is_paused=False, now_ms=now_ms)
        self._status_line.show(view, StatusFacts(view.provider, view.model), now_ms)
        self._draw_position()

    def _draw_position(self) -> None:
        player, picture = self._player, self._picture
        if player is None or picture is None:
            return
        records, shown = player.records, player.position - picture.pending_count
        ends = [record.emitted_at_ms for record in (*records[:1], *records[-1:])] or [0]
        at_ms = records[shown - 1].emitted_at_ms if 0 < shown <= len(records) else ends[0]
        self._controls.show_position(shown, len(records), at_ms - ends[0], ends[-1] - ends[0])
        is_live = self._reading is not None and self._reading.is_live
        pace = Pace(player.speed, player.is_playing, player.shortens_gaps, is_live)
        self._controls.show_pace(pace)
