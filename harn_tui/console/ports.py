"""What the console needs from the session below it and from a recorded session.

Structural types: the real session handle and replay source satisfy them, and so do the stand-ins
of the tests. Nothing heavy is imported here, so that the first frame does not wait for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from harn_tui.kinds import Boundary, Decision, DecisionScope

if TYPE_CHECKING:
    from harn_tui.config.key_paths import KeyPath
    from harn_tui.config.loader import LoadedConfiguration
    from harn_tui.console.agent_ports import AgentsPort
    from harn_tui.console.asking_ports import ApprovalsPort, CommandLoadsPort, QuestionsPort
    from harn_tui.console.model_ports import ModelsPort
    from harn_tui.console.prompt_ports import PromptSourcesPort
    from harn_tui.console.rewind_ports import RewindPort
    from harn_tui.console.run_ports import CompactionPort, SoftStopPort
    from harn_tui.console.transcript.engines import Engines
    from harn_tui.console.transcript.reader import Reader
    from harn_tui.events.record import Record
    from harn_tui.feedback.item import AttachedImage
    from harn_tui.json_types import JsonObject, JsonValue
    from harn_tui.permissions.chosen_rule import ChosenRule
    from harn_tui.view.model import Changes, SessionView

Clock: TypeAlias = Callable[[], int]
"""Returns Unix-epoch milliseconds."""


class SteeringPort(Protocol):
    """What a session offers to lines on their way to the model, and what it keeps of them.

    Every method returns at once.
    """

    @property
    def is_paused(self) -> bool:
        """Whether queued lines wait for a person (after an interrupt or a failure)."""
        ...

    @property
    def queue(self) -> QueuePort:
        """The queue as a whole: order, boundaries, pause."""
        ...

    @property
    def kept(self) -> KeptPort:
        """Title and reader's place."""
        ...

    @property
    def preparation(self) -> PreparationPort:
        """What can be done while the first line is still typed."""
        ...

    @property
    def draft(self) -> str:
        """The unsent text that was kept when the session was last open."""
        ...

    def submit(
        self,
        text: str,
        boundary: Boundary = Boundary.NEXT_PREFLIGHT,
        *,
        images: tuple[AttachedImage, ...] = (),
    ) -> str:
        """Journal a line and queue it; return its feedback id. Raises HarnError."""
        ...

    def withdraw(self, feedback_id: str) -> bool:
        """Take a queued line back for good; false when it is too late."""
        ...

    def hold(self, feedback_id: str) -> bool:
        """Keep a queued line from being sent while it is edited; false when it is too late."""
        ...

    def release(
        self,
        feedback_id: str,
        text: str | None = None,
        images: tuple[AttachedImage, ...] | None = None,
    ) -> bool:
        """Queue a held line again, with what is new unless ``None``; false when it is gone."""
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


class PreparationPort(Protocol):
    """Loads what a run needs before the first line is sent."""

    def begin(self) -> None:
        """Begin, if that was not done before."""
        ...


class KeptPort(Protocol):
    """What a session keeps beside its events. Every method returns at once."""

    @property
    def title(self) -> str | None:
        """What the session is called, ``None`` before its first request."""
        ...

    @property
    def reading(self) -> JsonObject:
        """What was kept of the reader's place; empty for nothing."""
        ...

    def rename(self, title: str) -> str:
        """Call the session by another title; return it as it is kept. Raises HarnError."""
        ...

    def save_reading(self, reading: JsonObject) -> None:
        """Keep the reader's place."""
        ...


class StoredPort(Protocol):
    """What of a session outlives its process."""

    @property
    def session_id(self) -> str:
        """Id of the session."""
        ...

    @property
    def folder(self) -> Path | None:
        """Where the session is stored; ``None`` when it is kept in memory only."""
        ...

    @property
    def rewinding(self) -> RewindPort | None:
        """What goes back in the session; ``None`` when it is kept in memory only."""
        ...


class ConsoleSession(SteeringPort, StoredPort, Protocol):
    """The part of the session façade that the console calls.

    Every method but ``start`` and ``close`` returns at once; what it did comes back as records.
    """

    @property
    def models(self) -> ModelsPort[Any]:
        """The model in use, and those to go over to."""
        ...

    @property
    def cwd(self) -> Path:
        """The folder that the tools work in."""
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
    def compaction(self) -> CompactionPort:
        """The way to have the history compacted."""
        ...

    @property
    def agents(self) -> AgentsPort:
        """The nested loops that are at work."""
        ...

    @property
    def questions(self) -> QuestionsPort:
        """What the model, or an agent, asks the person."""
        ...

    @property
    def command_loads(self) -> CommandLoadsPort:
        """What running commands use."""
        ...

    @property
    def approvals(self) -> ApprovalsPort:
        """The permission questions that wait."""
        ...

    @property
    def prompt_sources(self) -> PromptSourcesPort:
        """What can be offered to a person who types."""
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
        *,
        rule: ChosenRule | None = None,
    ) -> bool:
        """Answer a permission request; false when it no longer waits.

        ``rule`` is kept with an approval that always holds. Raises HarnError for a wrong one.
        """
        ...

    def interrupt(self) -> bool:
        """Stop the run and pause the queue; false when nothing runs."""
        ...

    def save_draft(self, text: str) -> None:
        """Keep unsent text for the next start. Raises HarnError."""
        ...

    async def close(self, *, leaves_approvals: bool = False) -> None:
        """Stop the run, write what is pending, release the session.

        ``leaves_approvals`` has what is asked now asked again when the session is taken up.
        """
        ...


@dataclass(frozen=True, slots=True)
class StartOffer:
    """A provider to start with. ``key`` is for who offers it.

    ``is_usual`` when it is what starts without a choice, so that there is nothing to keep.
    """

    key: int
    name: str
    detail: str
    is_usual: bool = False


class FirstRun(Protocol):
    """Asks who has configured nothing which provider to start with."""

    async def find(self) -> Sequence[StartOffer]:
        """Return what there is, the best first; nothing when there is nothing to ask.

        May raise HarnError.
        """
        ...

    async def choose(self, offer: StartOffer) -> None:
        """Have the session that is opened next use ``offer``."""
        ...

    def remember(self) -> str:
        """Keep the choice for new sessions; return where. Blocks. Raises HarnError."""
        ...


class TranscriptWidget(Protocol):
    """What the screens ask of the transcript widget; ``transcript/`` has the real one."""

    unseen_count: int
    """Blocks with something new below the window."""

    shows_time: bool
    """Whether lines and calls carry the time of day."""

    @property
    def reader(self) -> Reader | None:
        """Cursor, selection and search; ``None`` for a transcript that is only drawn."""
        ...

    def take_focus(self) -> bool:
        """Take the keys to be browsed; false when there is nothing to browse."""
        ...

    def copy_block(self, index: int) -> str:
        """Return the source text of a block. Raises IndexError."""
        ...

    def toggle_all(self) -> None:
        """Fold or open all blocks."""
        ...

    def show(self, view: SessionView) -> None:
        """Draw ``view`` from scratch."""
        ...

    def update_blocks(self, changed: Collection[int]) -> None:
        """Draw the blocks with these indices again; new ones are at the end."""
        ...

    def toggle_fold(self, index: int) -> bool:
        """Fold or open one block; false when there is nothing to fold."""
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
OpenOther: TypeAlias = Callable[[str], Awaitable[ConsoleSession]]
"""Opens the stored session with this id. Raises HarnError."""


class SettingsPort(Protocol):
    """The configuration and the one file of it that the console writes. Both wait for the disk."""

    @property
    def user_file(self) -> Path:
        """The person's own file, which may not be there yet."""
        ...

    def load(self) -> LoadedConfiguration:
        """Read all layers. Raises ConfigError."""
        ...

    def save(self, path: KeyPath, value: JsonValue) -> None:
        """Write one key into the person's own file. Raises ConfigError."""
        ...


OpenSettings: TypeAlias = Callable[[], SettingsPort | None]
"""Gives the configuration; ``None`` where there is none. Called in a thread."""
