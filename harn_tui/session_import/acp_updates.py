"""Reads streams of the Agent Client Protocol: requests, answers and ``session/update``.

Both directions may stand in one file, and each counts its ids from 0: an answer is known by its
shape. A file with notifications alone is read as well.
"""

from collections.abc import Iterable

from harn_tui.events.host import PermissionDecision, PermissionRequest
from harn_tui.ids import tool_call_event_id
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import Decision, DecisionScope, LoopStatus
from harn_tui.session_import.acp_tool_calls import AcpToolCalls
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.plan_entries import plan_from_entries
from harn_tui.session_import.source_file import BadLine, SourceLine
from harn_tui.session_import.source_values import (
    blocks_text,
    count_of,
    list_of,
    object_of,
    objects_of,
    text_of,
    time_ms_of,
)

_STOP_STATUSES = {
    "cancelled": LoopStatus.CANCELLED,
    "refusal": LoopStatus.FAILED,
    "max_tokens": LoopStatus.FAILED,
    "max_turn_requests": LoopStatus.BUDGET_EXHAUSTED,
}


def read_acp_updates(lines: Iterable[SourceLine | BadLine], draft: SessionDraft) -> None:
    """Build the session that the messages tell of."""
    reader = _Reader(draft)
    for line in lines:
        if isinstance(line, BadLine):
            draft.bad_line(line)
        else:
            reader.take(line.members)
    reader.flush()
    draft.finish()


class _Reader:
    """Takes the messages of one stream; holds the person's words until they are complete."""

    def __init__(self, draft: SessionDraft) -> None:
        self._draft = draft
        self._said: list[str] = []
        self._calls = AcpToolCalls(draft)
        self._asked: list[tuple[str, list[JsonObject]]] = []  # request id, options; oldest first
        self._questions = 0

    def take(self, message: JsonObject) -> None:
        """Take one message of either side."""
        method, params = text_of(message.get("method")), object_of(message.get("params"))
        result = object_of(message.get("result"))
        self._draft.log.set_time(time_ms_of(message.get("timestamp")))
        if method == "session/update" or "update" in message:
            self._take_update(object_of((params or message).get("update")))
            return
        self.flush()
        if method == "session/prompt":
            self._draft.request([_block(block) for block in list_of(params.get("prompt"))])
        elif method == "session/request_permission":
            self._take_question(params)
        elif "outcome" in result and self._asked:
            self._take_answer(object_of(result.get("outcome")))
        elif "stopReason" in result:
            self._take_stop(result)
        else:
            self._take_facts(params, result)
            self._draft.generic(method or "response", message)

    def flush(self) -> None:
        """Give on what the person said, as a request."""
        if self._said:
            text, self._said = "".join(self._said), []
            self._draft.request(text)

    def _take_update(self, update: JsonObject) -> None:
        draft, kind = self._draft, text_of(update.get("sessionUpdate"))
        if kind == "user_message_chunk":
            self._said.append(blocks_text(update.get("content")))
            return
        self.flush()
        match kind:
            case "agent_message_chunk":
                draft.say(blocks_text(update.get("content")))
            case "agent_thought_chunk":
                draft.think(blocks_text(update.get("content")))
            case "tool_call" | "tool_call_update":
                self._calls.take(update)
            case "plan":
                draft.plan(plan_from_entries(objects_of(update.get("entries")), "plan"))
            case _:
                if kind == "session_info_update":
                    draft.title = text_of(update.get("title")) or draft.title
                draft.generic(kind, update)

    def _take_facts(self, params: JsonObject, result: JsonObject) -> None:
        draft = self._draft
        draft.cwd = draft.cwd or text_of(params.get("cwd"))
        draft.provider = text_of(object_of(result.get("agentInfo")).get("name")) or draft.provider
        for option in objects_of(result.get("configOptions")):
            if option.get("id") == "model":
                draft.model = text_of(option.get("currentValue")) or draft.model

    def _take_question(self, params: JsonObject) -> None:
        call = object_of(params.get("toolCall"))
        self._questions += 1
        request_id = f"permission_imported_{self._questions}"
        self._asked.append((request_id, objects_of(params.get("options"))))
        call_id, title = text_of(call.get("toolCallId")), text_of(call.get("title"))
        name = text_of(call.get("kind")) or "tool"
        event_id = tool_call_event_id(call_id)
        session_id, reason = self._draft.session_id, "the agent asked"
        self._draft.event(PermissionRequest(session_id, request_id, event_id, name, reason, title))

    def _take_answer(self, outcome: JsonObject) -> None:
        request_id, options = self._asked.pop(0)
        chosen = [o for o in options if o.get("optionId") == outcome.get("optionId")]
        kind = text_of(chosen[0].get("kind")) if chosen else ""
        decision = Decision.ALLOW if kind.startswith("allow") else Decision.DENY
        scope = DecisionScope.SESSION if kind.endswith("always") else DecisionScope.ONCE
        self._draft.event(PermissionDecision(self._draft.session_id, request_id, decision, scope))

    def _take_stop(self, result: JsonObject) -> None:
        usage, reason = object_of(result.get("usage")), text_of(result.get("stopReason"))
        if usage:
            self._draft.usage(
                sent=count_of(usage.get("inputTokens")),
                received=count_of(usage.get("outputTokens")),
            )
        self._draft.end_run(_STOP_STATUSES.get(reason, LoopStatus.DONE), reason)


def _block(block: JsonValue) -> JsonValue:
    """Return a block of a prompt; an image in the form of docs/messages.md."""
    if isinstance(block, dict) and block.get("type") == "image" and "mimeType" in block:
        data, media_type = block.get("data"), block.get("mimeType")
        return {"type": "image", "media_type": media_type, "data": data}
    return block
