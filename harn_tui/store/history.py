"""From the records of a log to the messages that a resumed session sends (docs/messages.md).

Only ``message_recorded`` counts, so resume and replay cannot disagree. The result is valid for
every provider: each tool call of an assistant message is followed at once by exactly one result,
but for calls at the end that are to be taken up (``with_open``).
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from harn_tui.errors import StoreError
from harn_tui.events.agent import TranscriptCompacted
from harn_tui.events.host import (
    SCHEMA_VERSION,
    FeedbackStateChanged,
    MessageRecorded,
    SessionStart,
)
from harn_tui.events.record import Event, Record
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUMMARY_KIND, FeedbackState
from harn_tui.providers.sealed_reasoning import has_sealed_reasoning, without_sealed_reasoning
from harn_tui.store.kept_model import model_named_by

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

    def open_at_end(self) -> tuple[str, ...]:
        """Return the ids of the last reply's calls whose results are made up.

        Empty when anything but results came after that reply.
        """
        ids: list[str] = []
        for message in reversed(self.messages):
            if message["role"] == "assistant":
                return tuple(reversed(ids))
            if message["role"] != "tool":
                break
            if message["content"] == INTERRUPTED_RESULT:
                ids.append(str(message["tool_call_id"]))
        return ()

    def with_open(self, call_ids: Container[str]) -> list[JsonObject]:
        """Return the messages without the results of ``call_ids``, which are ``open_at_end``."""
        first = len(self.messages) - 1
        while first >= 0 and self.messages[first]["role"] == "tool":
            first -= 1
        results = [m for m in self.messages[first + 1 :] if m["tool_call_id"] not in call_ids]
        return [*self.messages[: first + 1], *results]


class MessageFold:
    """Folds events into the model-facing history, one at a time, as the loop itself keeps it.

    What a log is resumed with and what an open session goes on with are both this fold.
    """

    def __init__(
        self, messages: Iterable[JsonObject] = (), model: tuple[str, str] | None = None
    ) -> None:
        """``model`` is the provider and the model that wrote the newest of ``messages``."""
        self._model = model
        self.messages: list[JsonObject] = list(messages)
        """The history so far, oldest first; calls that are open have no results yet."""
        self._compacted: TranscriptCompacted | None = None
        self._interrupted: tuple[str, ...] = ()

    def take(self, event: Event) -> None:
        """Fold one event; few of them change the history.

        The message of kind ``compaction_summary`` that follows ``transcript_compacted`` stands,
        after the first ``keep_first`` messages, in the place of the archived ones. Without such
        a message, as when a process died before it was written, nothing was archived.
        Sealed reasoning ends where another model goes on: only the one before could read it.
        """
        model = model_named_by(event)
        if model is not None:
            self._go_over_to(model)
        if isinstance(event, TranscriptCompacted):
            self._compacted = event
        elif isinstance(event, MessageRecorded) and isinstance(event.message.get("role"), str):
            compacted, self._compacted = self._compacted, None
            if compacted is not None and event.message.get("kind") == SUMMARY_KIND:
                self._archive(compacted, event.message)
            else:
                self.messages.append(event.message)

    def resumed(self) -> ResumedHistory:
        """Return the history with every call answered."""
        history = _with_every_call_answered(self.messages)
        interrupted = (*self._interrupted, *history.interrupted_call_ids)
        return ResumedHistory(history.messages, interrupted)

    def _go_over_to(self, model: tuple[str, str]) -> None:
        before, self._model = self._model, model
        if before not in {None, model} and has_sealed_reasoning(self.messages):
            self.messages = without_sealed_reasoning(self.messages)

    def _archive(self, compacted: TranscriptCompacted, summary: JsonObject) -> None:
        # The loop counted what it had resumed with, results that were made up included.
        counted = self.resumed()
        first = max(0, compacted.keep_first or 0)
        end = first + max(0, compacted.archived_messages)
        self.messages = [*counted.messages[:first], summary, *counted.messages[end:]]
        made_up = {str(m.get("tool_call_id")) for m in self.messages if m["role"] == "tool"}
        self._interrupted = tuple(i for i in counted.interrupted_call_ids if i in made_up)


def fold_history(records: Iterable[Record]) -> ResumedHistory:
    """Return the model-facing history that the records leave.

    Results that belong to no call are left out, as is what is no message.
    """
    fold = MessageFold()
    for record in records:
        fold.take(record.event)
    return fold.resumed()


def check_version(session_id: str, records: Iterable[Record]) -> None:
    """Raise StoreError when a newer program wrote the session: going on could spoil it."""
    for record in records:
        event = record.event
        if isinstance(event, SessionStart) and event.schema_version > SCHEMA_VERSION:
            raise StoreError(
                f"The session {session_id} was written by a newer program (schema"
                f" {event.schema_version}; this one knows {SCHEMA_VERSION}), and is not continued.",
                hint=f"`harn-tui replay {session_id}` shows it; its files stay as they are.",
            )


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
