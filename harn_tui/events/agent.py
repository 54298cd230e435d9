"""The 20 agent events of the reference, field for field in wire order (docs/events.md).

An event is a value: frozen, holding nothing but JSON. ``type`` is its wire tag. Fields made by
``omitted()`` are absent from the wire while ``None``; every other ``None`` is written as null.
Fields of type ``JsonValue`` and ``JsonObject`` are written with their keys sorted, except typed
records (``audit``, ``executor``, ``handoff``, ``events``), which keep the order of their keys.
"""

from dataclasses import dataclass
from typing import ClassVar

from harn_tui.events.fields import omitted, omitted_record, record
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import BudgetKind, ToolCallStatus, ToolErrorCategory, ToolKind


@dataclass(frozen=True, slots=True)
class AgentMessageChunk:
    """Streamed assistant text. ``content`` is a delta, never the text so far."""

    type: ClassVar[str] = "agent_message_chunk"
    session_id: str
    content: str


@dataclass(frozen=True, slots=True)
class AgentThoughtChunk:
    """Streamed reasoning. ``content`` is a delta."""

    type: ClassVar[str] = "agent_thought_chunk"
    session_id: str
    content: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call was announced. A repeated ``tool_call_id`` is an update of the same call."""

    type: ClassVar[str] = "tool_call"
    session_id: str
    tool_call_id: str
    tool_name: str
    kind: ToolKind | None
    status: ToolCallStatus
    raw_input: JsonValue
    parsing: bool | None = omitted()
    audit: JsonObject | None = omitted_record()


@dataclass(frozen=True, slots=True)
class ToolCallUpdate:
    """A tool call changed. Durations are milliseconds and only on the terminal update.

    ``raw_input`` (parsed so far) and ``raw_input_partial`` (unparseable text so far) never come
    together; each replaces what came before it. ``raw_output`` of an executed call is
    ``{"text": str, "tool_use_id": str}`` plus, for some tools, ``details``, and
    ``changed_by_hooks`` where hooks changed arguments or result.
    """

    type: ClassVar[str] = "tool_call_update"
    session_id: str
    tool_call_id: str
    tool_name: str
    status: ToolCallStatus
    raw_output: JsonValue = None
    error: str | None = None
    duration_ms: int | None = omitted()
    execution_duration_ms: int | None = omitted()
    error_category: ToolErrorCategory | None = omitted()
    executor: JsonObject | None = omitted_record()
    parsing: bool | None = omitted()
    raw_input: JsonValue = omitted()
    raw_input_partial: str | None = omitted()
    audit: JsonObject | None = omitted_record()


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan changed. ``plan`` is the normalised ``harn.plan.v1`` artifact."""

    type: ClassVar[str] = "plan"
    session_id: str
    plan: JsonValue


@dataclass(frozen=True, slots=True)
class TurnStart:
    """A turn begins. ``iteration`` is 0-based and restarts with every run."""

    type: ClassVar[str] = "turn_start"
    session_id: str
    iteration: int


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """A turn ended; emitted for every turn. ``turn_info`` has the keys of docs/events.md."""

    type: ClassVar[str] = "turn_end"
    session_id: str
    iteration: int
    turn_info: JsonValue


@dataclass(frozen=True, slots=True)
class FeedbackInjected:
    """A queued feedback item entered this turn's messages; ``content`` is raw, unescaped."""

    type: ClassVar[str] = "feedback_injected"
    session_id: str
    kind: str
    content: str


@dataclass(frozen=True, slots=True)
class BudgetExhausted:
    """The run used a budget up; ``reason`` says which, and is missing in the reference's logs."""

    type: ClassVar[str] = "budget_exhausted"
    session_id: str
    max_iterations: int
    reason: BudgetKind | None = omitted()


@dataclass(frozen=True, slots=True)
class LoopStuck:
    """Text-only turns outnumbered the nudges. ``tail_excerpt`` is at most 240 characters and …"""

    type: ClassVar[str] = "loop_stuck"
    session_id: str
    max_nudges: int
    last_iteration: int
    tail_excerpt: str


@dataclass(frozen=True, slots=True)
class DaemonWatchdogTripped:
    """A daemon idled ``attempts`` times without anything to wake for."""

    type: ClassVar[str] = "daemon_watchdog_tripped"
    session_id: str
    attempts: int
    elapsed_ms: int


@dataclass(frozen=True, slots=True)
class SkillActivated:
    """A skill became active; ``reason`` says which signals matched."""

    type: ClassVar[str] = "skill_activated"
    session_id: str
    skill_name: str
    iteration: int
    reason: str


@dataclass(frozen=True, slots=True)
class SkillDeactivated:
    """A skill is no longer active."""

    type: ClassVar[str] = "skill_deactivated"
    session_id: str
    skill_name: str
    iteration: int


@dataclass(frozen=True, slots=True)
class SkillScopeTools:
    """An active skill narrows the tools to ``allowed_tools``."""

    type: ClassVar[str] = "skill_scope_tools"
    session_id: str
    skill_name: str
    allowed_tools: list[str]


@dataclass(frozen=True, slots=True)
class ToolSearchQuery:
    """The model searched for tools. ``mode`` is ``client`` or a provider's name."""

    type: ClassVar[str] = "tool_search_query"
    session_id: str
    tool_use_id: str
    name: str
    query: JsonValue
    strategy: str
    mode: str


@dataclass(frozen=True, slots=True)
class ToolSearchResult:
    """A tool search promoted the tools named in ``promoted``."""

    type: ClassVar[str] = "tool_search_result"
    session_id: str
    tool_use_id: str
    promoted: list[str]
    strategy: str
    mode: str


@dataclass(frozen=True, slots=True)
class TranscriptCompacted:
    """Older messages were replaced by the summary that the next ``message_recorded`` holds.

    ``archived_messages`` is how many it replaces, ``keep_first`` the number before them that
    stayed, ``None`` for none: together they say which. ``strategy`` is the policy's name,
    ``engine_strategy`` how the summary was made. Token figures are estimates of whole requests.
    """

    type: ClassVar[str] = "transcript_compacted"
    session_id: str
    mode: str
    strategy: str
    archived_messages: int
    estimated_tokens_before: int
    estimated_tokens_after: int
    snapshot_asset_id: str | None = None
    engine_strategy: str | None = omitted()
    keep_first: int | None = omitted()
    keep_last: int | None = omitted()


@dataclass(frozen=True, slots=True)
class Handoff:
    """Work was handed to another persona or a person."""

    type: ClassVar[str] = "handoff"
    session_id: str
    artifact_id: str
    handoff: JsonObject = record()


@dataclass(frozen=True, slots=True)
class FsWatch:
    """Watched files changed."""

    type: ClassVar[str] = "fs_watch"
    session_id: str
    subscription_id: str
    events: list[JsonObject] = record()


@dataclass(frozen=True, slots=True)
class WorkerUpdate:
    """A nested loop changed state. ``event`` is PascalCase, ``status`` derives from it."""

    type: ClassVar[str] = "worker_update"
    session_id: str
    worker_id: str
    worker_name: str
    worker_task: str
    worker_mode: str
    event: str
    status: str
    metadata: JsonValue
    audit: JsonValue = None
