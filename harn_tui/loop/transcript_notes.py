"""What a run writes into its transcript beside the messages (docs/session_store.md)."""

from harn_tui.events.agent import TranscriptCompacted
from harn_tui.feedback.host_messages import HostMessage
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import HostMessageMode
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.daemon.wake import Wake
from harn_tui.loop.reply import NativeFallback
from harn_tui.loop.state import LoopState, ToolCallOutcome
from harn_tui.providers.base import Completion, ToolCallRequest, Usage
from harn_tui.transcripts.transcript_event import (
    TranscriptEventKind,
    Visibility,
    transcript_event,
)

_DELIVERY = {
    HostMessageMode.INTERRUPT_IMMEDIATE: "InterruptImmediate",
    HostMessageMode.FINISH_STEP: "FinishStep",
    HostMessageMode.WAIT_FOR_COMPLETION: "WaitForCompletion",
}


def note_host_input(state: LoopState, message: HostMessage) -> None:
    """Note that a host's message entered the history, and how it asked to be delivered."""
    _note(
        state,
        TranscriptEventKind.HOST_INPUT,
        {"delivery": _DELIVERY[message.mode]},
        role="user",
        text=message.content,
    )


def note_completion(config: LoopConfig, state: LoopState, completion: Completion) -> None:
    """Note what the server sent: figures for everybody, reasoning for the record alone."""
    usage = completion.usage or Usage()
    calls: list[JsonValue] = [
        {"id": call.id, "name": call.name, "arguments": call.arguments}
        for call in completion.tool_calls
    ]
    metadata: JsonObject = {
        "model": completion.model or config.model,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "tool_calls": calls,
        "tool_calling_mode": config.options.tool_format,
    }
    kind = TranscriptEventKind.PROVIDER_PAYLOAD
    _note(state, kind, metadata, role="assistant", text=completion.text)
    if completion.thinking:
        event = transcript_event(
            TranscriptEventKind.PRIVATE_REASONING,
            role="assistant",
            visibility=Visibility.PRIVATE,
            text=completion.thinking,
        )
        state.session.record_event(event)


def note_native_fallback(config: LoopConfig, state: LoopState, fallback: NativeFallback) -> None:
    """Note that a native reply wrote its calls as text, and what became of them."""
    metadata: JsonObject = {
        "accepted": fallback.is_accepted,
        "policy": config.options.native_tool_fallback,
        "fallback_index": fallback.index,
        "tool_call_count": fallback.call_count,
        "tool_parse_error_count": fallback.error_count,
    }
    _note(state, TranscriptEventKind.NATIVE_TOOL_FALLBACK, metadata)


def note_tool_intent(state: LoopState, call: ToolCallRequest, arguments: JsonObject) -> None:
    """Note that a call has passed its gates and is about to run."""
    metadata: JsonObject = {"arguments": arguments, "tool_use_id": call.id}
    _note(state, TranscriptEventKind.TOOL_INTENT, metadata, role="assistant", text=call.name)


def note_tool_execution(state: LoopState, call: ToolCallRequest, outcome: ToolCallOutcome) -> None:
    """Note how a call ended, one that never ran included."""
    metadata: JsonObject = {
        "tool_name": call.name,
        "tool_use_id": call.id,
        "rejected": outcome.is_rejected,
        "arguments": call.arguments,
    }
    if outcome.category is not None:
        metadata["error_category"] = outcome.category.value
    _note(state, TranscriptEventKind.TOOL_EXECUTION, metadata, role="tool", text=outcome.text)


def note_plan(state: LoopState, call: ToolCallRequest, plan: JsonValue, text: str) -> None:
    """Note the plan that a plan tool has drawn up, for people."""
    event = transcript_event(
        TranscriptEventKind.PLAN,
        role="assistant",
        visibility=Visibility.PUBLIC,
        text=text,
        metadata={"plan": plan, "tool_name": call.name, "tool_use_id": call.id},
    )
    state.session.record_event(event)


def note_wake(state: LoopState, wake: Wake) -> None:
    """Note what woke a daemon."""
    metadata: JsonObject = {
        "reason": wake.reason.value,
        "watch_paths": list(wake.watch_paths),
        "resumed": wake.is_resumed,
    }
    _note(state, TranscriptEventKind.DAEMON_WAKE, metadata)


def note_compaction(state: LoopState, event: TranscriptCompacted) -> None:
    """Note that older messages were replaced by a summary."""
    metadata: JsonObject = {
        "mode": event.mode,
        "strategy": event.strategy,
        "archived_messages": event.archived_messages,
        "estimated_tokens_before": event.estimated_tokens_before,
        "estimated_tokens_after": event.estimated_tokens_after,
    }
    _note(state, TranscriptEventKind.COMPACTION, metadata)


def note_skill(state: LoopState, kind: TranscriptEventKind, metadata: JsonObject) -> None:
    """Note what happened to a skill."""
    _note(state, kind, metadata)


def note_tool_search(state: LoopState, kind: TranscriptEventKind, metadata: JsonObject) -> None:
    """Note a search for tools, or what it found."""
    _note(state, kind, metadata)


def _note(
    state: LoopState,
    kind: TranscriptEventKind,
    metadata: JsonObject,
    *,
    role: str = "system",
    text: str = "",
) -> None:
    state.session.record_event(transcript_event(kind, role=role, text=text, metadata=metadata))
