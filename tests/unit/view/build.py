"""Short names for the events of fold tests, and one sample of every event type."""

from typing import Any

from harn_tui.events.agent import (
    AgentMessageChunk,
    AgentThoughtChunk,
    BudgetExhausted,
    DaemonWatchdogTripped,
    FeedbackInjected,
    FsWatch,
    Handoff,
    LoopStuck,
    Plan,
    SkillActivated,
    SkillDeactivated,
    SkillScopeTools,
    ToolCall,
    ToolCallUpdate,
    ToolSearchQuery,
    ToolSearchResult,
    TranscriptCompacted,
    TurnEnd,
    TurnStart,
    WorkerUpdate,
)
from harn_tui.events.host import (
    FeedbackStateChanged,
    FilesRestored,
    FilesSnapshot,
    LlmCallAccepted,
    LlmCallEnd,
    LlmCallStart,
    LlmRetry,
    LoopEnd,
    LoopStart,
    MessageRecorded,
    ModelSwitch,
    Notice,
    PermissionDecision,
    PermissionRequest,
    QuestionAnswered,
    QuestionAsked,
    SessionStart,
    ToolOutput,
    UserMessage,
)
from harn_tui.events.record import Event, UnknownEvent
from harn_tui.events.snapshot_moment import SnapshotMoment
from harn_tui.json_types import JsonValue
from harn_tui.kinds import (
    SUMMARY_KIND,
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
    ToolCallStatus,
    ToolKind,
)

S = "s"
PENDING, RUNNING = ToolCallStatus.PENDING, ToolCallStatus.IN_PROGRESS
COMPLETED, FAILED = ToolCallStatus.COMPLETED, ToolCallStatus.FAILED


def session_start(**fields: Any) -> SessionStart:
    return SessionStart(S, "/work", "m", "p", "native", **fields)


def text(content: str) -> AgentMessageChunk:
    return AgentMessageChunk(S, content)


def thought(content: str) -> AgentThoughtChunk:
    return AgentThoughtChunk(S, content)


def call_start(call: int = 1, estimate: int = 10) -> LlmCallStart:
    return LlmCallStart(S, call, 0, "m", 1, estimate)


def accepted(call: int = 1) -> LlmCallAccepted:
    return LlmCallAccepted(S, call)


def call_end(call: int = 1, usage: dict[str, Any] | None = None, **fields: Any) -> LlmCallEnd:
    return LlmCallEnd(S, call, usage or {}, **fields)


def retry(attempt: int = 1, delay_ms: int = 4_000, message: str = "boom") -> LlmRetry:
    return LlmRetry(S, 1, attempt, delay_ms, ProviderErrorCategory.SERVER_ERROR, message)


def tool(
    call_id: str = "t1", raw_input: Any = None, *, name: str = "read_file", **fields: Any
) -> ToolCall:
    status = fields.pop("status", PENDING)
    return ToolCall(S, call_id, name, ToolKind.READ, status, raw_input or {}, **fields)


def update(
    status: ToolCallStatus, call_id: str = "t1", *, name: str = "read_file", **fields: Any
) -> ToolCallUpdate:
    return ToolCallUpdate(S, call_id, name, status, **fields)


def output(chunk: str, call_id: str = "t1") -> ToolOutput:
    return ToolOutput(S, call_id, chunk, OutputStream.STDOUT)


def asked(request_id: str = "r1", call_id: str = "t1") -> PermissionRequest:
    return PermissionRequest(S, request_id, call_id, "write_file", "it writes", "write a")


def decided(
    request_id: str = "r1", decision: Decision = Decision.ALLOW, note: str | None = None
) -> PermissionDecision:
    return PermissionDecision(S, request_id, decision, DecisionScope.ONCE, note=note)


def question(
    question_id: str = "q1", call_id: str = "t1", *options: str, source: str | None = None
) -> QuestionAsked:
    choices: list[JsonValue] = [{"label": label, "description": ""} for label in options]
    return QuestionAsked(
        S, question_id, call_id, "Which colour?", choices, True, False, source=source
    )


def answered(
    question_id: str = "q1",
    *answers: str,
    outcome: QuestionOutcome = QuestionOutcome.ANSWERED,
) -> QuestionAnswered:
    return QuestionAnswered(S, question_id, outcome, list(answers))


def line(
    state: FeedbackState,
    content: str | None = None,
    *,
    call: int | None = None,
    line_id: str = "f1",
    boundary: Boundary = Boundary.NEXT_PREFLIGHT,
) -> FeedbackStateChanged:
    return FeedbackStateChanged(S, line_id, state, boundary, content, call)


def injected(content: str, kind: str = "user") -> FeedbackInjected:
    return FeedbackInjected(S, kind, content)


def prompt(content: str) -> UserMessage:
    return UserMessage(S, content, HostMessageMode.WAIT_FOR_COMPLETION)


def recorded(**message: Any) -> MessageRecorded:
    return MessageRecorded(S, message)


def compacted(mode: str = "auto", **fields: Any) -> TranscriptCompacted:
    return TranscriptCompacted(S, mode, "observation_mask", 12, 51_000, 9_000, **fields)


def loop_start(loop_id: str = "l", parent: str | None = None) -> LoopStart:
    return LoopStart(S, loop_id, parent)


def loop_end(
    status: LoopStatus = LoopStatus.DONE, reason: str = "why", loop_id: str = "l"
) -> LoopEnd:
    return LoopEnd(S, loop_id, status, reason, 1, {})


SAMPLES: tuple[Event, ...] = (
    text("hello"),
    thought("hm"),
    tool(raw_input={"path": "a"}),
    update(COMPLETED, raw_output={"text": "ok", "tool_use_id": "1"}, duration_ms=3),
    Plan(S, {"title": "Plan", "steps": [{"content": "one", "status": "pending"}]}),
    TurnStart(S, 0),
    TurnEnd(S, 0, {"tool_count": 1}),
    injected("use tabs"),
    BudgetExhausted(S, 50),
    LoopStuck(S, 3, 4, "still thinking"),
    DaemonWatchdogTripped(S, 3, 1_500),
    SkillActivated(S, "deploy", 0, "2 keyword hit(s)"),
    SkillDeactivated(S, "deploy", 3),
    SkillScopeTools(S, "deploy", ["read", "run"]),
    ToolSearchQuery(S, "srv1", "tool_search_tool_bm25", {"query": "deploy"}, "bm25", "client"),
    ToolSearchResult(S, "srv1", ["deploy_service"], "bm25", "client"),
    compacted(),
    recorded(role="user", content="what happened", kind=SUMMARY_KIND),
    Handoff(S, "a1", {"task": "Review it", "target_persona_or_human": {"label": "Ann"}}),
    FsWatch(S, "fsw-1", [{"kind": "modify", "relative_paths": ["src/lib.rs"]}]),
    WorkerUpdate(S, "w1", "review", "review pr", "sub_agent", "WorkerSpawned", "running", {}),
    session_start(),
    ModelSwitch(S, SwitchState.PENDING, "p2", "m2"),
    ModelSwitch(S, SwitchState.ACTIVE, "p2", "m2"),
    prompt("go"),
    loop_start(),
    loop_end(LoopStatus.STUCK, "3 turns without a tool call"),
    call_start(),
    accepted(),
    call_end(usage={"input_tokens": 5, "output_tokens": 2}, cost_usd=0.25),
    retry(),
    output("line\n"),
    line(FeedbackState.QUEUED, "use tabs"),
    asked(),
    decided(),
    question("q1", "t1", "Red", "Blue"),
    answered("q1", "Red"),
    question("q2", "t1"),
    Notice(S, NoticeLevel.WARNING, "disk full"),
    FilesSnapshot(S, "4b825dc6", SnapshotMoment.BEFORE, "/work"),
    FilesRestored(S, 7, "4b825dc6", None, 2, ["a.txt"]),
    recorded(role="assistant", content="hello"),
    UnknownEvent("new_thing", S, {"type": "new_thing", "x": 1}),
)
"""One of every event type, in an order that leaves things open."""
