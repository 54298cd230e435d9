"""Makes records of a session of any length, alike in kind to those of real work."""

from collections.abc import Iterator
from itertools import islice

from harn_tui.events.agent import (
    AgentMessageChunk,
    AgentThoughtChunk,
    ToolCall,
    ToolCallUpdate,
    TurnEnd,
    TurnStart,
)
from harn_tui.events.host import (
    LlmCallEnd,
    LlmCallStart,
    LoopStart,
    MessageRecorded,
    PermissionDecision,
    PermissionRequest,
    SessionStart,
    ToolOutput,
    UserMessage,
)
from harn_tui.events.record import Event, Record
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import (
    Decision,
    DecisionScope,
    HostMessageMode,
    OutputStream,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)

SESSION_ID = "0199c0de-7c1a-7000-8000-0000000000ff"

_START_MS = 1_700_000_000_000
_GAP_MS = 150
_PROSE = "The parser reads one line after the other and **keeps** what it could not read.\n"
_DIFF = "--- a/src/parser.py\n+++ b/src/parser.py\n@@ -1 +1 @@\n-old = 1\n+new = 2\n"


def long_session(length: int) -> list[Record]:
    """Return the first ``length`` records of a session that goes on without an end."""
    events = islice(_events(), length)
    return [
        Record(index, _START_MS + index * _GAP_MS, None, event)
        for index, event in enumerate(events)
    ]


def _events() -> Iterator[Event]:
    yield SessionStart(SESSION_ID, "/project", "a-model", "a-provider", "native")
    yield UserMessage(SESSION_ID, "Please mend the parser.", HostMessageMode.WAIT_FOR_COMPLETION)
    yield LoopStart(SESSION_ID, "loop")
    turn = 0
    while True:
        yield from _turn(turn)
        turn += 1


def _turn(turn: int) -> Iterator[Event]:
    call = turn + 1
    yield TurnStart(SESSION_ID, turn)
    yield LlmCallStart(SESSION_ID, call, turn, "a-model", 2 * turn + 1, 4_000)
    for _ in range(2):
        yield AgentThoughtChunk(SESSION_ID, "It must be the line end. ")
    for _ in range(3):
        yield AgentMessageChunk(SESSION_ID, _PROSE)
    usage: JsonObject = {"input_tokens": 4_000, "output_tokens": 120}
    yield LlmCallEnd(SESSION_ID, call, usage, 0.002, 900, 300, "tool_calls")
    yield MessageRecorded(SESSION_ID, {"role": "assistant", "content": _PROSE * 3})
    yield from _edit(f"edit-{turn}", turn)
    yield from _command(f"command-{turn}", fails=turn % 9 == 4)
    yield TurnEnd(SESSION_ID, turn, {"tool_count": 2})


def _edit(call_id: str, turn: int) -> Iterator[Event]:
    path = f"src/part_{turn % 40}.py"
    details: JsonObject = {"path": path, "diff": _DIFF, "added": 1, "removed": 1}
    output: JsonObject = {"text": f"Changed {path}.", "details": details}
    yield _announced(call_id, "edit_file", ToolKind.EDIT, {"path": path})
    if turn % 7 == 3:
        yield PermissionRequest(SESSION_ID, f"ask-{turn}", call_id, "edit_file", "It writes.", path)
        yield PermissionDecision(SESSION_ID, f"ask-{turn}", Decision.ALLOW, DecisionScope.ONCE)
    yield _update(call_id, "edit_file", ToolCallStatus.IN_PROGRESS)
    yield _update(call_id, "edit_file", ToolCallStatus.COMPLETED, output)
    yield _result(call_id, "edit_file", f"Changed {path}.")


def _command(call_id: str, *, fails: bool) -> Iterator[Event]:
    yield _announced(call_id, "run_command", ToolKind.EXECUTE, {"command": "make test"})
    yield _update(call_id, "run_command", ToolCallStatus.IN_PROGRESS)
    for _ in range(3):
        yield ToolOutput(SESSION_ID, call_id, "." * 79 + "\n", OutputStream.STDOUT)
    if fails:
        failed = ToolCallStatus.FAILED
        yield ToolCallUpdate(
            SESSION_ID, call_id, "run_command", failed,
            error="exit code 1", error_category=ToolErrorCategory.TOOL_ERROR,
        )  # fmt: skip
    else:
        output: JsonObject = {"text": "240 passed\n" * 5, "details": {}}
        yield _update(call_id, "run_command", ToolCallStatus.COMPLETED, output)
    yield _result(call_id, "run_command", "240 passed\n" * 5)


def _announced(call_id: str, name: str, kind: ToolKind, arguments: JsonObject) -> Event:
    return ToolCall(SESSION_ID, call_id, name, kind, ToolCallStatus.PENDING, arguments)


def _update(call_id: str, name: str, status: ToolCallStatus, raw_output: JsonValue = None) -> Event:
    return ToolCallUpdate(SESSION_ID, call_id, name, status, raw_output)


def _result(call_id: str, name: str, content: str) -> Event:
    message: JsonObject = {
        "role": "tool",
        "tool_call_id": call_id,
        "tool_name": name,
        "content": content,
    }
    return MessageRecorded(SESSION_ID, message)
