"""What the console needs from the session below it and from a recorded session.

Structural types: the real session handle and replay source satisfy them, and so do the stand-ins
of the tests. Nothing heavy is imported here, so that the first frame does not wait for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from harn_tui.kinds import Boundary, Decision, DecisionScope

if TYPE_CHECKING:
    from harn_tui.console.transcript.engines import Engines
    from harn_tui.events.record import Record
    from harn_tui.json_types import JsonObject
    from harn_tui.view.model import Changes, SessionView

Clock: TypeAlias = Callable[[], int]
"""Returns Unix-epoch milliseconds."""


class SteeringPort(Protocol):
    """What a session offers to lines on their way to the model. Every method returns at once."""

    @property
    def is_paused(self) -> bool:
        """Whether queued lines wait for a person (after an interrupt or a failure)."""
        ...

    @property
    def queue(self) -> QueuePort:
        """The queue as a whole: order, boundaries, pause."""
        ...

    @property
    def draft(self) -> str:
        """The unsent text that was kept when the session was last open."""
        ...

    def submit(self, text: str, boundary: Boundary = Boundary.NEXT_PREFLIGHT) -> str:
        """Journal a line and queue it; return its feedback id. Raises HarnError."""
        ...

    def withdraw(self, feedback_id: str) -> bool:
        """Take a queued line back for good; false when it is too late."""
        ...

    def hold(self, feedback_id: str) -> bool:
        """Keep a queued line from being sent while it is edited; false when it is too late."""
        ...

    def release(self, feedback_id: str, text: str | None = None) -> bool:
        """Queue a held line again, with new text unless ``None``; false when it is gone."""
        ...

    def send_now(self, feedback_id: str) -> bool:
        """Interrupt the run and deliver the line; false when it is too late."""
        ...

    def resume_queue(self) -> None:
        """Let queued lines go on after a pause."""
        ...


class QueuePort(Protocol):
    """What a session offers to its queue as a whole. Every method returns at once."""

    @property
    def is_paused(self) -> bool:
        """Whether the person holds the queue back."""
        ...

    def pause(self) -> None:
        """Hold all lines back, also from the run that is active."""
        ...

    def move(self, feedback_id: str, offset: int) -> bool:
        """Move a line by ``offset`` places, negative is sooner; false when nothing moves."""
        ...

    def change_boundary(self, feedback_id: str) -> bool:
        """Let a line enter at another boundary; false when it is too late."""
        ...

    def preview(self) -> list[JsonObject]:
        """Return the messages that the next model call will add, exactly as they will be sent."""
        ...


class SoftStopPort(Protocol):
    """Stops a run when the call that is running has ended."""

    def arm(self) -> bool:
        """Stop then; false when no call is running or this was asked before."""
        ...


class RunningAgent(Protocol):
    """A nested loop that is at work, as a person chooses among several."""

    @property
    def worker_id(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """Its name, which others may have too."""
        ...

    @property
    def depth(self) -> int:
        """How many loops it is nested in, from 1."""
        ...

    @property
    def doing(self) -> str:
        """What it does now, in one line."""
        ...


class AgentsPort(Protocol):
    """The nested loops of a session. Every method returns at once."""

    @property
    def running(self) -> Sequence[RunningAgent]:
        """Those at work, in the order in which they began."""
        ...

    def steer(self, worker_id: str, text: str) -> bool:
        """Queue a line for one of them; false when it has ended. Raises HarnError."""
        ...

    def cancel(self, worker_id: str) -> bool:
        """End one of them; false when there is nothing to end."""
        ...


class ConsoleSession(SteeringPort, Protocol):
    """The part of the session façade that the console calls.

    Every method but ``start`` and ``close`` returns at once; what it did comes back as records.
    """

    @property
    def session_id(self) -> str:
        """Id of the session."""
        ...

    @property
    def folder(self) -> Path | None:
        """Where the session is stored; ``None`` when it is kept in memory only."""
        ...

    @property
    def provider_name(self) -> str:
        """Configured name of the provider."""
        ...

    @property
    def model(self) -> str:
        """Name of the model."""
        ...

    @property
    def cwd(self) -> Path:
        """The folder that the tools work in."""
        ...

    @property
    def context_window(self) -> int | None:
        """Size of the model's context in tokens; ``None`` when unknown."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether a run is active."""
        ...

    @property
    def soft_stop(self) -> SoftStopPort:
        """The gentle way to stop a run."""
        ...

    @property
    def agents(self) -> AgentsPort:
        """The nested loops that are at work."""
        ...

    def past_records(self) -> Sequence[Record]:
        """Return what the log held when it was opened."""
        ...

    def subscribe(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Hand every new record to ``listener``; return the call that ends this."""
        ...

    async def start(self) -> None:
        """Begin work: write the first events, take up what is queued."""
        ...

    def answer(
        self,
        request_id: str,
        decision: Decision,
        scope: DecisionScope = DecisionScope.ONCE,
        note: str | None = None,
    ) -> bool:
        """Answer a permission request; false when it no longer waits."""
        ...

    def interrupt(self) -> bool:
        """Stop the run and pause the queue; false when nothing runs."""
        ...

    def save_draft(self, text: str) -> None:
        """Keep unsent text for the next start. Raises HarnError."""
        ...

    async def close(self) -> None:
        """Stop the run, write what is pending, release the session."""
        ...


class ReplayPlayer(Protocol):
    """Plays the records of a session; ``store.replay_source`` has the real one."""

    @property
    def position(self) -> int:
        """How many records have been delivered."""
        ...

    @property
    def is_playing(self) -> bool:
        """Whether records come by themselves."""
        ...

    @property
    def speed(self) -> float | None:
        """Multiple of the recorded pace; ``None`` as fast as possible."""
        ...

    async def run(self) -> None:
        """Deliver records while playing, until cancelled."""
        ...

    def play(self) -> None:
        """Go on from the position."""
        ...

    def pause(self) -> None:
        """Stay at the position."""
        ...

    def set_speed(self, speed: float | None) -> None:
        """Play at ``speed`` times the recorded pace."""
        ...

    def seek(self, position: int) -> None:
        """Go to where ``position`` records have been delivered."""
        ...

    def grew(self, count: int) -> None:
        """``count`` records were added behind the last."""
        ...

    def step(self) -> None:
        """Pause, and deliver one record."""
        ...

    def step_turn(self) -> None:
        """Pause, and deliver to the end of a turn."""
        ...

    def step_tool(self) -> None:
        """Pause, and deliver to where the next tool call ends."""
        ...


class TranscriptWidget(Protocol):
    """What the screens ask of the transcript widget; ``transcript/`` has the real one."""

    unseen_count: int
    """Blocks with something new below the window."""

    def show(self, view: SessionView) -> None:
        """Draw ``view`` from scratch."""
        ...

    def update_blocks(self, changed: Collection[int]) -> None:
        """Draw the blocks with these indices again; new ones are at the end."""
        ...

    def toggle_fold(self, index: int) -> None:
        """Fold or open one block."""
        ...

    def jump_to(self, index: int) -> None:
        """Bring one block to the top of the window."""
        ...

    def tick(self, now_ms: int) -> None:
        """Count running durations up to ``now_ms``."""
        ...

    def use_engines(self, engines: Engines) -> None:
        """Draw Markdown and syntax colours from now on."""
        ...


Fold: TypeAlias = "Callable[[SessionView, Record], Changes]"
OpenSession: TypeAlias = Callable[[], Awaitable[ConsoleSession]]
LoadRecords: TypeAlias = "Callable[[], Sequence[Record]]"
FindPosition: TypeAlias = "Callable[[Sequence[Record]], int]"
"""Reads a whole log; called in a thread. Raises HarnError."""
MakePlayer: TypeAlias = """Callable[
    [Sequence[Record], Callable[[Sequence[Record]], None], Callable[[int], None]], ReplayPlayer
]"""
"""Takes the records, where to deliver batches of them, and what to call on a move backward."""
