"""The entries of a transcript's ``events`` list, and how a message becomes one."""

import json
from dataclasses import dataclass
from enum import StrEnum

from harn_tui.errors import UsageError
from harn_tui.ids import new_uuid7
from harn_tui.json_types import JsonObject, JsonValue


class Visibility(StrEnum):
    """Who an event, a block or an asset is for: people, programs, or nobody but the record."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PRIVATE = "private"


class TranscriptEventKind(StrEnum):
    """The kinds that the runtime writes. Programs may write others: a kind is any string."""

    MESSAGE = "message"
    TOOL_RESULT = "tool_result"
    HOST_INPUT = "host_input"
    PROVIDER_PAYLOAD = "provider_payload"
    PRIVATE_REASONING = "private_reasoning"
    TOOL_INTENT = "tool_intent"
    TOOL_EXECUTION = "tool_execution"
    PERMISSION_GRANT = "PermissionGrant"
    PERMISSION_DENY = "PermissionDeny"
    PERMISSION_ESCALATION = "PermissionEscalation"
    COMPACTION = "compaction"
    PLAN = "plan"
    NATIVE_TOOL_FALLBACK = "native_tool_fallback"
    SKILL_MATCHED = "skill_matched"
    SKILL_ACTIVATED = "skill_activated"
    SKILL_DEACTIVATED = "skill_deactivated"
    SKILL_SCOPE_TOOLS = "skill_scope_tools"
    SKILL_MCP_BOUND = "skill_mcp_bound"
    SKILL_MCP_UNBOUND = "skill_mcp_unbound"
    SKILL_MCP_BIND_FAILED = "skill_mcp_bind_failed"
    SKILL_LOADED = "skill.loaded"
    TOOL_SEARCH_QUERY = "tool_search_query"
    TOOL_SEARCH_RESULT = "tool_search_result"
    DAEMON_WAKE = "daemon_wake"
    SUB_AGENT_START = "sub_agent_start"
    SUB_AGENT_RESULT = "sub_agent_result"
    TRANSCRIPT_FORK = "transcript_fork"
    TRANSCRIPT_ARCHIVE = "transcript_archive"
    TRANSCRIPT_ABANDON = "transcript_abandon"
    TRANSCRIPT_RESUME = "transcript_resume"
    TRANSCRIPT_RESET = "transcript_reset"


MESSAGE_KINDS = frozenset({TranscriptEventKind.MESSAGE, TranscriptEventKind.TOOL_RESULT})
"""Kinds of the events that stand for a message; only appending a message writes them."""

_TOOL_RESULT_ROLE = "tool_result"
_IMAGE_TYPES = frozenset({"image", "input_image"})
_FILE_TYPES = frozenset({"file", "document", "attachment"})
_LABEL_KEYS = ("name", "title", "path", "asset_id")


@dataclass(frozen=True, slots=True)
class TranscriptEvent:
    """One entry of ``events``.

    ``blocks`` are JSON objects with at least ``type`` and ``visibility``; ``text`` is what they
    read as. ``metadata`` ``None`` means none, and the key is left out.
    """

    id: str
    kind: str
    role: str
    visibility: str
    text: str
    blocks: tuple[JsonObject, ...] = ()
    metadata: JsonObject | None = None

    def as_json(self) -> JsonObject:
        """Return the event as it stands in a transcript."""
        fields: JsonObject = {
            "id": self.id,
            "kind": self.kind,
            "role": self.role,
            "visibility": self.visibility,
            "text": self.text,
            "blocks": list(self.blocks),
        }
        if self.metadata is not None:
            fields["metadata"] = self.metadata
        return fields


def transcript_event(
    kind: str,
    *,
    role: str = "system",
    visibility: Visibility = Visibility.INTERNAL,
    text: str = "",
    blocks: tuple[JsonObject, ...] = (),
    metadata: JsonObject | None = None,
) -> TranscriptEvent:
    """Return a new event with an id of its own; for whatever is not a message."""
    return TranscriptEvent(new_uuid7(), str(kind), role, visibility.value, text, blocks, metadata)


def message_event(message: JsonObject) -> TranscriptEvent:
    """Return the event that stands for ``message``.

    It is public if any block is, else internal if any block is, else private; a message without
    blocks has the visibility of its role. Raises UsageError for a message without a role.
    """
    role = message_role(message)
    is_tool_result = role == _TOOL_RESULT_ROLE
    default = Visibility.INTERNAL if is_tool_result else Visibility.PUBLIC
    blocks = _blocks(message.get("content"), default)
    kind = TranscriptEventKind.TOOL_RESULT if is_tool_result else TranscriptEventKind.MESSAGE
    return TranscriptEvent(
        id=new_uuid7(),
        kind=kind.value,
        role=role,
        visibility=_visibility(blocks, default),
        text=" ".join(text for block in blocks if (text := block_text(block))),
        blocks=blocks,
    )


def message_role(message: object) -> str:
    """Return the role of what must be a message. Raises UsageError when it is none."""
    if not isinstance(message, dict):
        raise UsageError("message must be a dict")
    role = message.get("role")
    if not isinstance(role, str):
        raise UsageError(
            "message must have a string `role` (user|assistant|tool|tool_result|system)"
        )
    return role


def event_from_json(fields: object) -> TranscriptEvent:
    """Return the event that ``fields`` describe; only a string ``kind`` is required.

    A missing id is minted; role and visibility default to ``system`` and ``internal``. Raises
    UsageError.
    """
    if not isinstance(fields, dict):
        raise UsageError("event must be a dict")
    kind = fields.get("kind")
    if not isinstance(kind, str):
        raise UsageError("event must have a string `kind`")
    blocks = fields.get("blocks")
    metadata = fields.get("metadata")
    return TranscriptEvent(
        id=_string(fields, "id") or new_uuid7(),
        kind=kind,
        role=_string(fields, "role", "system"),
        visibility=_string(fields, "visibility", Visibility.INTERNAL.value),
        text=_string(fields, "text"),
        blocks=(
            tuple(block for block in blocks if isinstance(block, dict))
            if isinstance(blocks, list)
            else ()
        ),
        metadata=metadata if isinstance(metadata, dict) else None,
    )


def block_text(block: JsonObject) -> str:
    """Return what one block reads as; reasoning reads as nothing."""
    kind = _string(block, "type")
    if kind in {"text", "output_text"}:
        return _string(block, "text") or _string(block, "content")
    if kind == "reasoning":
        return ""
    if kind in {"tool_call", "tool_result"}:
        return f"<{kind}:{_string(block, 'name') or 'tool'}>"
    if kind in _IMAGE_TYPES:
        return f"<image:{_label(block, 'image')}>"
    if kind in _FILE_TYPES:
        return f"<{kind}:{_label(block, kind)}>"
    return f"<{kind}>"


def _label(block: JsonObject, kind: str) -> str:
    return next((label for key in _LABEL_KEYS if (label := _string(block, key))), kind)


def _blocks(content: JsonValue, default: Visibility) -> tuple[JsonObject, ...]:
    if content is None:
        return ()
    pieces = content if isinstance(content, list) else [content]
    return tuple(_block(piece, default) for piece in pieces)


def _block(piece: JsonValue, default: Visibility) -> JsonObject:
    if not isinstance(piece, dict):
        text = piece if isinstance(piece, str) else json.dumps(piece, ensure_ascii=False)
        return {"type": "text", "text": text, "visibility": default.value}
    block = dict(piece)
    for key, value in (("type", "text"), ("visibility", default.value)):
        if not isinstance(block.get(key), str):
            block[key] = value
    return block


def _visibility(blocks: tuple[JsonObject, ...], default: Visibility) -> str:
    if not blocks:
        return default.value
    found = {block["visibility"] for block in blocks}
    # What names none of the three is kept from view like what is private.
    for visibility in (Visibility.PUBLIC, Visibility.INTERNAL):
        if visibility.value in found:
            return visibility.value
    return Visibility.PRIVATE.value


def _string(fields: JsonObject, key: str, default: str = "") -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else default
