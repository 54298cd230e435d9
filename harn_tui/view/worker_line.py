"""A nested loop in one line of words: who it is, how it stands, and what it does.

Pure functions of the block, for all front ends. Everything is made printable.
"""

from dataclasses import dataclass
from enum import StrEnum

from harn_tui.kinds import WorkerEvent
from harn_tui.view.model import WorkerBlock
from harn_tui.view.plain import one_line

_NAME_CHARS = 60
_WORDS_CHARS = 200


class WorkerState(StrEnum):
    """How a nested loop stands, in words."""

    RUNNING = "running"
    WAITING = "waits for you"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


_STATES = {
    WorkerEvent.SPAWNED.status: WorkerState.RUNNING,
    WorkerEvent.PROGRESSED.status: WorkerState.RUNNING,
    WorkerEvent.WAITING_FOR_INPUT.status: WorkerState.WAITING,
    WorkerEvent.COMPLETED.status: WorkerState.DONE,
    WorkerEvent.FAILED.status: WorkerState.FAILED,
    WorkerEvent.CANCELLED.status: WorkerState.CANCELLED,
}
_GLYPHS = {
    WorkerState.RUNNING: "●",
    WorkerState.WAITING: "▲",
    WorkerState.DONE: "✓",
    WorkerState.FAILED: "✗",
    WorkerState.CANCELLED: "■",
    WorkerState.INTERRUPTED: "■",
}


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """The parts of the line; ``doing`` is empty when there is nothing to say."""

    state: WorkerState
    glyph: str
    name: str
    doing: str
    facts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The line without its glyph: ``agent tests, running, 3 calls: run_command: make``."""
        words = ", ".join([f"agent {self.name}", str(self.state), *self.facts])
        return f"{words}: {self.doing}" if self.doing else words


def worker_line(block: WorkerBlock) -> WorkerLine:
    """Return the line of the nested loop as it stands."""
    state = worker_state(block)
    name = one_line(block.name or block.worker_id, _NAME_CHARS)
    doing = one_line(_doing(block, state), _WORDS_CHARS)
    return WorkerLine(state, _GLYPHS[state], name, doing, tuple(_facts(block, state)))


def worker_state(block: WorkerBlock) -> WorkerState:
    """Return how the nested loop stands; a status that nobody knows counts as running."""
    if block.interrupted:
        return WorkerState.INTERRUPTED
    return _STATES.get(block.status, WorkerState.RUNNING)


def _doing(block: WorkerBlock, state: WorkerState) -> str:
    match state:
        case WorkerState.WAITING if block.questions:
            return block.questions[0]
        case WorkerState.RUNNING | WorkerState.WAITING:
            return block.current_call or block.last_line or block.task
        case WorkerState.FAILED | WorkerState.CANCELLED:
            return block.error or block.last_line
        case _:
            return block.last_line


def _facts(block: WorkerBlock, state: WorkerState) -> list[str]:
    facts: list[str] = []
    if block.tool_calls:
        facts.append(f"{block.tool_calls:,} call{'' if block.tool_calls == 1 else 's'}")
    if block.tokens and state not in {WorkerState.RUNNING, WorkerState.WAITING}:
        facts.append(f"{block.tokens:,} tokens")
    return facts
