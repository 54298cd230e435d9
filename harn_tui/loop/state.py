"""What a run remembers between its phases, and what one turn carries through them."""

import time
from dataclasses import dataclass, field

from harn_tui.feedback.item import FeedbackItem
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, ToolErrorCategory
from harn_tui.loop.loop_detect import LoopDetector
from harn_tui.providers.base import Completion, Usage

FINISHED = "the model finished"
"""Reason of a run that simply came to its end."""


def now_ms() -> int:
    """Return a monotonic clock reading in milliseconds, for durations only."""
    return time.monotonic_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class ToolCallOutcome:
    """How one dispatched call ended.

    ``status`` is ``ok``, ``error`` or ``rejected``; a call stopped before it ran is ``rejected``.
    ``text`` is what the model reads.
    """

    tool_name: str
    status: str
    text: str
    category: ToolErrorCategory | None = None

    @property
    def is_rejected(self) -> bool:
        """Whether the call was stopped before it ran."""
        return self.status == "rejected"

    def as_turn_record(self) -> JsonObject:
        """Return the entry of ``turn_info.tool_results``."""
        return {
            "tool_name": self.tool_name,
            "status": self.status,
            "rejected": self.is_rejected,
        }


@dataclass(slots=True)
class Turn:
    """One iteration on its way through the phases.

    ``injected`` holds the lines claimed for this turn with the messages they become; they enter
    the history when the provider accepts the request, and go back to the queue if it never does.
    A prefill becomes no message: ``None``.
    """

    iteration: int
    system: str | None = None
    messages: list[JsonObject] = field(default_factory=list)
    injected: list[tuple[FeedbackItem, JsonObject | None]] = field(default_factory=list)
    prefill: str | None = None
    completion: Completion | None = None
    is_completion_accepted: bool = False
    outcomes: list[ToolCallOutcome] = field(default_factory=list)


@dataclass(slots=True)
class Counters:
    """Per-run figures of the result's ``trace`` (never shared between runs, loop 10.8)."""

    llm_calls: int = 0
    tool_executions: int = 0
    tool_rejections: int = 0
    interventions: int = 0
    compactions: int = 0
    empty_completion_retries: int = 0
    llm_duration_ms: int = 0
    tool_duration_ms: int = 0


@dataclass(slots=True)
class LoopState:
    """Everything that changes while a run goes on.

    ``messages`` is the visible history: what the next request is built from. ``calls`` numbers
    the session's model calls. ``cost_usd`` turns ``None`` once a call had no known price.
    """

    session_id: str
    loop_id: str
    messages: list[JsonObject]
    calls: int
    loop_detector: LoopDetector
    history_bytes: int = 0
    started_ms: int = field(default_factory=now_ms)
    iterations: int = 0
    status: LoopStatus = LoopStatus.DONE
    reason: str = FINISHED
    error: str | None = None
    consecutive_text_only: int = 0
    consecutive_single_tool_turns: int = 0
    texts: list[str] = field(default_factory=list)
    last_text: str = ""
    tools_used: list[str] = field(default_factory=list)
    tools_successful: list[str] = field(default_factory=list)
    tools_rejected: list[str] = field(default_factory=list)
    deferred_user_messages: list[str] = field(default_factory=list)
    used_call_ids: set[str] = field(default_factory=set)
    prompt: tuple[FeedbackItem, JsonObject] | None = None
    """The queued line that starts the run, until the first turn takes it."""
    open_turn: Turn | None = None
    """The turn whose ``turn_end`` is still to come."""
    carried: list[FeedbackItem] = field(default_factory=list)
    """Lines claimed for the next turn by a last look at the queue."""
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = 0.0
    counters: Counters = field(default_factory=Counters)

    def end(self, status: LoopStatus, reason: str) -> None:
        """Set how the run ends; ``reason`` is one clause in words."""
        self.status = status
        self.reason = reason
