"""Scripted events of a session, piece by piece, with times that look like real ones."""

from harn_tui.events.agent import (
    AgentMessageChunk,
    AgentThoughtChunk,
    Plan,
    ToolCall,
    ToolCallUpdate,
    TranscriptCompacted,
    TurnStart,
)
from harn_tui.events.host import (
    FeedbackStateChanged,
    LlmCallEnd,
    LlmCallStart,
    LoopEnd,
    LoopStart,
    MessageRecorded,
    PermissionRequest,
    SessionStart,
    UserMessage,
)
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    SUMMARY_KIND,
    Boundary,
    CompactionMode,
    FeedbackState,
    HostMessageMode,
    LoopStatus,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from tests.unit.console.stand_ins import SESSION_ID

CWD = "/home/ann/project"


def session_start(provider: str = "demo") -> Event:
    return SessionStart(SESSION_ID, CWD, "demo-1", provider, "native")


def run_start(text: str = "Please make the tests pass.") -> list[Event]:
    return [
        LoopStart(SESSION_ID, "loop-1"),
        UserMessage(SESSION_ID, text, HostMessageMode.FINISH_STEP),
        TurnStart(SESSION_ID, 0),
    ]


def call_start(call: int = 1) -> Event:
    return LlmCallStart(SESSION_ID, call, 0, "demo-1", 3, 1200)


def call_end(call: int = 1) -> Event:
    usage: JsonObject = {"input_tokens": 10_240, "output_tokens": 812}
    return LlmCallEnd(SESSION_ID, call, usage, 0.0, 2400, 300, "stop")


def text(content: str) -> Event:
    return AgentMessageChunk(SESSION_ID, content)


def thought(content: str) -> Event:
    return AgentThoughtChunk(SESSION_ID, content)


def tool(call_id: str, name: str, kind: ToolKind, arguments: JsonObject) -> Event:
    return ToolCall(SESSION_ID, call_id, name, kind, ToolCallStatus.PENDING, arguments)


def tool_runs(call_id: str, name: str) -> Event:
    return ToolCallUpdate(SESSION_ID, call_id, name, ToolCallStatus.IN_PROGRESS)


def tool_done(call_id: str, name: str, result: str = "", ran_ms: int = 40, ms: int = 45) -> Event:
    return ToolCallUpdate(
        SESSION_ID,
        call_id,
        name,
        ToolCallStatus.COMPLETED,
        {"text": result, "tool_use_id": call_id},
        duration_ms=ms,
        execution_duration_ms=ran_ms,
    )


def tool_failed(call_id: str, name: str, error: str) -> Event:
    return ToolCallUpdate(
        SESSION_ID,
        call_id,
        name,
        ToolCallStatus.FAILED,
        {"text": error, "tool_use_id": call_id},
        error=error,
        error_category=ToolErrorCategory.TOOL_ERROR,
        duration_ms=8200,
        execution_duration_ms=8150,
    )


def asks(request_id: str, call_id: str, name: str, summary: str = "") -> Event:
    reason = "no rule allows run_command, and it can change things"
    return PermissionRequest(SESSION_ID, request_id, call_id, name, reason, summary)


def queued(feedback_id: str, content: str, boundary: Boundary = Boundary.NEXT_PREFLIGHT) -> Event:
    return FeedbackStateChanged(
        SESSION_ID, feedback_id, FeedbackState.QUEUED, boundary, content=content
    )


def claimed(feedback_id: str) -> Event:
    return FeedbackStateChanged(
        SESSION_ID, feedback_id, FeedbackState.CLAIMED, Boundary.NEXT_PREFLIGHT
    )


def delivered(feedback_id: str, call: int) -> Event:
    return FeedbackStateChanged(
        SESSION_ID, feedback_id, FeedbackState.DELIVERED, Boundary.NEXT_PREFLIGHT, call=call
    )


def run_end(status: LoopStatus = LoopStatus.DONE, reason: str = "The model is done.") -> Event:
    return LoopEnd(SESSION_ID, "loop-1", status, reason, 2, {})


def plan() -> Event:
    steps: list[JsonObject] = [
        {"id": "step-1", "content": "Read the failing test", "status": "completed"},
        {"id": "step-2", "content": "Fix the off-by-one in paging.py", "status": "in_progress"},
        {"id": "step-3", "content": "Run the whole suite", "status": "pending"},
    ]
    return Plan(SESSION_ID, {"schema_version": "harn.plan.v1", "title": "Plan", "steps": [*steps]})


def compacted() -> list[Event]:
    """A compaction before a model call, with the summary that is recorded after it."""
    summary: JsonObject = {
        "role": "user",
        "content": "[auto-compacted 24 older messages]\n"
        "The paging test fails because last_page stops one page early.\n"
        "src/paging.py, line 12: the division rounds down. Not mended yet.",
        "kind": SUMMARY_KIND,
    }
    return [
        TranscriptCompacted(
            SESSION_ID,
            CompactionMode.PREFLIGHT.value,
            "hybrid",
            24,
            51_200,
            9_180,
            engine_strategy="llm",
            keep_first=0,
            keep_last=10,
        ),
        MessageRecorded(SESSION_ID, summary),
    ]


def busy_turn() -> list[Event]:
    """A turn with reasoning, text and three calls, the last one running."""
    return [
        *run_start(),
        call_start(),
        thought("The test wants the last page too, so the loop must include it."),
        text("I'll look at the failing test first, then at `paging.py`.\n\n"),
        call_end(),
        tool("t1", "read_file", ToolKind.READ, {"path": "tests/test_paging.py"}),
        tool_runs("t1", "read_file"),
        tool_done("t1", "read_file", "12 lines"),
        tool("t2", "search_files", ToolKind.SEARCH, {"pattern": "def last_page", "path": "src"}),
        tool_runs("t2", "search_files"),
        tool_failed("t2", "search_files", "There is no folder src."),
        plan(),
        tool("t3", "run_command", ToolKind.EXECUTE, {"command": "pytest -q tests/test_paging.py"}),
    ]
