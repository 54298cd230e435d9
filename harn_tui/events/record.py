"""The record envelope and the closed union of events it carries."""

from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

from harn_tui.events import agent, host
from harn_tui.json_types import JsonObject


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event of a type that this program does not know, kept as it was read.

    ``payload`` has every key of the line but the envelope's, in the order of the line.
    """

    type: str
    session_id: str
    payload: JsonObject


UNREADABLE_TYPE = "unreadable"
"""Type of the ``UnknownEvent`` that stands for a line of a log which is no record."""

AgentEvent: TypeAlias = (
    agent.AgentMessageChunk
    | agent.AgentThoughtChunk
    | agent.ToolCall
    | agent.ToolCallUpdate
    | agent.Plan
    | agent.TurnStart
    | agent.TurnEnd
    | agent.FeedbackInjected
    | agent.BudgetExhausted
    | agent.LoopStuck
    | agent.DaemonWatchdogTripped
    | agent.SkillActivated
    | agent.SkillDeactivated
    | agent.SkillScopeTools
    | agent.ToolSearchQuery
    | agent.ToolSearchResult
    | agent.TranscriptCompacted
    | agent.Handoff
    | agent.FsWatch
    | agent.WorkerUpdate
)
HostEvent: TypeAlias = (
    host.SessionStart
    | host.ModelSwitch
    | host.UserMessage
    | host.LoopStart
    | host.LoopEnd
    | host.LlmCallStart
    | host.LlmCallAccepted
    | host.LlmCallEnd
    | host.LlmRetry
    | host.ToolOutput
    | host.FeedbackStateChanged
    | host.PermissionRequest
    | host.PermissionDecision
    | host.QuestionAsked
    | host.QuestionAnswered
    | host.Notice
    | host.FilesSnapshot
    | host.FilesRestored
    | host.MessageRecorded
)
Event: TypeAlias = AgentEvent | HostEvent | UnknownEvent

EVENT_CLASSES: dict[str, type[Any]] = {
    cls.type: cls for cls in (*get_args(AgentEvent), *get_args(HostEvent))
}
"""Every known event class by its wire tag."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a log.

    ``index`` counts from 0 without gaps across rotated files; ``emitted_at_ms`` is Unix-epoch
    milliseconds; ``frame_depth`` is reserved and ``None`` in everything that we write.
    """

    index: int
    emitted_at_ms: int
    frame_depth: int | None
    event: Event
