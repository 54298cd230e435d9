"""From the records of a log to the messages that a resumed session sends (docs/messages.md).

Only ``message_recorded`` counts, so resume and replay cannot disagree. The result is valid for
every provider: each tool call of an assistant message is followed at once by exactly one result.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from harn_tui.events.agent import TranscriptCompacted
from harn_tui.events.host import FeedbackStateChanged, MessageRecorded
from harn_tui.events.record import Record
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUMMARY_KIND, FeedbackState

INTERRUPTED_RESULT = (
    "interrupted: the session ended before this call returned. "
    "It may have taken effect, wholly or in part."
)
"""Content of the result that is made up for a call without one."""


@dataclass(frozen=True, slots=True)
class ResumedHistory:
    """The messages in order, and the ids of the calls whose results are made up."""

    messages: list[JsonObject]
    interrupted_call_ids: tuple[str, ...]


def fold_history(records: Iterable[Record]) -> ResumedHistory:
    """Return the model-facing history that the records leave.

    After ``transcript_compacted`` a message of kind ``compaction_summary`` takes the place of
    the archived ones. Results that belong to no call are left out, as is what is no message.
    """
    recorded: list[JsonObject] = []
    archived = 0
    for record in records:
        event = record.event
        if isinstance(event, TranscriptCompacted):
            archived = event.archived_messages
        elif isinstance(event, MessageRecorded) and isinstance(event.message.get("role"), str):
            if event.message.get("kind") == SUMMARY_KIND:
                recorded = [event.message, *recorded[archived:]]
            else:
                recorded.append(event.message)
    return _with_every_call_answered(recorded)


def delivered_feedback_ids(records: Iterable[Record]) -> frozenset[str]:
    """Return the ids of the feedback that entered the history: never to be sent again."""
    found: set[str] = set()
    for record in records:
        event = record.event
        if isinstance(event, FeedbackStateChanged) and event.state is FeedbackState.DELIVERED:
            found.add(event.feedback_id)
        elif isinstance(event, MessageRecorded):
            feedback_id = event.message.get("feedback_id")
            if isinstance(feedback_id, str):
                found.add(feedback_id)
    return frozenset(found)


def _with_every_call_answered(recorded: list[JsonObject]) -> ResumedHistory:
    messages: list[JsonObject] = []
    interrupted: list[str] = []
    for assistant, following in _split_at_assistants(recorded):
        results = {str(m.get("tool_call_id")): m for m in following if m["role"] == "tool"}
        if assistant is not None:
            messages.append(assistant)
            for call_id, name in _calls(assistant):
                if call_id not in results:
                    interrupted.append(call_id)
                messages.append(results.get(call_id) or _interrupted_result(call_id, name))
        messages += [message for message in following if message["role"] != "tool"]
    return ResumedHistory(messages, tuple(interrupted))


def _split_at_assistants(
    recorded: list[JsonObject],
) -> list[tuple[JsonObject | None, list[JsonObject]]]:
    """Return each assistant message with what follows it; first what precedes them all.

    Ids need not be unique across a session, so a result belongs to the last assistant message
    before it.
    """
    parts: list[tuple[JsonObject | None, list[JsonObject]]] = [(None, [])]
    for message in recorded:
        if message["role"] == "assistant":
            parts.append((message, []))
        else:
            parts[-1][1].append(message)
    return parts


def _calls(assistant: JsonObject) -> list[tuple[str, str]]:
    """Return (id, name) of the message's tool calls, each id once."""
    calls = assistant.get("tool_calls")
    if not isinstance(calls, list):
        return []
    named = {
        str(c["id"]): str(c.get("name", "")) for c in calls if isinstance(c, dict) and "id" in c
    }
    return list(named.items())


def _interrupted_result(call_id: str, name: str) -> JsonObject:
    return {
        "role": "tool",
        "tool_call_id": call_id,
        "tool_name": name,
        "content": INTERRUPTED_RESULT,
    }
