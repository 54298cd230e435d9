"""Tool search by the Messages API: what asks for it, what comes of it, what is sent back.

A search is two blocks, ``server_tool_use`` and ``tool_search_tool_result``. The server reads them
again in later requests to know which tools are loaded, so they stay with the turn.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import SearchedBy
from harn_tui.providers.base import (
    CompletionRequest,
    ServerSearch,
    ServerSearchQuery,
    ServerSearchResult,
    ToolSearchRequest,
)
from harn_tui.providers.tool_search import search_of
from harn_tui.providers.wire_json import object_of, objects_of, text_of

QUERY_TYPE: Final = "server_tool_use"
_RESULT_TYPE: Final = "tool_search_tool_result"
_FOUND_TYPE: Final = "tool_search_tool_search_result"
_NAME_PREFIX: Final = "tool_search_tool_"
_VERSION: Final = "20251119"
_KIND: Final = "anthropic"
_SERVER: Final = SearchedBy.ANTHROPIC


def search_tool_entry(search: ToolSearchRequest) -> JsonObject:
    """Return the entry in ``tools`` by which the server searches."""
    name = _NAME_PREFIX + search.variant
    return {"type": f"{name}_{_VERSION}", "name": name}


def is_search_block(block: JsonObject) -> bool:
    """Whether a block belongs to a tool search of the server, and not to another of its tools."""
    if block.get("type") == QUERY_TYPE:
        return text_of(block.get("name")).startswith(_NAME_PREFIX)
    return block.get("type") == _RESULT_TYPE


def begin_search_block(content: JsonObject) -> JsonObject:
    """Return what is kept of a search block that begins to stream."""
    if content.get("type") == QUERY_TYPE:
        return {
            "type": QUERY_TYPE,
            "id": text_of(content.get("id")),
            "name": text_of(content.get("name")),
            "input": object_of(content.get("input")),
        }
    return {
        "type": _RESULT_TYPE,
        "tool_use_id": text_of(content.get("tool_use_id")),
        "content": object_of(content.get("content")),
    }


def with_query(block: JsonObject, streamed: str) -> JsonObject:
    """Return ``block`` with the query whose JSON has ``streamed``; unchanged without any."""
    if not streamed:
        return block
    try:
        query = json.loads(streamed, strict=False)
    except (ValueError, RecursionError):
        query = {}
    return {**block, "input": object_of(query)}


def searches_in(blocks: Iterable[JsonObject]) -> tuple[ServerSearch, ...]:
    """Return the searches among ``blocks``, one value for each block of them."""
    found: list[ServerSearch] = []
    for block in filter(is_search_block, blocks):
        if block.get("type") == QUERY_TYPE:
            name = text_of(block.get("name"))
            search_id = text_of(block.get("id"))
            found.append(ServerSearchQuery(search_id, _SERVER, name, block.get("input")))
            continue
        content = object_of(block.get("content"))
        error = text_of(content.get("error_code")) or None
        search_id = text_of(block.get("tool_use_id"))
        found.append(ServerSearchResult(search_id, _SERVER, _tool_names(content), error))
    return tuple(found)


def with_usable_searches(
    blocks: Sequence[JsonObject], request: CompletionRequest
) -> list[JsonObject]:
    """Return ``blocks`` without the searches that the server would refuse now.

    It refuses one half of a search, a search by a tool that the request does not have, and a
    reference to a tool that is gone.
    """
    usable = _usable_ids(blocks, request)
    known = frozenset(tool.name for tool in request.tools)
    kept = []
    for block in blocks:
        if not is_search_block(block) or text_of(block.get("id")) in usable:
            kept.append(block)
        elif text_of(block.get("tool_use_id")) in usable:
            kept.append(_with_known_references(block, known))
    return kept


def _usable_ids(blocks: Sequence[JsonObject], request: CompletionRequest) -> frozenset[str]:
    search = search_of(request, _KIND)
    if search is None:
        return frozenset()
    name = _NAME_PREFIX + search.variant
    asked = {text_of(block.get("id")) for block in blocks if block.get("name") == name}
    answered = {text_of(block.get("tool_use_id")) for block in blocks}
    return frozenset(asked & answered - {""})


def _with_known_references(block: JsonObject, known: frozenset[str]) -> JsonObject:
    content = object_of(block.get("content"))
    if content.get("type") != _FOUND_TYPE:
        return block
    references: list[JsonValue] = [
        reference
        for reference in objects_of(content.get("tool_references"))
        if reference.get("tool_name") in known
    ]
    return {**block, "content": {**content, "tool_references": references}}


def _tool_names(content: JsonObject) -> tuple[str, ...]:
    references = objects_of(content.get("tool_references"))
    return tuple(name for ref in references if (name := text_of(ref.get("tool_name"))))
