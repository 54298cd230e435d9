"""Turns what an MCP server answers into bounded text for a model, and details for people."""

import json
from collections.abc import Iterable, Iterator

from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    GetPromptResult,
    ImageContent,
    ReadResourceResult,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools.mcp.host.hidden_values import HiddenValues
from harn_tui.tools.output_window import OutputWindow
from harn_tui.tools.readable import readable_name

_CALL_HEAD_BYTES = _CALL_TAIL_BYTES = 1024 * 1024
_RESOURCE_HEAD_BYTES = 48_000
_RESOURCE_TAIL_BYTES = 16_000
_MOST_STRUCTURED_BYTES = 32 * 1024


def call_answer(result: CallToolResult, hidden: HiddenValues) -> JsonObject:
    """Return ``{"text", "is_error", "details"}`` for the result of a tool call.

    Text blocks are taken as they are; images, sounds and resources become a line that names
    them. A result of structured content alone is told as JSON. ``details`` has
    ``structured_content`` as the server sent it, or ``structured_content_bytes`` when it is
    too large to keep.
    """
    text = _windowed(_block_texts(result.content), _call_window(), hidden)
    details: JsonObject = {}
    if result.structured_content is not None:
        content = _with_hidden(result.structured_content, hidden)
        structured = json.dumps(content, ensure_ascii=False)
        if len(structured) <= _MOST_STRUCTURED_BYTES:
            details["structured_content"] = content
        else:
            details["structured_content_bytes"] = len(structured)
        if not result.content:
            text = _windowed([structured], _call_window(), hidden)
    return {"text": text or "(no output)", "is_error": result.is_error, "details": details}


def resource_answer(result: ReadResourceResult, hidden: HiddenValues) -> JsonObject:
    """Return ``{"text"}`` for what reading a resource brought."""
    window = OutputWindow(_RESOURCE_HEAD_BYTES, _RESOURCE_TAIL_BYTES)
    texts = (
        part.text if isinstance(part, TextResourceContents) else _blob_note(part)
        for part in result.contents
    )
    return {"text": _windowed(texts, window, hidden)}


def prompt_answer(result: GetPromptResult, hidden: HiddenValues) -> JsonObject:
    """Return ``{"text"}`` for a prompt; when it has several messages each names its role."""
    window = OutputWindow(_RESOURCE_HEAD_BYTES, _RESOURCE_TAIL_BYTES)
    has_roles = len(result.messages) > 1
    texts = (
        (f"{message.role}: " if has_roles else "") + _block_text(message.content)
        for message in result.messages
    )
    return {"text": _windowed(texts, window, hidden)}


def _call_window() -> OutputWindow:
    return OutputWindow(_CALL_HEAD_BYTES, _CALL_TAIL_BYTES)


def _windowed(texts: Iterable[str], window: OutputWindow, hidden: HiddenValues) -> str:
    separator = ""
    for text in texts:
        piece = separator + hidden.hide(readable_name(text))
        window.feed(piece.encode("utf-8", "replace"))
        separator = "\n"
    return window.text()


def _block_texts(blocks: Iterable[ContentBlock]) -> Iterator[str]:
    return map(_block_text, blocks)


def _block_text(block: ContentBlock) -> str:
    match block:
        case TextContent():
            return block.text
        case ImageContent() | AudioContent():
            size = f"{_decoded_size(block.data):,} bytes"
            return f"[{block.type}: {block.mime_type}, {size}, not shown]"
        case EmbeddedResource():
            return _resource_text(block.resource)
        case ResourceLink():
            described = f": {block.description}" if block.description else ""
            return f"[resource {block.uri} ({block.name}){described}]"


def _resource_text(resource: TextResourceContents | BlobResourceContents) -> str:
    if isinstance(resource, TextResourceContents):
        return f"[resource {resource.uri}]\n{resource.text}"
    return _blob_note(resource)


def _blob_note(resource: BlobResourceContents) -> str:
    kind = resource.mime_type or "binary"
    return f"[resource {resource.uri}: {kind}, {_decoded_size(resource.blob):,} bytes, not shown]"


def _decoded_size(data: str) -> int:
    """Return how many bytes base64 ``data`` stands for."""
    return len(data.rstrip("=")) * 3 // 4


def _with_hidden(value: JsonValue, hidden: HiddenValues) -> JsonValue:
    if isinstance(value, str):
        return hidden.hide(readable_name(value))
    if isinstance(value, list):
        return [_with_hidden(item, hidden) for item in value]
    if isinstance(value, dict):
        return {hidden.hide(key): _with_hidden(item, hidden) for key, item in value.items()}
    return value
