"""The events that this console adds to those of the reference (docs/events.md).

Same envelope and encoding rules as ``events.agent``. Names are final; fields may grow.
"""

from dataclasses import dataclass
from typing import ClassVar

from harn_tui.events.fields import omitted
from harn_tui.events.snapshot_moment import SnapshotMoment
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import (
    Boundary,
    Decision,
    DecisionScope,
    FeedbackState,
    HostMessageMode,
    LoopStatus,
    NoticeLevel,
    OutputStream,
    ProviderErrorCategory,
    QuestionOutcome,
    SwitchState,
)

SCHEMA_VERSION = 1
"""Version of the session log that this program writes in ``session_start``."""


@dataclass(frozen=True, slots=True)
class SessionStart:
    """First event of a session, and once more whenever another process takes it up again.

    ``worker_name`` names the nested loop that the session was made for by its parent.
    ``base_url`` comes where the provider's address is not its usual or configured one; it has no
    user name and password.
    """

    type: ClassVar[str] = "session_start"
    session_id: str
    cwd: str
    model: str
    provider: str
    tool_format: str
    schema_version: int = SCHEMA_VERSION
    parent_session_id: str | None = omitted()
    forked_at_index: int | None = omitted()
    worker_name: str | None = omitted()
    base_url: str | None = omitted()


@dataclass(frozen=True, slots=True)
class ModelSwitch:
    """The session goes over to another model of a provider.

    ``pending`` when a person chose it and it waits for the next model call; the newest one
    counts, and one that names the model in use takes the choice back. ``active`` when all calls
    from here on are its. ``base_url`` comes where the address is not the provider's usual or
    configured one; it has no user name and password.
    """

    type: ClassVar[str] = "model_switch"
    session_id: str
    state: SwitchState
    provider: str
    model: str
    base_url: str | None = omitted()


@dataclass(frozen=True, slots=True)
class UserMessage:
    """A person's or a host's message that starts a run, or that a host delivered in one."""

    type: ClassVar[str] = "user_message"
    session_id: str
    content: str
    mode: HostMessageMode


@dataclass(frozen=True, slots=True)
class LoopStart:
    """A run of the loop begins."""

    type: ClassVar[str] = "loop_start"
    session_id: str
    loop_id: str
    parent_loop_id: str | None = omitted()


@dataclass(frozen=True, slots=True)
class LoopEnd:
    """A run ended: exactly one for each ``loop_start``, whatever happened.

    ``reason`` is one sentence in words for a person. ``usage`` is the run's total:
    ``{input_tokens, output_tokens, cache_read_tokens, cache_write_tokens}`` and, when every call
    had a price, ``cost_usd``.
    """

    type: ClassVar[str] = "loop_end"
    session_id: str
    loop_id: str
    status: LoopStatus
    reason: str
    iterations: int
    usage: JsonObject


@dataclass(frozen=True, slots=True)
class LlmCallStart:
    """A request goes out. ``call`` counts from 1 within the session, retries not counted."""

    type: ClassVar[str] = "llm_call_start"
    session_id: str
    call: int
    iteration: int
    model: str
    message_count: int
    estimated_tokens: int


@dataclass(frozen=True, slots=True)
class LlmCallAccepted:
    """The server took the request and will answer: what is waited for now is the model.

    Once for each attempt that got that far, before anything of the reply.
    """

    type: ClassVar[str] = "llm_call_accepted"
    session_id: str
    call: int


@dataclass(frozen=True, slots=True)
class LlmCallEnd:
    """A model call ended. ``partial`` is true when the reply was cut short by a cancellation.

    ``usage`` is ``{input_tokens, output_tokens, cache_read_tokens, cache_write_tokens}``; empty
    when the provider reported none. ``time_to_first_token_ms`` is null when no token came.
    """

    type: ClassVar[str] = "llm_call_end"
    session_id: str
    call: int
    usage: JsonObject
    cost_usd: float | None = omitted()
    duration_ms: int = 0
    time_to_first_token_ms: int | None = None
    stop_reason: str | None = None
    partial: bool | None = omitted()


@dataclass(frozen=True, slots=True)
class LlmRetry:
    """A failed attempt is sent again after ``delay_ms``. ``attempt`` counts retries from 1.

    What the failed attempt streamed is void: a reader discards the text, the reasoning and the
    announced tool calls that came since the call's ``llm_call_start`` or last ``llm_retry``.
    """

    type: ClassVar[str] = "llm_retry"
    session_id: str
    call: int
    attempt: int
    delay_ms: int
    category: ProviderErrorCategory
    message: str


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """Live output of a running tool; ``chunk`` is a delta, already valid text."""

    type: ClassVar[str] = "tool_output"
    session_id: str
    tool_call_id: str
    chunk: str
    stream: OutputStream


@dataclass(frozen=True, slots=True)
class FeedbackStateChanged:
    """A line of feedback changed its state.

    ``content`` comes with ``queued`` (first time and after each edit), and ``images`` with it:
    what goes along, each as in a message. ``call`` comes with
    ``delivered``: the model call that carried the line. ``place`` comes when a person moved the
    line: its place among the waiting ones, from 0. ``claimed`` is followed at once by the
    item's ``feedback_injected`` (or ``user_message`` when the line starts a run).
    """

    type: ClassVar[str] = "feedback_state"
    session_id: str
    feedback_id: str
    state: FeedbackState
    boundary: Boundary
    content: str | None = omitted()
    call: int | None = omitted()
    place: int | None = omitted()
    images: list[JsonValue] | None = omitted()


@dataclass(frozen=True, slots=True)
class PermissionRequest:
    """A call waits for an answer. ``reason`` says why it was asked, ``summary`` what it does.

    When a nested loop asks, its own session has the request as it was made, and the sessions
    above have it with ``source``, the name of the nested loop, and the call's ``arguments``;
    ``tool_call_id`` is there the call that runs the nested loop.

    ``risks`` are the labels of what its command could do, ``origin`` says where the rule or
    policy that asks was written. ``proposed_rule`` is ``{tool, pattern, argument}``: a rule that
    would let this call and those like it through, ``None`` when none can be told.
    ``confinement`` says of a command in a few words whether a sandbox will hold it.
    """

    type: ClassVar[str] = "permission_request"
    session_id: str
    request_id: str
    tool_call_id: str
    tool_name: str
    reason: str
    summary: str
    source: str | None = omitted()
    arguments: JsonObject | None = omitted()
    risks: list[str] | None = omitted()
    origin: str | None = omitted()
    proposed_rule: JsonObject | None = omitted()
    confinement: str | None = omitted()


@dataclass(frozen=True, slots=True)
class PermissionDecision:
    """A permission request was answered, by a person, a program or a policy.

    ``rule`` is what was granted: for ``session`` until the session ends, for ``always`` in a
    file of rules too.
    """

    type: ClassVar[str] = "permission_decision"
    session_id: str
    request_id: str
    decision: Decision
    scope: DecisionScope
    rule: str | None = omitted()
    note: str | None = omitted()


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """A call asks the person. Each of ``options`` is ``{label, description}``, numbered from 1.

    ``allows_text`` lets any other text be an answer, ``allows_several`` several options at once;
    ``default`` is the answer of who just confirms. When a nested loop asks, the sessions above
    have the question too, with ``source``, the name of the nested loop, and the call that runs
    it as ``tool_call_id``.
    """

    type: ClassVar[str] = "question_asked"
    session_id: str
    question_id: str
    tool_call_id: str
    question: str
    options: list[JsonValue]
    allows_text: bool
    allows_several: bool
    default: str | None = None
    source: str | None = omitted()


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """A question waits no more, exactly once for each; ``answers`` is empty unless answered."""

    type: ClassVar[str] = "question_answered"
    session_id: str
    question_id: str
    outcome: QuestionOutcome
    answers: list[JsonValue]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should see and the model need not."""

    type: ClassVar[str] = "notice"
    session_id: str
    level: NoticeLevel
    text: str


@dataclass(frozen=True, slots=True)
class FilesSnapshot:
    """The files of the working folder were snapshotted; see docs/rewind.md.

    ``tree`` is the id of a tree in the private git directory of ``folder``. ``left_out`` counts
    files that are there and not covered. ``unsure`` when what changed since the snapshot before
    is not known to be the agent's.
    """

    type: ClassVar[str] = "files_snapshot"
    session_id: str
    tree: str
    moment: SnapshotMoment
    folder: str
    left_out: int | None = omitted()
    unsure: bool | None = omitted()


@dataclass(frozen=True, slots=True)
class FilesRestored:
    """Files were brought back to how they were at ``at_index``, ``None`` for an undo.

    ``before`` and ``after`` are the trees around it, ``restored`` counts the files, ``kept`` says
    which were not touched.
    """

    type: ClassVar[str] = "files_restored"
    session_id: str
    at_index: int | None
    before: str
    after: str | None
    restored: int
    kept: list[JsonValue]


@dataclass(frozen=True, slots=True)
class MessageRecorded:
    """A message entered the model-facing history; resume folds these and nothing else.

    ``message`` is the neutral form of docs/messages.md: ``role`` plus ``content`` and, by role,
    ``tool_calls``, ``tool_call_id``, ``tool_name``, ``feedback_id``, ``interrupted``.
    """

    type: ClassVar[str] = "message_recorded"
    session_id: str
    message: JsonObject
