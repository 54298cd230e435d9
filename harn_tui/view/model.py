"""The picture of a session that every front end draws: plain values, no screen, no clock.

Only ``view.fold.apply`` changes these. Times are Unix-epoch milliseconds taken from the records,
so that a replayed session shows the times of the original.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import (
    Boundary,
    Decision,
    DecisionScope,
    FeedbackState,
    LoopStatus,
    NoticeLevel,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)


@dataclass(slots=True)
class UserBlock:
    """What a person wrote, at the place where it entered the context.

    ``feedback_id`` is set for steered lines; ``delivered_before_call`` is then the number of
    the model call that carried it, ``None`` until that call was accepted.
    """

    started_at_ms: int
    text: str
    feedback_id: str | None = None
    delivered_before_call: int | None = None


@dataclass(slots=True)
class AssistantBlock:
    """Assistant text (Markdown source). ``parts`` are deltas, joined by ``text``.

    ``is_open`` while more may come; ``interrupted`` when the reply was cut by a person;
    ``discarded`` when a retry voided what had streamed (front ends do not show it).
    """

    started_at_ms: int
    call: int
    parts: list[str] = field(default_factory=list)
    is_open: bool = True
    interrupted: bool = False
    discarded: bool = False

    @property
    def text(self) -> str:
        """The whole source so far."""
        if len(self.parts) > 1:
            self.parts[:] = ["".join(self.parts)]
        return self.parts[0] if self.parts else ""


@dataclass(slots=True)
class ThoughtBlock(AssistantBlock):
    """Reasoning; folded unless opened. ``ended_at_ms`` gives its duration once closed."""

    ended_at_ms: int | None = None


@dataclass(slots=True)
class ToolBlock:
    """One tool call from announcement to end.

    ``arguments`` is what is known so far (parsed), ``arguments_partial`` the raw text while it
    does not parse. ``output`` is live output, bounded to its tail; ``result_text`` is what the
    model got. ``waiting_since_ms`` is set while a permission request for it is open.
    """

    started_at_ms: int
    tool_call_id: str
    tool_name: str
    kind: ToolKind | None
    status: ToolCallStatus
    arguments: JsonValue = None
    arguments_partial: str | None = None
    output: str = ""
    output_truncated_chars: int = 0
    result_text: str | None = None
    details: JsonObject = field(default_factory=dict)
    error: str | None = None
    error_category: ToolErrorCategory | None = None
    duration_ms: int | None = None
    execution_duration_ms: int | None = None
    waiting_since_ms: int | None = None
    turn: int = 0
    discarded: bool = False
    interrupted: bool = False
    executor: str | None = None
    running_since_ms: int | None = None
    iteration: int | None = None
    call: int = 0


@dataclass(slots=True)
class NoticeBlock:
    """A line of the runtime's: notices, retries, run ends, compaction."""

    started_at_ms: int
    level: NoticeLevel
    text: str


@dataclass(slots=True)
class FeedbackBlock:
    """Feedback of the runtime's own (any kind but ``user``) that entered the context."""

    started_at_ms: int
    kind: str
    text: str


@dataclass(slots=True)
class GenericBlock:
    """An event that has no drawing of its own, or that could not be read."""

    started_at_ms: int
    title: str
    payload: str


Block: TypeAlias = (
    UserBlock
    | AssistantBlock
    | ThoughtBlock
    | ToolBlock
    | NoticeBlock
    | FeedbackBlock
    | GenericBlock
)


@dataclass(slots=True)
class QueuedLine:
    """A line of feedback that has not reached the model."""

    feedback_id: str
    text: str
    state: FeedbackState
    boundary: Boundary
    queued_at_ms: int


@dataclass(slots=True)
class PendingPermission:
    """A permission request without an answer."""

    request_id: str
    tool_call_id: str
    tool_name: str
    reason: str
    summary: str
    asked_at_ms: int


@dataclass(slots=True)
class AnsweredPermission:
    """How a permission request was answered, for the tool row and the log."""

    decision: Decision
    scope: DecisionScope
    note: str | None


@dataclass(slots=True)
class Totals:
    """Counters of the whole session. ``cost_usd`` is ``None`` once a call had no price."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float | None = 0.0
    calls: int = 0
    tool_calls: int = 0


@dataclass(slots=True)
class SessionView:
    """Everything that a screen shows of one session, as of ``event_count`` folded events."""

    session_id: str = ""
    cwd: str = ""
    model: str = ""
    provider: str = ""
    event_count: int = 0
    last_event_at_ms: int = 0
    blocks: list[Block] = field(default_factory=list)
    queue: list[QueuedLine] = field(default_factory=list)
    permissions: list[PendingPermission] = field(default_factory=list)
    answered: dict[str, AnsweredPermission] = field(default_factory=dict)
    tools_by_id: dict[str, int] = field(default_factory=dict)
    """Index into ``blocks`` of each tool call, by ``tool_call_id``."""
    plan: JsonObject | None = None
    totals: Totals = field(default_factory=Totals)
    is_running: bool = False
    run_started_at_ms: int | None = None
    run_ended_at_ms: int | None = None
    turn: int = 0
    """Turns of the session so far, 1-based while one is open."""
    call: int = 0
    call_started_at_ms: int | None = None
    first_token_at_ms: int | None = None
    retry_until_ms: int | None = None
    last_input_tokens: int = 0
    """Prompt tokens of the newest call: the size of the context."""
    last_status: LoopStatus | None = None
    last_reason: str | None = None


@dataclass(slots=True)
class Changes:
    """What folding one or more events changed; front ends redraw only that.

    ``blocks`` are indices of changed or new blocks; the flags name the parts outside of them.
    """

    blocks: set[int] = field(default_factory=set)
    queue: bool = False
    permissions: bool = False
    plan: bool = False
    status: bool = False

    def merge(self, other: "Changes") -> None:
        """Add what ``other`` names."""
        self.blocks |= other.blocks
        self.queue |= other.queue
        self.permissions |= other.permissions
        self.plan |= other.plan
        self.status |= other.status
