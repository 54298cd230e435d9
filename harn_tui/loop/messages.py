"""Builds neutral messages and keeps the history valid (docs/messages.md)."""

from collections.abc import Sequence

from harn_tui.events.host import MessageRecorded
from harn_tui.feedback.item import USER_KIND, AttachedImage, FeedbackItem
from harn_tui.feedback.wrapping import wrap_feedback
from harn_tui.json_types import JsonObject
from harn_tui.loop.compaction.estimate import message_bytes, text_bytes, tokens_of
from harn_tui.loop.state import LoopState
from harn_tui.providers.base import ToolCallRequest
from harn_tui.sinks.emit import emit

INTERRUPTED_RESULT = "The call was interrupted before it finished; nothing is known of its effect."


def user_message(content: str, *, feedback_id: str | None = None) -> JsonObject:
    """Return a user message; ``feedback_id`` ties it to the queued line it came from."""
    message: JsonObject = {"role": "user", "content": content}
    if feedback_id is not None:
        message["feedback_id"] = feedback_id
    return message


def feedback_message(item: FeedbackItem) -> JsonObject:
    """Return the user message that carries ``item`` in its wrapper."""
    message = user_message(wrap_feedback(item.kind, item.content), feedback_id=item.feedback_id)
    message["kind"] = item.kind
    return with_images(message, item.images)


def with_images(message: JsonObject, images: Sequence[AttachedImage]) -> JsonObject:
    """Return ``message`` with what is sent along, which the session keeps apart."""
    return {**message, "images": [image.as_json() for image in images]} if images else message


def runtime_message(kind: str, content: str) -> JsonObject:
    """Return a user message with the runtime's own feedback of ``kind``."""
    return {"role": "user", "content": wrap_feedback(kind, content), "kind": kind}


def person_message(content: str, feedback_id: str | None) -> JsonObject:
    """Return the message that starts a run with a person's own words, unwrapped."""
    message = user_message(content, feedback_id=feedback_id)
    message["kind"] = USER_KIND
    return message


def assistant_message(
    text: str,
    calls: Sequence[ToolCallRequest] = (),
    thinking_blocks: Sequence[JsonObject] = (),
) -> JsonObject | None:
    """Return the assistant's message, or ``None`` when there is nothing to keep.

    An empty turn is left out, because some providers refuse empty messages (loop 10.45).
    """
    if not text and not calls:
        return None
    message: JsonObject = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [_tool_call(call) for call in calls]
    if thinking_blocks:
        message["thinking_blocks"] = list(thinking_blocks)
    return message


def interrupted_message(text: str) -> JsonObject | None:
    """Return the message of a reply that was cut short, ``None`` when nothing had arrived."""
    message = assistant_message(text)
    if message is not None:
        message["interrupted"] = True
    return message


def _tool_call(call: ToolCallRequest) -> JsonObject:
    entry: JsonObject = {"id": call.id, "name": call.name, "arguments": call.arguments or {}}
    if call.arguments is None:
        entry["raw_arguments"] = call.raw_arguments
    return entry


def _request(entry: JsonObject) -> ToolCallRequest:
    """Return the call that ``entry`` of an assistant's message stands for."""
    arguments, raw = entry.get("arguments"), entry.get("raw_arguments")
    call_id, name = str(entry.get("id")), str(entry.get("name"))
    if isinstance(arguments, dict) and not isinstance(raw, str):
        return ToolCallRequest(call_id, name, arguments)
    return ToolCallRequest(call_id, name, None, raw if isinstance(raw, str) else "")


def tool_message(call: ToolCallRequest, text: str) -> JsonObject:
    """Return the message with the result of ``call``."""
    return {"role": "tool", "tool_call_id": call.id, "tool_name": call.name, "content": text}


def record_message(state: LoopState, message: JsonObject) -> None:
    """Append ``message`` to the history, keep it in the session and announce it."""
    state.session.record_message(message)
    adopt_message(state, message)


def adopt_message(state: LoopState, message: JsonObject) -> None:
    """Append a message that the session has already, and announce it, so that resume finds it."""
    state.messages.append(message)
    if state.recorded is not None:
        state.recorded.append(message)
    state.history_bytes += message_size(message)
    state.llm_log.message(state.total_iterations or None, message)
    emit(MessageRecorded(session_id=state.session_id, message=message))


def claimed_messages(state: LoopState) -> list[JsonObject]:
    """Return the messages of the open turn that wait for the provider to accept its request."""
    injected = state.open_turn.injected if state.open_turn else []
    return [message for _, message in injected if message is not None]


def unanswered_calls(messages: Sequence[JsonObject]) -> list[ToolCallRequest]:
    """Return the last assistant turn's calls that have no result yet."""
    answered: set[str] = set()
    for message in reversed(messages):
        role = message.get("role")
        if role == "tool":
            answered.add(str(message.get("tool_call_id")))
        elif role == "assistant":
            calls = message.get("tool_calls")
            if not isinstance(calls, list):
                return []
            requests = [_request(call) for call in calls if isinstance(call, dict)]
            return [request for request in requests if request.id not in answered]
    return []


def answer_interrupted_calls(state: LoopState) -> None:
    """Give every open call of the last turn a result, so that the next request is valid."""
    for call in unanswered_calls(state.messages):
        record_message(state, tool_message(call, INTERRUPTED_RESULT))


def used_call_ids(messages: Sequence[JsonObject]) -> set[str]:
    """Return the ids of all tool calls in ``messages``."""
    found: set[str] = set()
    for message in messages:
        calls = message.get("tool_calls")
        if isinstance(calls, list):
            found.update(str(call.get("id")) for call in calls if isinstance(call, dict))
    return found


def message_size(message: JsonObject) -> int:
    """Return the bytes of ``message`` that reach a model, as a base for token estimates."""
    return message_bytes(message)


def estimate_tokens(state: LoopState, system: str | None, extra: Sequence[JsonObject]) -> int:
    """Return a rough token count of the next request: a quarter of its bytes.

    The history's own size is kept as it grows, so that this costs the same on every turn.
    """
    size = state.history_bytes + sum(map(message_size, extra))
    return tokens_of(size + text_bytes(system or ""))
