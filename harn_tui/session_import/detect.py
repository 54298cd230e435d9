"""Tells whose file it is, by what is in it. Names of files say nothing."""

from collections.abc import Iterable

from harn_tui.errors import SessionImportError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.session_import.source_file import SourceFile, SourceLine
from harn_tui.session_import.source_kind import SourceKind
from harn_tui.store.export_format import EXPORT_FORMAT

_LOOKED_AT = 40
_CLAUDE_TYPES = frozenset(
    {"user", "assistant", "system", "summary", "progress", "file-history-snapshot", "attachment",
     "queue-operation", "permission-mode", "mode", "last-prompt", "custom-title", "ai-title"}
)  # fmt: skip
_CLAUDE_KEYS = frozenset({"uuid", "sessionId", "leafUuid", "messageId"})
_CODEX_TYPES = frozenset(
    {"session_meta", "response_item", "event_msg", "turn_context", "compacted", "world_state"}
)
_CODEX_BLOCKS = frozenset({"input_text", "output_text"})
_MOCK_KEYS = frozenset(
    {"match", "consume_match", "text", "tool_calls", "input_tokens", "output_tokens", "thinking",
     "cache_read_tokens", "cache_write_tokens", "stop_reason", "model", "provider", "blocks",
     "error", "delay_ms", "chunk_chars", "chunk_ms", "cut_after_chars", "prefill_sent", "no_usage"}
)  # fmt: skip
_MOCK_SIGNS = frozenset({"text", "tool_calls", "error", "blocks"})


def detect_kind(source: SourceFile) -> SourceKind:
    """Return the format of the file. Raises SessionImportError when it is none that is known.

    The first lines are looked at; a file whose lines are no objects is read whole.
    """
    lines = source.lines()
    looked_at = [line for line, _ in zip(lines, range(_LOOKED_AT), strict=False)]
    objects = [line.members for line in looked_at if isinstance(line, SourceLine)]
    kind = kind_of_lines(objects)
    if kind is None and (len(looked_at) != len(objects) or not looked_at):
        kind = _kind_of_text(source, is_empty=not looked_at)
    if kind is None:
        raise SessionImportError(
            f"{source.path} is in no format that can be imported.",
            hint=f"Name the format with --as: {', '.join(SourceKind)}.",
        )
    return kind


def kind_of_lines(objects: Iterable[JsonObject]) -> SourceKind | None:
    """Return the format that the first object tells which belongs to one."""
    for members in objects:
        found = kind_of_document(members) or _kind_of_line(members)
        if found is not None:
            return found
    return None


def kind_of_document(document: JsonValue) -> SourceKind | None:
    """Return the format of a file that is one JSON value, ``None`` when it is none of ours."""
    if isinstance(document, list):
        objects = [item for item in document if isinstance(item, dict)]
        if objects and all("role" in item and "content" in item for item in objects):
            return SourceKind.MINI_SWE_AGENT
        if objects and all("jsonrpc" in item for item in objects):
            return SourceKind.ACP
        return None
    if not isinstance(document, dict):
        return None
    if document.get("_type") == "run_record" or {"stages", "workflow_id"} <= document.keys():
        return SourceKind.RUN_RECORD
    if isinstance(document.get("trajectory"), list):
        return SourceKind.SWE_AGENT
    if isinstance(document.get("messages"), list) and "info" in document:
        return SourceKind.MINI_SWE_AGENT
    return None


def _kind_of_line(members: JsonObject) -> SourceKind | None:
    tag = members.get("type")
    known = tag if isinstance(tag, str) else ""
    if members.get("format") == EXPORT_FORMAT:
        return SourceKind.EXPORT
    if "session_id" in members and known and "emitted_at_ms" in members:
        return SourceKind.HARN_LOG
    if members.get("jsonrpc") == "2.0" or isinstance(members.get("update"), dict):
        return SourceKind.ACP
    if known in _CODEX_TYPES and isinstance(members.get("payload"), dict):
        return SourceKind.CODEX
    if known in _CLAUDE_TYPES and _CLAUDE_KEYS & members.keys() and _may_be_claude(members):
        return SourceKind.CLAUDE_CODE
    if _is_bare_codex(known, members):
        return SourceKind.CODEX
    keys = {key for key in members if not key.startswith("_")}
    if keys <= _MOCK_KEYS and keys & _MOCK_SIGNS:
        return SourceKind.LLM_MOCK
    return None


def _may_be_claude(members: JsonObject) -> bool:
    """Other agents have lines that look the same but for the form of the message."""
    message = members.get("message")
    return not isinstance(message, dict) or "content" in message


def _is_bare_codex(tag: str, members: JsonObject) -> bool:
    """Whether it is a line of an old rollout: an item without an envelope, or a timed message."""
    if tag in {"function_call", "function_call_output"}:
        return "call_id" in members
    if tag == "message":
        content = members.get("content")
        blocks = content if isinstance(content, list) else []
        return any(isinstance(b, dict) and b.get("type") in _CODEX_BLOCKS for b in blocks)
    has_time = "timestamp" in members or "created_at" in members
    has_words = isinstance(members.get("content", members.get("message")), str)
    return not tag and has_time and has_words and members.get("role") in ("user", "assistant")


def _kind_of_text(source: SourceFile, *, is_empty: bool) -> SourceKind | None:
    if is_empty:
        raise SessionImportError(f"{source.path} is empty.", hint="Check the path.")
    try:
        return kind_of_document(source.document())
    except SessionImportError:
        # Not whole, or too long, as one value: then it is none of the formats that are one.
        return None
