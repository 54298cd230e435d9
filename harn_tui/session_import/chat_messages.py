"""Takes the messages of a conversation that is stored as a list, in the chat form.

``tool_calls`` are calls; a ``command`` that a reply holds as text is one, too, and what the user
says next is then its result.
"""

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.source_values import (
    arguments_of,
    blocks_text,
    list_of,
    object_of,
    objects_of,
    text_of,
)

COMMAND_TOOL = "bash"


class ChatMessages:
    """Gives the messages of one conversation to ``draft``, in order."""

    def __init__(self, draft: SessionDraft) -> None:
        self._draft = draft
        self._has_request = False

    def take_assistant(self, message: JsonObject, *, command: str | None = None) -> None:
        """A reply; ``command`` is what it wants to have run where it names no tools."""
        draft = self._draft
        draft.close_reply()
        draft.think(text_of(message.get("reasoning")) or text_of(message.get("thought_process")))
        draft.say(blocks_text(message.get("content")))
        calls = objects_of(message.get("tool_calls"))
        for call in calls:
            function = object_of(call.get("function")) or call
            given = function.get("arguments", function.get("args"))
            name = text_of(function.get("name"))
            draft.call(text_of(call.get("id")), name, arguments_of(given))
        if not calls and command:
            draft.call("", COMMAND_TOOL, {"command": command})

    def take_user(self, content: JsonValue, *, failed: bool = False) -> None:
        """What a command gave, where one waits; else the request, or more of its context."""
        reply = self._draft.reply
        waiting = reply.find(None) if reply is not None else None
        if waiting is not None and waiting.name == COMMAND_TOOL:
            self._draft.result(waiting.call_id, content, failed=failed)
        elif self._has_request:
            self._draft.context("observation", blocks_text(content))
        else:
            self._has_request = True
            self._draft.request(content)

    def take_result(self, message: JsonObject, *, duration_ms: int | None = None) -> None:
        """A message of the role ``tool``."""
        ids = [i for i in list_of(message.get("tool_call_ids")) if isinstance(i, str)]
        call_id = next(iter(ids), None) or text_of(message.get("tool_call_id"))
        call_id = call_id or text_of(message.get("tool_use_id"))
        content = message.get("content")
        failed = blocks_text(content).startswith(("Error:", "ERROR:"))
        if not self._draft.result(call_id or None, content, failed=failed, duration_ms=duration_ms):
            self._draft.generic("result_without_call", message)
