"""What the keys of a replay do with its player."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from harn_tui.console.replay_ports import ReplayPlayer
from harn_tui.view.landmark import Landmark

if TYPE_CHECKING:
    from harn_tui.view.timeline import Timeline

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, None)
"""Multiples of the recorded pace; ``None`` is as fast as possible."""

_TURN_TYPES = frozenset({"turn_start"})
_TOOL_TYPES = frozenset({"tool_call"})


class ReplayMoves:
    """Moves ``player``; ``tell`` says what could not be done."""

    def __init__(
        self,
        player: ReplayPlayer,
        timeline: Timeline,
        tell: Callable[[str], object],
    ) -> None:
        self._player = player
        self._timeline = timeline
        self._tell = tell

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what each action that moves the replay does."""
        player = self._player
        return {
            "play_pause": self._toggle,
            "next_event": player.step,
            "previous_event": lambda: self.go(player.position - 1),
            "next_turn": player.step_turn,
            "previous_turn": partial(self._go_before, _TURN_TYPES),
            "next_tool": player.step_tool,
            "previous_tool": partial(self._go_before, _TOOL_TYPES),
            "faster": partial(self._change_speed, 1),
            "slower": partial(self._change_speed, -1),
            "toggle_gaps": lambda: player.set_shortens_gaps(not player.shortens_gaps),
            "seek_start": lambda: self.go(0),
            "seek_end": lambda: self.go(len(self._player.records)),
            **{
                f"to_next_{name}": partial(self._go_after, mark) for name, mark in LANDMARKS.items()
            },
            **{
                f"to_previous_{name}": partial(self._go_back_to, mark)
                for name, mark in LANDMARKS.items()
            },
        }

    def go(self, position: int) -> None:
        """Stop the clock and show the first ``position`` records."""
        self._player.pause()
        self._player.seek(max(0, position))

    def go_to_share(self, share: float) -> None:
        """Stop the clock and go to a share of the whole time, 0 to 1."""
        length = len(self._player.records)
        if self._timeline.length < length:
            self.go(round(share * length))
        else:
            shortened = self._player.shortens_gaps
            self.go(self._timeline.times.position(share, shortened=shortened))

    def _toggle(self) -> None:
        if self._player.is_playing:
            self._player.pause()
        else:
            self._player.play()

    def _go_after(self, landmark: Landmark) -> None:
        found = self._timeline.landmarks.after(landmark, self._player.position)
        self._go_or_tell(found, f"No {landmark} after this event.")

    def _go_back_to(self, landmark: Landmark) -> None:
        found = self._timeline.landmarks.before(landmark, self._player.position)
        self._go_or_tell(found, f"No {landmark} before this event.")

    def _go_or_tell(self, position: int | None, words: str) -> None:
        if position is not None:
            self.go(position)
        elif self._timeline.length < len(self._player.records):
            self._tell("The log is still being looked through.")
        else:
            self._tell(words)

    def _go_before(self, types: frozenset[str]) -> None:
        """Go to just before the newest shown event of one of ``types``."""
        starts = (
            place
            for place in range(self._player.position - 1, -1, -1)
            if self._player.records[place].event.type in types
        )
        self.go(next(starts, 0))

    def _change_speed(self, step: int) -> None:
        speed = self._player.speed
        place = SPEEDS.index(speed if speed in SPEEDS else 1.0)
        self._player.set_speed(SPEEDS[max(0, min(place + step, len(SPEEDS) - 1))])


LANDMARKS = {
    "error": Landmark.ERROR,
    "approval": Landmark.APPROVAL,
    "feedback": Landmark.FEEDBACK,
    "change": Landmark.FILE_CHANGE,
    "compaction": Landmark.COMPACTION,
}
"""By the name that they have in the ids of actions."""
