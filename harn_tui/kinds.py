"""The closed vocabularies of the wire, each string written once.

Values are the exact strings of docs/events.md; a member is a ``str``, so it compares and
encodes as its value.
"""

from enum import StrEnum


class ToolKind(StrEnum):
    """What a tool does to the world. ``OTHER`` is never read-only: unknown fails safe."""

    READ = "read"
    EDIT = "edit"
    DELETE = "delete"
    MOVE = "move"
    SEARCH = "search"
    EXECUTE = "execute"
    THINK = "think"
    FETCH = "fetch"
    OTHER = "other"

    @property
    def is_read_only(self) -> bool:
        """Whether a call of this kind leaves files, processes and the network as they were."""
        return self in _READ_ONLY_KINDS

    @property
    def mutation_class(self) -> "MutationClass":
        """What calls of this kind change."""
        return _MUTATION_CLASSES.get(self, MutationClass.READ_ONLY)


_READ_ONLY_KINDS = frozenset({ToolKind.READ, ToolKind.SEARCH, ToolKind.THINK, ToolKind.FETCH})


class MutationClass(StrEnum):
    """What a tool changes, as far as its kind tells."""

    READ_ONLY = "read_only"
    WORKSPACE_WRITE = "workspace_write"
    DESTRUCTIVE = "destructive"
    AMBIENT_SIDE_EFFECT = "ambient_side_effect"
    OTHER = "other"


_MUTATION_CLASSES = {
    ToolKind.EDIT: MutationClass.WORKSPACE_WRITE,
    ToolKind.DELETE: MutationClass.DESTRUCTIVE,
    ToolKind.MOVE: MutationClass.DESTRUCTIVE,
    ToolKind.EXECUTE: MutationClass.AMBIENT_SIDE_EFFECT,
    ToolKind.OTHER: MutationClass.OTHER,
}


class SideEffectLevel(StrEnum):
    """How far a tool reaches, weakest first; ``NONE`` also where a tool says nothing."""

    NONE = "none"
    READ_ONLY = "read_only"
    WORKSPACE_WRITE = "workspace_write"
    PROCESS_EXEC = "process_exec"
    NETWORK = "network"

    @property
    def rank(self) -> int:
        """The place in the order, from 0."""
        return _LEVEL_RANKS[self]


_LEVEL_RANKS = {level: rank for rank, level in enumerate(SideEffectLevel)}


class ToolCallStatus(StrEnum):
    """Life cycle of one tool call; a call ends in exactly one of the last two."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def is_terminal(self) -> bool:
        """Whether no further update of the call may follow."""
        return self in {ToolCallStatus.COMPLETED, ToolCallStatus.FAILED}


class ToolErrorCategory(StrEnum):
    """Why a tool call failed, as told to people and programs (not to the model)."""

    SCHEMA_VALIDATION = "schema_validation"
    TOOL_ERROR = "tool_error"
    MCP_SERVER_ERROR = "mcp_server_error"
    HOST_BRIDGE_ERROR = "host_bridge_error"
    PERMISSION_DENIED = "permission_denied"
    REJECTED_LOOP = "rejected_loop"
    PARSE_ABORTED = "parse_aborted"
    TIMEOUT = "timeout"
    NETWORK = "network"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


PERSON_COMMAND = "person_command"
"""Name of a call that a person made in the prompt, and kind of the feedback that tells of it."""


class ExecutorKind(StrEnum):
    """Who ran a tool call; the ``kind`` of the ``executor`` object on the wire."""

    HARN_BUILTIN = "harn_builtin"
    HOST_BRIDGE = "host_bridge"
    MCP_SERVER = "mcp_server"
    PROVIDER_NATIVE = "provider_native"


class LoopStatus(StrEnum):
    """How a loop ended: ``loop_end.status`` and ``LoopResult.status``."""

    DONE = "done"
    STUCK = "stuck"
    BUDGET_EXHAUSTED = "budget_exhausted"
    IDLE = "idle"
    WATCHDOG = "watchdog"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ERROR = "error"


class ProviderErrorCategory(StrEnum):
    """Class of a failed model call. ``is_transient`` decides whether a retry can help."""

    TIMEOUT = "timeout"
    RATE_LIMIT = "rate_limit"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    TRANSIENT_NETWORK = "transient_network"
    EMPTY_COMPLETION = "empty_completion"
    AUTH = "auth"
    NOT_FOUND = "not_found"
    CONTEXT_OVERFLOW = "context_overflow"
    QUOTA = "quota"
    INVALID_REQUEST = "invalid_request"
    INVALID_RESPONSE = "invalid_response"
    GENERIC = "generic"

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed when it is sent again."""
        return self in _TRANSIENT_CATEGORIES


_TRANSIENT_CATEGORIES = frozenset(
    {
        ProviderErrorCategory.TIMEOUT,
        ProviderErrorCategory.RATE_LIMIT,
        ProviderErrorCategory.OVERLOADED,
        ProviderErrorCategory.SERVER_ERROR,
        ProviderErrorCategory.TRANSIENT_NETWORK,
        ProviderErrorCategory.EMPTY_COMPLETION,
    }
)


class StopReason(StrEnum):
    """Why a reply ended, in one vocabulary for all model servers.

    ``stop`` is the natural end, a stop sequence included; ``pause`` means that the server wants
    the turn sent back to go on; ``other`` is a word that no server was known to use.
    """

    STOP = "stop"
    TOOL_CALLS = "tool_calls"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    PAUSE = "pause"
    OTHER = "other"


class FeedbackState(StrEnum):
    """Where a line of feedback stands: queued, then claimed, then delivered."""

    QUEUED = "queued"
    HELD = "held"
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"
    UNDELIVERED = "undelivered"


class Boundary(StrEnum):
    """Where a queued line enters the model's context."""

    NEXT_PREFLIGHT = "next_preflight"
    AFTER_RUN = "after_run"
    NOW = "now"


class SwitchState(StrEnum):
    """How far a change of model has come: chosen for the next model call, or in force."""

    PENDING = "pending"
    ACTIVE = "active"


class LifecycleEvent(StrEnum):
    """When a hook runs; the ``event`` of its payload and of a ``[[hooks]]`` table.

    Those of turns are told and nothing else; those of tools decide on a call and its result.
    """

    PRE_AGENT_TURN = "PreAgentTurn"
    POST_AGENT_TURN = "PostAgentTurn"
    PRE_TOOL_USE = "PreToolUse"
    POST_TOOL_USE = "PostToolUse"


class HostMessageMode(StrEnum):
    """Delivery mode of a host message (docs/loop.md, host messages)."""

    INTERRUPT_IMMEDIATE = "interrupt_immediate"
    FINISH_STEP = "finish_step"
    WAIT_FOR_COMPLETION = "wait_for_completion"


class PermissionVerdict(StrEnum):
    """What the rules say of a call before anybody is asked."""

    ALLOW = "allow"
    DENY = "deny"
    ASK = "ask"


class Decision(StrEnum):
    """A person's, a program's or a policy's answer to a permission request."""

    ALLOW = "allow"
    DENY = "deny"


class DecisionScope(StrEnum):
    """How long a decision holds."""

    ONCE = "once"
    SESSION = "session"
    ALWAYS = "always"


class QuestionOutcome(StrEnum):
    """What came of a question to the person. Withdrawn: the call that asked was stopped first."""

    ANSWERED = "answered"
    DECLINED = "declined"
    NOBODY = "nobody"
    WITHDRAWN = "withdrawn"


class RulePlace(StrEnum):
    """Whose a file of rules is: a person's, for all folders, or that of one project."""

    USER = "user"
    PROJECT = "project"


class NoticeLevel(StrEnum):
    """Weight of a ``notice`` event."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class OutputStream(StrEnum):
    """Which stream of a running tool a ``tool_output`` chunk came from."""

    STDOUT = "stdout"
    STDERR = "stderr"


class SandboxMode(StrEnum):
    """What confined a command: ``sandbox`` in the details of its call."""

    BUBBLEWRAP = "bubblewrap"
    NONE = "none"


class Notifications(StrEnum):
    """How the console calls a person whose terminal is not in front."""

    AUTO = "auto"
    BELL = "bell"
    OSC9 = "osc9"
    OSC777 = "osc777"
    OFF = "off"


class SandboxUse(StrEnum):
    """When commands run in a sandbox: where one can be had, always or not at all, or never."""

    AUTO = "auto"
    REQUIRE = "require"
    OFF = "off"


class CommandStatus(StrEnum):
    """Where a long-running command stands; ``status`` in what is told of it (docs/tools.md)."""

    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"


class CompactionMode(StrEnum):
    """What made a history be compacted: ``transcript_compacted.mode``."""

    AUTO = "auto"
    PREFLIGHT = "preflight"
    OVERFLOW = "overflow"
    MANUAL = "manual"


class CompactionStrategy(StrEnum):
    """How the text is made that stands for archived messages."""

    LLM = "llm"
    TRUNCATE = "truncate"
    CUSTOM = "custom"
    OBSERVATION_MASK = "observation_mask"


class CompactionLabel(StrEnum):
    """Names of whole compaction policies (docs/loop.md, compaction)."""

    NONE = "none"
    TRUNCATE = "truncate"
    SUMMARIZE_MIDDLE = "summarize_middle"
    SUMMARIZE_ALL = "summarize_all"
    HYBRID = "hybrid"


TOOL_RESULT_KIND = "tool_result"
"""``kind`` of the feedback that brings what a long-running command ended with."""

SUMMARY_KIND = "compaction_summary"
"""``kind`` of the message that stands for those that a compaction archived."""

LEDGER_TOOL_NAME = "ledger"
"""The tool by which a model keeps its task ledger; the loop answers its calls itself."""


class BudgetKind(StrEnum):
    """What a run had used up: ``budget_exhausted.reason``."""

    ITERATIONS = "iterations"
    TOKENS = "tokens"
    COST = "cost"


class WorkerEvent(StrEnum):
    """What became of a nested loop: ``worker_update.event``."""

    SPAWNED = "WorkerSpawned"
    PROGRESSED = "WorkerProgressed"
    WAITING_FOR_INPUT = "WorkerWaitingForInput"
    COMPLETED = "WorkerCompleted"
    FAILED = "WorkerFailed"
    CANCELLED = "WorkerCancelled"

    @property
    def status(self) -> str:
        """The ``status`` that stands beside the event."""
        return _WORKER_STATUSES[self]

    @property
    def is_terminal(self) -> bool:
        """Whether the nested loop has ended."""
        return self in {WorkerEvent.COMPLETED, WorkerEvent.FAILED, WorkerEvent.CANCELLED}


_WORKER_STATUSES = {
    WorkerEvent.SPAWNED: "running",
    WorkerEvent.PROGRESSED: "progressed",
    WorkerEvent.WAITING_FOR_INPUT: "awaiting_input",
    WorkerEvent.COMPLETED: "completed",
    WorkerEvent.FAILED: "failed",
    WorkerEvent.CANCELLED: "cancelled",
}

SUB_AGENT_MODE = "sub_agent"
"""``worker_mode`` of a nested loop that the tool ``run_agent`` started."""


class SearchedBy(StrEnum):
    """Who searched for tools: ``mode`` of ``tool_search_query`` and ``tool_search_result``."""

    CLIENT = "client"
    ANTHROPIC = "anthropic"
    OPENAI = "openai"
