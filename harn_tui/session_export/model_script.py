"""The model's side of a session as a script that the ``scripted`` provider plays.

One entry a model call, in order, and one for each attempt that failed and was sent again. What a
reply came to is taken from the message that entered the history, what was cut short from the
text that had arrived.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.events.agent import AgentMessageChunk, AgentThoughtChunk
from harn_tui.events.host import LlmCallEnd, LlmCallStart, LlmRetry, LoopEnd, MessageRecorded
from harn_tui.events.record import Event, Record
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import CompletionRequest
from harn_tui.providers.script_entry import read_script
from harn_tui.providers.scripted import ScriptedProvider

_USAGE = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_FAILED = "error"


@dataclass(slots=True)
class _Call:
    """One model call while its events are read."""

    model: str
    text: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    end: LlmCallEnd | None = None
    message: JsonObject | None = None
    failure: str | None = None


def model_script(records: Iterable[Record]) -> list[JsonObject]:
    """Return the entries of the script, in the form of docs/scripted_provider.md."""
    entries: list[JsonObject] = []
    call: _Call | None = None
    for record in records:
        event = record.event
        if isinstance(event, LlmCallStart):
            entries += _entry(call)
            call = _Call(event.model)
        elif isinstance(event, LlmRetry) and call is not None:
            error: JsonObject = {"category": event.category.value, "message": event.message}
            entries.append({"error": error})
            call = _Call(call.model)
        elif call is not None:
            _take(call, event)
    return entries + _entry(call)


def recorded_replies(records: Iterable[Record]) -> list[JsonObject]:
    """Return what each call said and called, as the history has it; failed calls are left out."""
    return [_told(entry) for entry in model_script(records) if "error" not in entry]


async def played_replies(script: Path) -> list[JsonObject]:
    """Play the script to its end and return what each reply says and calls.

    Raises ConfigError when it is no script, ProviderError as it plays an error.
    """
    entries = read_script(script)
    provider = ScriptedProvider(entries)
    request = CompletionRequest("script", ({"role": "user", "content": ""},))
    replies: list[JsonObject] = []
    for _ in entries:
        reply = await provider.complete(request, lambda _delta: None)
        calls: list[JsonValue] = [
            {"id": call.id, "name": call.name, "arguments": call.arguments}
            for call in reply.tool_calls
        ]
        replies.append({"text": reply.text, "tool_calls": calls})
    return replies


def _take(call: _Call, event: Event) -> None:
    match event:
        case AgentMessageChunk() if call.end is None:
            call.text.append(event.content)
        case AgentThoughtChunk() if call.end is None:
            call.thinking.append(event.content)
        case LlmCallEnd():
            call.end = event
        case MessageRecorded() if event.message.get("role") == "assistant":
            call.message = call.message or event.message
        case LoopEnd() if call.end is not None and call.end.stop_reason == _FAILED:
            call.failure = event.reason


def _entry(call: _Call | None) -> list[JsonObject]:
    if call is None or call.end is None:
        return []
    if call.end.stop_reason == _FAILED and call.message is None:
        error: JsonObject = {"category": "generic", "message": call.failure or "the call failed"}
        return [{"error": error}]
    message = call.message or {}
    text = message.get("content", "".join(call.text))
    blocks: list[JsonValue] = []
    if isinstance(text, str) and text:
        blocks.append({"type": "output_text", "text": text})
    calls = message.get("tool_calls")
    for item in calls if isinstance(calls, list) else []:
        if isinstance(item, dict):
            given = item.get("raw_arguments", item.get("arguments"))
            told: JsonObject = {"type": "tool_call", "id": item.get("id"), "name": item.get("name")}
            blocks.append(told | {"arguments": given})
    entry: JsonObject = {"blocks": blocks} if blocks else {"text": ""}
    if call.thinking:
        entry["thinking"] = "".join(call.thinking)
    usage = {name: call.end.usage[name] for name in _USAGE if name in call.end.usage}
    entry |= usage or {"no_usage": True}
    if call.end.stop_reason:
        entry["stop_reason"] = call.end.stop_reason
    if call.model:
        entry["model"] = call.model
    return [entry]


def _told(entry: JsonObject) -> JsonObject:
    blocks = entry.get("blocks")
    text = ""
    calls: list[JsonValue] = []
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict) and block.get("type") == "tool_call":
            calls.append({k: block.get(k) for k in ("id", "name", "arguments")})
        elif isinstance(block, dict):
            text += str(block.get("text", ""))
    return {"text": text, "tool_calls": calls}
