"""Scripted events of a session, piece by piece, with times that look like real ones."""

from collections.abc import Mapping
from typing import Any

from harn_tui.events.agent import (
    AgentMessageChunk,
    AgentThoughtChunk,
    Plan,
    ToolCall,
    ToolCallUpdate,
    TranscriptCompacted,
    TurnStart,
    WorkerUpdate,
)
from harn_tui.events.host import (
    FeedbackStateChanged,
    LlmCallAccepted,
    LlmCallEnd,
    LlmCallStart,
    LoopEnd,
    LoopStart,
    MessageRecorded,
    PermissionRequest,
    QuestionAsked,
    SessionStart,
    UserMessage,
)
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import (
    SUB_AGENT_MODE,
    SUMMARY_KIND,
    Boundary,
    CompactionMode,
    FeedbackState,
    HostMessageMode,
    LoopStatus,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
    WorkerEvent,
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


def accepted(call: int = 1) -> Event:
    return LlmCallAccepted(SESSION_ID, call)


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


def tool_done(
    call_id: str,
    name: str,
    result: str = "",
    ran_ms: int = 40,
    ms: int = 45,
    details: JsonObject | None = None,
) -> Event:
    output: JsonObject = {"text": result, "tool_use_id": call_id}
    return ToolCallUpdate(
        SESSION_ID,
        call_id,
        name,
        ToolCallStatus.COMPLETED,
        output | ({"details": details} if details else {}),
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


NAMES = {
    "Keep": "Nothing changes for those who use it now.",
    "Rename": "Shorter, and every caller must follow.",
    "Both": "",
}


def question(
    question_id: str = "q1",
    call_id: str = "t9",
    options: Mapping[str, str] | None = None,
    text: str = "Shall last_page keep its name?",
    **fields: Any,
) -> Event:
    choices: list[JsonValue] = [
        {"label": label, "description": words}
        for label, words in (NAMES if options is None else options).items()
    ]
    given = {"allows_text": True, "allows_several": False} | fields
    return QuestionAsked(SESSION_ID, question_id, call_id, text, choices, **given)


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


def worker(
    name: str, task: str, event: WorkerEvent, execution: JsonObject, error: str | None = None
) -> Event:
    """What is told of a nested loop; its name is its id too."""
    metadata: JsonObject = {"execution": execution, "error": error}
    return WorkerUpdate(
        SESSION_ID, name, name, task, SUB_AGENT_MODE, event.value, event.status, metadata
    )


def agents_at_work() -> list[Event]:
    """Three agents: one done, one at work, one that asks."""
    tasks = {
        "reader": "Read every test and say which are slow.",
        "mender": "Mend the division in paging.py.",
        "writer": "Write the changelog.",
    }
    calls = [
        tool(f"a-{name}", "run_agent", ToolKind.THINK, {"task": task, "name": name})
        for name, task in tasks.items()
    ]
    execution: dict[str, JsonObject] = {
        "reader": {"tool_calls": 3, "last_line": "None is slow.", "input_tokens": 12_400},
        "mender": {"tool_calls": 2, "current_call": "edit_file: edit src/paging.py"},
        "writer": {"tool_calls": 1, "questions": ["write CHANGELOG.md (4 lines)"]},
    }
    states = {
        "reader": WorkerEvent.COMPLETED,
        "mender": WorkerEvent.PROGRESSED,
        "writer": WorkerEvent.WAITING_FOR_INPUT,
    }
    return [
        *run_start(),
        call_start(),
        text("Three agents can do this at the same time."),
        call_end(),
        *calls,
        *(tool_runs(f"a-{name}", "run_agent") for name in tasks),
        *(worker(n, t, WorkerEvent.SPAWNED, {}) for n, t in tasks.items()),
        *(worker(n, t, states[n], execution[n]) for n, t in tasks.items()),
        tool_done("a-reader", "run_agent", "None is slow.", 8200, 8240),
        PermissionRequest(
            SESSION_ID,
            "p1",
            "a-writer",
            "write_file",
            "no rule names write_file and its kind edit is not read-only",
            "write CHANGELOG.md (4 lines)",
            "writer",
            {"path": "CHANGELOG.md", "content": "# Changes\n\n- The last page is counted.\n"},
        ),
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


def edited_file() -> list[Event]:
    """A file that was edited: its call with the diff."""
    details: JsonObject = {
        "path": "src/paging.py",
        "created": False,
        "diff": "--- src/paging.py\n+++ src/paging.py\n@@ -12 +12 @@\n-    return total // size\n"
        "+    return -(-total // size)\n",
        "added": 1,
        "removed": 1,
    }
    output: JsonObject = {"text": "Edited src/paging.py in 1 place (+1 -1).", "details": details}
    arguments: JsonObject = {
        "path": "src/paging.py",
        "old": "total // size",
        "new": "-(-total // size)",
    }
    return [
        tool("e1", "edit_file", ToolKind.EDIT, arguments),
        tool_runs("e1", "edit_file"),
        ToolCallUpdate(
            SESSION_ID,
            "e1",
            "edit_file",
            ToolCallStatus.COMPLETED,
            output,
            duration_ms=12,
            execution_duration_ms=11,
        ),
    ]
