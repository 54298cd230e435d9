"""What a run remembers between its phases, and what one turn carries through them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from harn_tui.feedback.item import FeedbackItem
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, ToolErrorCategory
from harn_tui.loop.call_ids import CallIds
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.compaction.policy import CompactionPolicy
from harn_tui.loop.daemon.state import DaemonState
from harn_tui.loop.ledger import TaskLedger
from harn_tui.loop.llm_transcript import LlmTranscript
from harn_tui.loop.loop_detect import LoopDetector
from harn_tui.loop.reply import Reply
from harn_tui.loop.structured_reply import StructuredReply
from harn_tui.permissions.gate import Gate
from harn_tui.providers.base import ModelFacts, ToolCallRequest, ToolSchema, Usage
from harn_tui.providers.model_facts import cost_usd
from harn_tui.skills.activity import SkillActivity
from harn_tui.skills.scope import ToolScope
from harn_tui.tools.base import Tool
from harn_tui.tools.tool_search.offering import OfferedTools, ToolOffering
from harn_tui.transcripts.session_run import SessionRun

FINISHED = "the model finished"
"""Reason of a run that simply came to its end."""


DAEMON_ACTIVE = "active"
DAEMON_IDLE = "idle"


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
    exit_code: int = 0
    """The command's own, or 0 for a call that ended well and 1 for one that did not."""

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
    tools: tuple[ToolSchema, ...] = ()
    messages: Sequence[JsonObject] = ()
    injected: list[tuple[FeedbackItem, JsonObject | None]] = field(default_factory=list)
    prefill: str | None = None
    reply: Reply | None = None
    taken_up: tuple[ToolCallRequest, ...] = ()
    """Calls of an earlier process to dispatch, in a turn without a reply."""
    announced_ids: set[str] = field(default_factory=set)
    """Ids of the calls that were announced before, name and kind: those that streamed in."""
    outcomes: list[ToolCallOutcome] = field(default_factory=list)
    ledger_results: list[bool] = field(default_factory=list)
    """Whether each ledger call of the turn was accepted; they are no entry of ``outcomes``."""
    results: list[tuple[str, str]] = field(default_factory=list)
    """(tool name, text) of every call in order: what the text format reports back."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    """(kind, content) of runtime feedback that waits for the assistant turn to be complete."""
    has_host_words: bool = False
    """Whether the host's words came in behind the turn's request, where only a further one has
    them."""

    @property
    def calls(self) -> tuple[ToolCallRequest, ...]:
        """The calls to dispatch."""
        return self.reply.calls if self.reply else self.taken_up

    @property
    def called_tools(self) -> bool:
        """Whether the turn dispatched any call, the ledger's included."""
        return bool(self.outcomes or self.ledger_results)

    @property
    def made_progress(self) -> bool:
        """Whether a call was dispatched that is not merely a mistaken ledger call (10.5)."""
        return bool(self.outcomes) or any(self.ledger_results)


@dataclass(slots=True)
class Counters:
    """Per-run figures of the result's ``trace`` (never shared between runs, loop 10.8)."""

    llm_calls: int = 0
    tool_executions: int = 0
    tool_rejections: int = 0
    interventions: int = 0
    compactions: int = 0
    native_text_tool_fallbacks: int = 0
    native_text_tool_fallback_rejections: int = 0
    empty_completion_retries: int = 0
    phase_changes: int = 0
    schema_retries: int = 0
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
    ledger: TaskLedger
    compaction: CompactionPolicy
    callbacks: LoopCallbacks
    skills: SkillActivity
    offering: ToolOffering
    gate: Gate
    offered: OfferedTools
    """The tools that can be called in this turn, and no others."""
    session: SessionRun
    """The run's hand on its session; a session that nothing stores is kept for the run alone."""
    more_tools: tuple[Tool, ...] = ()
    """The tools that come and go, as they were when the turn began."""
    absent_tools: tuple[str, ...] = ()
    """Tools that searches had loaded and that are not there now, the oldest first."""
    skills_with_servers: dict[str, dict[str, bool]] = field(default_factory=dict)
    """The MCP servers that are held for each skill, by its id, and whether they could be bound."""
    scope: ToolScope = field(default_factory=ToolScope)
    """What the skills in use leave callable in this turn."""
    llm_log: LlmTranscript = field(default_factory=LlmTranscript)
    compact_again_at: int = 0
    """Estimated tokens below which the history is not compacted again."""
    history_bytes: int = 0
    started_ms: int = field(default_factory=now_ms)
    iterations: int = 0
    iterations_before: int = 0
    """Iterations of the runs that a daemon's snapshot carries on."""
    status: LoopStatus = LoopStatus.DONE
    reason: str = FINISHED
    error: str | None = None
    consecutive_text_only: int = 0
    consecutive_parse_failures: int = 0
    consecutive_single_tool_turns: int = 0
    structured: StructuredReply | None = None
    """The JSON of the last reply that was asked for as JSON."""
    texts: list[str] = field(default_factory=list)
    last_text: str = ""
    has_acted: bool = False
    """Whether any call has really run (10.48)."""
    verification_exit_code: int | None = None
    """Exit code of the last verification; ``None`` before one and after a later change."""
    ledger_done_rejections: int = 0
    recorded: list[JsonObject] | None = None
    """All messages of a daemon, those included that a compaction archived; else ``None``."""
    daemon: DaemonState | None = None
    """What a daemon remembers between its idle periods, ``None`` for other loops."""
    daemon_state: str | None = None
    """``active`` or ``idle`` while a daemon runs, then its status; ``None`` for other loops."""
    tools_used: list[str] = field(default_factory=list)
    _first_uses: dict[str, None] = field(default_factory=dict)
    tools_successful: list[str] = field(default_factory=list)
    tools_rejected: list[str] = field(default_factory=list)
    deferred_user_messages: list[str] = field(default_factory=list)
    call_ids: CallIds = field(default_factory=CallIds)
    prompt: tuple[FeedbackItem, JsonObject] | None = None
    """The queued line that starts the run, until the first turn takes it."""
    open_turn: Turn | None = None
    """The turn whose ``turn_end`` is still to come."""
    carried: list[FeedbackItem] = field(default_factory=list)
    """Lines claimed for the next turn by a last look at the queue."""
    usage: Usage = field(default_factory=Usage)
    budget_tokens: int = 0
    """Input and output tokens of the run's own calls: what ``token_budget`` bounds."""
    spent_usd: float = 0.0
    """What the calls with a known price cost: what ``total_budget_usd`` bounds."""
    has_unknown_cost: bool = False
    """Whether a call had no usage or no price."""
    transcript: JsonObject = field(default_factory=dict)
    """The transcript as the run left it; empty until it is finalized."""
    counters: Counters = field(default_factory=Counters)

    @property
    def cost_usd(self) -> float | None:
        """What the run cost, ``None`` when that of a call is not known."""
        return None if self.has_unknown_cost else self.spent_usd

    @property
    def total_iterations(self) -> int:
        """Iterations so far, from 1; those of the runs that this one carries on count too."""
        return self.iterations_before + self.iterations

    @property
    def distinct_tools_used(self) -> tuple[str, ...]:
        """The names of the tools that ran, each once, in the order of their first call."""
        return tuple(self._first_uses)

    def add_usage(
        self, usage: Usage | None, facts: ModelFacts, *, counts_for_budget: bool = True
    ) -> float | None:
        """Add what a call used; return what it cost, ``None`` when that is not known.

        Only the tokens of the loop's own calls count for its budget, not those of a summary.
        """
        cost = cost_usd(usage, facts) if usage is not None else None
        self.usage = self.usage + (usage or Usage())
        if usage is not None and counts_for_budget:
            self.budget_tokens += usage.input_tokens + usage.output_tokens
        self.spent_usd += cost or 0.0
        self.has_unknown_cost |= cost is None
        return cost

    def use_tool(self, name: str) -> None:
        """Note that a call of ``name`` ran."""
        self.tools_used.append(name)
        self._first_uses.setdefault(name)

    def reject_tool(self, name: str) -> None:
        """Note that a call of ``name`` was stopped before it ran."""
        if name not in self.tools_rejected:
            self.tools_rejected.append(name)

    def end(self, status: LoopStatus, reason: str) -> None:
        """Set how the run ends; ``reason`` is one clause in words."""
        self.status = status
        self.reason = reason
