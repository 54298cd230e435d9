"""Makes the messages of a history from events that tell the same, for logs that record none."""

from harn_tui.events.agent import (
    AgentMessageChunk,
    FeedbackInjected,
    ToolCall,
    ToolCallUpdate,
    TurnEnd,
    TurnStart,
)
from harn_tui.events.host import LlmRetry, LoopEnd, LoopStart, MessageRecorded, UserMessage
from harn_tui.events.record import Event
from harn_tui.feedback.wrapping import wrap_feedback
from harn_tui.json_types import JsonObject
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.reply import NO_RESULT
from harn_tui.session_import.source_values import arguments_of, object_of, text_of

_PREFILL_KIND = "prefill_assistant"
_NEXT_TURN = (TurnStart, TurnEnd, LoopStart, LoopEnd, FeedbackInjected, UserMessage)


class HistoryFromEvents:
    """Follows the events of one log; writes ``message_recorded`` where a message is complete."""

    def __init__(self, draft: SessionDraft) -> None:
        self._draft = draft
        self._text: list[str] = []
        self._calls: dict[str, JsonObject] = {}
        self._results: dict[str, str] = {}

    def before(self, event: Event) -> None:
        """Call before ``event`` is written: what it ends enters the history."""
        if isinstance(event, _NEXT_TURN):
            self.flush()

    def after(self, event: Event) -> None:
        """Call after ``event`` is written."""
        match event:
            case UserMessage():
                self._record({"role": "user", "content": event.content, "kind": "user"})
            case FeedbackInjected() if event.kind != _PREFILL_KIND:
                wrapped = wrap_feedback(event.kind, event.content)
                self._record({"role": "user", "content": wrapped, "kind": event.kind})
            case AgentMessageChunk():
                self._text.append(event.content)
            case LlmRetry():
                self._text.clear()
                self._calls.clear()
            case ToolCall() if not event.parsing:
                call_id = event.tool_call_id.removeprefix("tool-")
                self._calls[call_id] = {
                    "id": call_id,
                    "name": event.tool_name,
                    "arguments": arguments_of(event.raw_input),
                }
            case ToolCallUpdate() if event.status.is_terminal:
                call_id = event.tool_call_id.removeprefix("tool-")
                output = text_of(object_of(event.raw_output).get("text"))
                self._results[call_id] = output or event.error or ""

    def flush(self) -> None:
        """Write the reply that is open, and the results of its calls."""
        text, calls, results = "".join(self._text), self._calls, self._results
        self._text, self._calls, self._results = [], {}, {}
        if not text.strip() and not calls:
            return
        message: JsonObject = {"role": "assistant", "content": text}
        if calls:
            message["tool_calls"] = [*calls.values()]
        self._record(message)
        for call_id, call in calls.items():
            result: JsonObject = {
                "role": "tool",
                "tool_call_id": call_id,
                "tool_name": call["name"],
                "content": results.get(call_id, NO_RESULT),
            }
            self._record(result)

    def _record(self, message: JsonObject) -> None:
        self._draft.event(MessageRecorded(self._draft.session_id, message))
