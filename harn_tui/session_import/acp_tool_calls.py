"""Tool calls of the Agent Client Protocol: an announcement, and updates that replace fields."""

import contextlib
import json

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolKind
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.source_values import (
    arguments_of,
    blocks_text,
    object_of,
    objects_of,
    text_of,
)
from harn_tui.tools.line_diff import diff_lines

_OUTPUT_KEYS = ("formatted_output", "aggregated_output", "output", "stdout", "text")


class AcpToolCalls:
    """Gives the calls to ``draft``. Holds the live output of those that run, by their id."""

    def __init__(self, draft: SessionDraft) -> None:
        self._draft = draft
        self._printed: dict[str, str] = {}

    def take(self, update: JsonObject) -> None:
        """Take an announcement or an update; an update of an unknown call announces it."""
        call_id = text_of(update.get("toolCallId"))
        title = text_of(update.get("title"))
        self._announce(call_id, title, update)
        status, text = text_of(update.get("status")), _content_text(update)
        if status in {"completed", "failed"}:
            self._end(call_id, text or _raw_text(update.get("rawOutput")), update)
        elif text:
            self._print(call_id, text)

    def _announce(self, call_id: str, title: str, update: JsonObject) -> None:
        kind: ToolKind | None = None
        with contextlib.suppress(ValueError):
            kind = ToolKind(text_of(update.get("kind")))
        # A title is a sentence for people as often as it is the tool's name.
        name = title if title and " " not in title else (kind.value if kind else "tool")
        self._draft.call(call_id, name, arguments_of(update.get("rawInput")), kind=kind)

    def _print(self, call_id: str, text: str) -> None:
        """Content replaces what was there; where it only grew, the rest is output."""
        reply, before = self._draft.reply, self._printed.get(call_id, "")
        call = reply.find(call_id) if reply is not None else None
        self._printed[call_id] = text
        if reply is not None and call is not None and text != before:
            reply.output(call, text[len(before) :] if text.startswith(before) else f"\n{text}")

    def _end(self, call_id: str, text: str, update: JsonObject) -> None:
        self._printed.pop(call_id, None)
        failed = update.get("status") == "failed"
        if not self._draft.result(call_id, text, failed=failed, details=_diff_details(update)):
            self._draft.generic("result_without_call", update)


def _content_text(update: JsonObject) -> str:
    blocks = objects_of(update.get("content"))
    texts = [blocks_text(b.get("content")) for b in blocks if b.get("type") == "content"]
    return "\n".join(texts)


def _diff_details(update: JsonObject) -> JsonObject:
    """Return the changes of files that the content shows, in the form of docs/tools.md."""
    files: list[JsonValue] = []
    for block in objects_of(update.get("content")):
        if block.get("type") == "diff" and text_of(block.get("path")):
            path, old = text_of(block.get("path")), block.get("oldText")
            diff = diff_lines(
                text_of(old), text_of(block.get("newText")), path, created=old is None
            )
            files.append(
                {
                    "path": path,
                    "diff": diff.text,
                    "added": diff.added,
                    "removed": diff.removed,
                    "created": old is None,
                }
            )
    if len(files) == 1:
        return object_of(files[0])
    return {"files": files} if files else {}


def _raw_text(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    members = object_of(value)
    for key in _OUTPUT_KEYS:
        if isinstance(members.get(key), str):
            return text_of(members.get(key))
    return "" if value is None else json.dumps(value, ensure_ascii=False)
