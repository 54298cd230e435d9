"""The picture of a session that every front end draws: plain values, no screen, no clock.

Only ``view.fold.apply`` changes these. Times are Unix-epoch milliseconds taken from the records,
so that a replayed session shows the times of the original.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import (
    Boundary,
    FeedbackState,
    LoopStatus,
    NoticeLevel,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.view.context import Context
from harn_tui.view.file_changes import FileChange
from harn_tui.view.model_call import ModelCall
from harn_tui.view.pending import AnsweredPermission, PendingPermission, PendingQuestion
from harn_tui.view.shown_image import ShownImage


@dataclass(slots=True)
class UserBlock:
    """What a person wrote, at the place where it entered the context.

    A line that ``starts_run`` is a request of its own; any other was steered into a run, and
    ``delivered_before_call`` is then the number of the model call that carried it, ``None``
    until that call was accepted. ``discarded`` when the call never was: the line is in the
    queue again. ``images`` went with it.
    """

    started_at_ms: int
    text: str
    feedback_id: str | None = None
    delivered_before_call: int | None = None
    starts_run: bool = False
    discarded: bool = False
    images: tuple[ShownImage, ...] = ()


@dataclass(slots=True, eq=False)
class AssistantBlock:
    """Assistant text (Markdown source). ``parts`` are deltas, joined by ``text``.

    Two blocks are equal when their text is, however it was cut into deltas. ``is_open`` while
    more may come; ``interrupted`` when the reply was cut short, by a person or by a failure;
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

    def identity(self) -> tuple[object, ...]:
        """Return what makes two blocks equal."""
        flags = (self.is_open, self.interrupted, self.discarded)
        return (type(self), self.started_at_ms, self.call, self.text, *flags)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AssistantBlock) and self.identity() == other.identity()

    __hash__ = None  # type: ignore[assignment]


@dataclass(slots=True, eq=False)
class ThoughtBlock(AssistantBlock):
    """Reasoning; folded unless opened. ``ended_at_ms`` gives its duration once closed."""

    ended_at_ms: int | None = None

    def identity(self) -> tuple[object, ...]:
        """Return what makes two blocks equal."""
        return (*AssistantBlock.identity(self), self.ended_at_ms)


OUTPUT_TAIL_CHARS = 65_536
"""How much live output of one call is kept; older characters are only counted."""


@dataclass(slots=True, eq=False)
class LiveOutput:
    """The tail of what a tool printed so far. Equal when tail and total are."""

    parts: list[str] = field(default_factory=list)
    kept_chars: int = 0
    total_chars: int = 0

    def append(self, chunk: str) -> None:
        """Add ``chunk``, at a cost that does not grow with what came before."""
        self.parts.append(chunk)
        self.kept_chars += len(chunk)
        self.total_chars += len(chunk)
        if self.kept_chars > 2 * OUTPUT_TAIL_CHARS:
            tail = "".join(self.parts)[-OUTPUT_TAIL_CHARS:]
            self.parts[:] = [tail]
            self.kept_chars = len(tail)

    @property
    def tail(self) -> str:
        """The last ``OUTPUT_TAIL_CHARS`` characters."""
        if len(self.parts) > 1:
            self.parts[:] = ["".join(self.parts)]
        return self.parts[0][-OUTPUT_TAIL_CHARS:] if self.parts else ""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LiveOutput):
            return False
        return self.total_chars == other.total_chars and self.tail == other.tail

    __hash__ = None  # type: ignore[assignment]


@dataclass(slots=True)
class ToolBlock:
    """One tool call from announcement to end.

    ``arguments`` is what is known so far (parsed), ``arguments_partial`` the raw text while it
    does not parse. ``output`` is the tail of the live output; ``result_text`` is what the model
    got. ``waiting_since_ms`` is set while a permission request or a question of it is open, and
    ``is_asking`` while it is questions alone. ``output_at_ms``
    is when live output came last, to about a second. ``interrupted``
    when its run or its process ended before it did; its ``status`` is then ``failed``.
    ``ended_at_ms`` is when its end was told.
    ``discarded`` when a retry voided it. ``unrecovered`` when it failed, its run has ended, and
    no later call of its kind in the run succeeded: until then a failure is the model's to mend.
    """

    started_at_ms: int
    tool_call_id: str
    tool_name: str
    kind: ToolKind | None
    status: ToolCallStatus
    arguments: JsonValue = None
    arguments_partial: str | None = None
    live_output: LiveOutput = field(default_factory=LiveOutput)
    result_text: str | None = None
    details: JsonObject = field(default_factory=dict)
    error: str | None = None
    error_category: ToolErrorCategory | None = None
    duration_ms: int | None = None
    execution_duration_ms: int | None = None
    waiting_since_ms: int | None = None
    is_asking: bool = False
    turn: int = 0
    discarded: bool = False
    interrupted: bool = False
    executor: str | None = None
    running_since_ms: int | None = None
    ended_at_ms: int | None = None
    output_at_ms: int | None = None
    call: int = 0
    unrecovered: bool = False

    @property
    def output(self) -> str:
        """The tail of the live output."""
        return self.live_output.tail

    @property
    def output_truncated_chars(self) -> int:
        """How many characters of live output came before ``output``."""
        return max(0, self.live_output.total_chars - OUTPUT_TAIL_CHARS)


@dataclass(slots=True)
class WorkerBlock:
    """One nested loop, at the place where it began; it changes in place.

    ``status`` is that of its last ``worker_update``, ``error`` why it did not complete.
    ``current_call`` is what it does now, ``questions`` what it waits for answers to. Its own
    session has the rest. ``interrupted`` when the process ended before it did.
    """

    started_at_ms: int
    worker_id: str
    name: str
    task: str
    status: str
    session_id: str | None = None
    current_call: str = ""
    questions: list[str] = field(default_factory=list)
    last_line: str = ""
    error: str | None = None
    tool_calls: int = 0
    tokens: int = 0
    interrupted: bool = False
    updated_at_ms: int = 0


@dataclass(slots=True)
class NoticeBlock:
    """A line of the runtime's: notices, retries, run ends."""

    started_at_ms: int
    level: NoticeLevel
    text: str


@dataclass(slots=True)
class FeedbackBlock:
    """Feedback of the runtime's own (any kind but ``user``) that entered the context.

    ``discarded`` when the call failed first and the feedback waits for another one.
    """

    started_at_ms: int
    kind: str
    text: str
    discarded: bool = False


@dataclass(slots=True)
class CompactionBlock:
    """Older messages that a summary took the place of.

    ``mode`` says what made it happen, ``strategy`` is the policy's name and ``engine_strategy``
    how the summary was made. Tokens are estimates of the whole request. ``summary`` is ``None``
    until it is recorded, and for good in logs that hold no messages.
    """

    started_at_ms: int
    mode: str
    strategy: str
    engine_strategy: str | None
    archived_messages: int
    tokens_before: int
    tokens_after: int
    summary: str | None = None


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
    | WorkerBlock
    | NoticeBlock
    | FeedbackBlock
    | CompactionBlock
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
    images: tuple[ShownImage, ...] = ()


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

    @property
    def billed_usd(self) -> float | None:
        """``cost_usd``, and ``None`` before the first bill: a 0 there tells nothing of prices."""
        has_bill = bool(self.cost_usd or self.input_tokens or self.output_tokens)
        return self.cost_usd if has_bill else None


@dataclass(slots=True)
class SessionView:
    """Everything that a screen shows of one session, as of ``event_count`` folded events.

    The last group of fields is the fold's own memory of what is still open.
    """

    session_id: str = ""
    cwd: str = ""
    model: str = ""
    provider: str = ""
    next_model: tuple[str, str] | None = None
    """Provider and model that a person chose, until the next model call takes them."""
    event_count: int = 0
    last_event_at_ms: int = 0
    blocks: list[Block] = field(default_factory=list)
    queue: list[QueuedLine] = field(default_factory=list)
    permissions: list[PendingPermission] = field(default_factory=list)
    questions: list[PendingQuestion] = field(default_factory=list)
    answered: dict[str, AnsweredPermission] = field(default_factory=dict)
    """By ``tool_call_id``: how the newest request of each call was answered."""
    tools_by_id: dict[str, int] = field(default_factory=dict)
    """Index into ``blocks`` of each tool call, by ``tool_call_id``."""
    plan: JsonObject | None = None
    ledger: JsonObject | None = None
    totals: Totals = field(default_factory=Totals)
    calls: list[ModelCall] = field(default_factory=list)
    """Every model call of the session itself, in order."""
    context: Context = field(default_factory=Context)
    files: dict[str, FileChange] = field(default_factory=dict)
    """By path: the files that tools changed."""
    is_running: bool = False
    run_started_at_ms: int | None = None
    run_ended_at_ms: int | None = None
    turn: int = 0
    """Turns of the session so far, 1-based while one is open."""
    call: int = 0
    call_started_at_ms: int | None = None
    accepted_at_ms: int | None = None
    """When the server took the open call's newest attempt, ``None`` until it did."""
    first_token_at_ms: int | None = None
    heard_at_ms: int | None = None
    """When the newest part of the open reply came, to about a second; ``None`` between calls."""
    reply_waits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Milliseconds to the first token of each model's newest calls, oldest first."""
    retry_until_ms: int | None = None
    last_input_tokens: int = 0
    """Tokens in the context as of the newest reply; before the first one, an estimate."""
    last_status: LoopStatus | None = None
    last_reason: str | None = None
    claimed: QueuedLine | None = None
    """The line whose entry into the context is about to be announced."""
    claimed_blocks: dict[str, int] = field(default_factory=dict)
    """Index into ``blocks`` of each claimed line that no call took yet, by ``feedback_id``."""
    open_text: int | None = None
    """Index of the text or reasoning block that is still growing."""
    attempt_start: int | None = None
    """Index of the first block of the open model call's attempt; ``None`` between calls."""
    unfinished_tools: dict[str, int] = field(default_factory=dict)
    """Index into ``blocks`` of each tool call without an end, by ``tool_call_id``."""
    workers_by_id: dict[str, int] = field(default_factory=dict)
    """Index into ``blocks`` of each nested loop, by ``worker_id``."""
    unfinished_workers: dict[str, int] = field(default_factory=dict)
    """Index into ``blocks`` of each nested loop without an end, by ``worker_id``."""
    failed_tools: dict[str, list[int]] = field(default_factory=dict)
    """Indices into ``blocks`` of the calls of this run that failed, by their kind or name, until
    a call of the same kind succeeds."""
    candidates: list[int] = field(default_factory=list)
    """Indices of the ``unfinished_tools`` that are only text which looks like a call."""
    open_compaction: int | None = None
    """Index of the compaction whose summary is still to be recorded."""
    summary_place: int = 0
    """Which message of the context that summary will be."""
    run_loop_id: str | None = None
    """The loop whose end is the end of the run; loops nested in it end within it."""


@dataclass(slots=True)
class Changes:
    """What folding one or more events changed; front ends redraw only that.

    ``blocks`` are indices of changed or new blocks; the flags name the parts outside of them.
    """

    blocks: set[int] = field(default_factory=set)
    queue: bool = False
    permissions: bool = False
    questions: bool = False
    plan: bool = False
    files: bool = False
    status: bool = False

    def merge(self, other: "Changes") -> None:
        """Add what ``other`` names."""
        self.blocks |= other.blocks
        self.queue |= other.queue
        self.permissions |= other.permissions
        self.questions |= other.questions
        self.plan |= other.plan
        self.files |= other.files
        self.status |= other.status
