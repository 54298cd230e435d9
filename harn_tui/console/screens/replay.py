"""The screen of a recorded session: the same view, moved by a player instead of a session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content

from harn_tui.console.action import Scope
from harn_tui.console.actions import REPLAY_SCOPES, bindings_of
from harn_tui.console.banner import Banner
from harn_tui.console.frame import FramePump, LoopScheduler
from harn_tui.console.ports import FindPosition, LoadRecords, MakePlayer, ReplayPlayer
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.body import SessionBody
from harn_tui.console.screens.following import follow_log
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.console.screens.replay_controls import ReplayControls
from harn_tui.console.startup import ConsoleParts, LoadParts, load_parts, load_player
from harn_tui.console.status.line import StatusFacts, StatusLine
from harn_tui.console.terminal_writer import is_congested
from harn_tui.errors import HarnError
from harn_tui.view.model import Changes, SessionView

if TYPE_CHECKING:
    from harn_tui.events.record import Record

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, None)
"""Multiples of the recorded pace; ``None`` is as fast as possible."""

_TURN_TYPES = frozenset({"turn_start"})
_TOOL_TYPES = frozenset({"tool_call"})


class ReplayScreen(PerformingScreen):
    """Transcript, queue, position bar, status line. Nothing is executed."""

    SCOPES = REPLAY_SCOPES
    BINDINGS = bindings_of(Scope.REPLAY, Scope.ANYWHERE)

    def __init__(
        self,
        load_records: LoadRecords,
        *,
        title: str = "",
        plays_at_once: bool = True,
        start_at: FindPosition | None = None,
        read_new: LoadRecords | None = None,
        load: LoadParts = load_parts,
    ) -> None:
        """``start_at`` finds the position to stand still at, ``None`` the start; in a thread.

        ``read_new`` reads what was added to the log since it was last called, ``None`` for a
        log that does not grow.
        """
        super().__init__()
        self._load_records = load_records
        self._plays_at_once = plays_at_once and start_at is None
        self._start_at = start_at
        self._read_new = read_new
        self._load = load
        self._records: list[Record] = []
        self._view = SessionView()
        self._player: ReplayPlayer | None = None
        self._pump: FramePump | None = None
        self._redraws_all = False
        self._encode: Callable[[Record], str] | None = None
        self.is_complete = False
        """Whether everything is loaded, Markdown and colours included."""
        self._strip = QueueStrip()
        self._controls = ReplayControls(title)
        self._status_line = StatusLine()
        self._banner = Banner()

    @property
    def view(self) -> SessionView:
        """The picture as of the position."""
        return self._view

    @property
    def position(self) -> int:
        """How many records have been delivered."""
        return self._player.position if self._player is not None else 0

    @property
    def is_busy(self) -> bool:
        """Whether records wait to be drawn."""
        return self._pump is not None and self._pump.is_armed

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
            start = await asyncio.to_thread(self._load_from_log)
        except HarnError as error:
            self._banner.show(str(error))
            return
        await self._play(parts, await load_player(), start)

    def _load_from_log(self) -> int:
        """Load the records and return the position to begin at."""
        self._records += self._load_records()
        return self._start_at(self._records) if self._start_at is not None else 0

    async def _play(self, parts: ConsoleParts, make_player: MakePlayer, start: int) -> None:
        self._encode = parts.encode
        self.body.side.rows.events.use(parts.encode)
        pump = self._pump = FramePump(
            self._view,
            parts.apply,
            self._draw,
            scheduler=LoopScheduler(),
            is_congested=partial(is_congested, self.app),
        )
        self.body.say(Content.styled("Nothing has happened yet.", "$muted"))
        await self.body.attach(parts.make_transcript, self._view)
        player = self._player = make_player(self._records, self._deliver, self._rewind)
        pump.release()
        player.seek(start)
        self.body.use_engines(await asyncio.to_thread(parts.load_engines))
        self.is_complete = True
        if self._plays_at_once:
            player.play()
        self._draw_position()
        try:
            await asyncio.gather(player.run(), self._follow())
        finally:
            pump.close()

    async def _follow(self) -> None:
        try:
            await follow_log(self._read_new, self._grow)
        except HarnError as error:
            self._banner.show(str(error))

    def _grow(self, records: Sequence[Record]) -> None:
        self._records += records
        if self._player is not None:
            self._player.grew(len(records))
            self._draw_position()

    def commands(self) -> Mapping[str, Callable[[], object]]:
        """Return what each action of this screen calls."""
        return self._shared_commands() | {
            "dismiss_banner": lambda: self._banner.show(""),
            "play_pause": partial(self._control, self._toggle),
            "next_event": partial(self._control, lambda player: player.step()),
            "previous_event": partial(self._control, lambda player: self._go(player.position - 1)),
            "next_turn": partial(self._control, lambda player: player.step_turn()),
            "previous_turn": partial(self._control, partial(self._go_before, _TURN_TYPES)),
            "next_tool": partial(self._control, lambda player: player.step_tool()),
            "previous_tool": partial(self._control, partial(self._go_before, _TOOL_TYPES)),
            "faster": partial(self._control, partial(self._change_speed, 1)),
            "slower": partial(self._control, partial(self._change_speed, -1)),
            "seek_start": partial(self._control, lambda _: self._go(0)),
            "seek_end": partial(self._control, lambda _: self._go(len(self._records))),
            "replay_escape": self._escape,
            "replay_quit": self.app.exit,
        }

    def _control(self, command: Callable[[ReplayPlayer], object]) -> None:
        if self._player is not None:
            command(self._player)
            self._draw_position()

    def _toggle(self, player: ReplayPlayer) -> None:
        if player.is_playing:
            player.pause()
        else:
            player.play()

    def _go(self, position: int) -> None:
        if self._player is not None:
            self._player.pause()
            self._player.seek(max(0, position))

    def _go_before(self, types: frozenset[str], player: ReplayPlayer) -> None:
        """Go to just before the newest shown event of one of ``types``."""
        starts = (
            place
            for place in range(player.position - 1, -1, -1)
            if self._records[place].event.type in types
        )
        self._go(next(starts, 0))

    def _change_speed(self, step: int, player: ReplayPlayer) -> None:
        place = SPEEDS.index(player.speed) if player.speed in SPEEDS else SPEEDS.index(1.0)
        player.set_speed(SPEEDS[max(0, min(place + step, len(SPEEDS) - 1))])

    def _escape(self) -> None:
        if self.body.covers_transcript:
            self.body.toggle_panel()
        elif self._player is not None:
            self._control(lambda player: player.pause())

    def _deliver(self, records: Sequence[Record]) -> None:
        if self._pump is not None:
            events = self.body.side.rows.events
            for record in records:
                self._pump.take(record)
                events.add(record)

    def _rewind(self, position: int) -> None:
        if self._pump is None:
            return
        self._view = SessionView()
        self._pump.restart(self._view)
        self._redraws_all = True
        if self._encode is not None:
            self.body.side.rows.events.use(self._encode)
        if position == 0:
            self._draw(Changes())
        self._deliver(self._records[:position])

    def _draw(self, changes: Changes) -> None:
        if self._redraws_all:
            # After a move backward, pictures of the way there would only flicker.
            if self._pump is not None and self._pump.pending_count:
                return
            self._redraws_all = False
            self.body.redraw(self._view)
        else:
            self.body.update_parts(changes)
        view = self._view
        now_ms = view.last_event_at_ms
        self.body.tick(now_ms)
        self._strip.show(view.queue, is_running=view.is_running, is_paused=False, now_ms=now_ms)
        facts = StatusFacts(provider=view.provider, model=view.model)
        self._status_line.show(view, facts, now_ms)
        self._draw_position()

    def _draw_position(self) -> None:
        records, player = self._records, self._player
        if player is None:
            return
        shown = self._view.event_count if self._pump and self._pump.pending_count else (
            player.position
        )  # fmt: skip
        first_ms = records[0].emitted_at_ms if records else 0
        last_ms = records[-1].emitted_at_ms if records else 0
        at_ms = records[shown - 1].emitted_at_ms if 0 < shown <= len(records) else first_ms
        self._controls.show_position(shown, len(records), at_ms - first_ms, last_ms - first_ms)
        self._controls.show_pace(player.speed, is_playing=player.is_playing)
