"""What the next run of a session starts from."""

from collections.abc import Sequence
from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUMMARY_KIND
from harn_tui.transcripts.call_pairs import calls_of, result_id, with_every_call_answered


@dataclass(frozen=True, slots=True)
class PromptState:
    """The messages to send, the summary first if there is one, and that summary (or ``None``).

    The messages are neutral (docs/messages.md) and valid: every call has its result.
    """

    messages: tuple[JsonObject, ...]
    summary: str | None


def prompt_state(messages: Sequence[JsonObject], summary: str | None) -> PromptState:
    """Return what ``messages``, some of them perhaps replaced by ``summary``, are sent as."""
    sendable = sendable_messages(messages)
    if summary is not None and not _says(summary, sendable):
        sendable.insert(0, {"role": "user", "content": summary, "kind": SUMMARY_KIND})
    return PromptState(tuple(sendable), summary)


def sendable_messages(messages: Sequence[JsonObject]) -> list[JsonObject]:
    """Return the messages with every call answered and every result in our own form."""
    names: dict[str, str] = {}
    sendable: list[JsonObject] = []
    for message in with_every_call_answered(messages):
        names.update(calls_of(message))
        is_foreign = message.get("role") == "tool_result"
        sendable.append(_tool_message(message, names) if is_foreign else message)
    return sendable


def _tool_message(result: JsonObject, names: dict[str, str]) -> JsonObject:
    call_id = result_id(result) or ""
    return {
        "role": "tool",
        "tool_call_id": call_id,
        "tool_name": names.get(call_id, ""),
        "content": result.get("content"),
    }


def _says(summary: str, messages: Sequence[JsonObject]) -> bool:
    """Whether the messages themselves say what the summary says.

    The reference joins the summaries of several compactions, and its first message is the last
    of them, which sums up the others.
    """
    if any(message.get("kind") == SUMMARY_KIND for message in messages):
        return True
    first = messages[0] if messages else {}
    content = first.get("content")
    if first.get("role") != "user" or not isinstance(content, str) or not content:
        return False
    return content == summary or summary.endswith(f"\n\n{content}")
