"""Tool search by OpenAI's APIs: what asks for it, what comes of it, what is sent back.

In the Responses API a search is two items, ``tool_search_call`` and ``tool_search_output``. As the
server keeps nothing, they travel with the turn, so that it knows which tools are loaded.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import SearchedBy
from harn_tui.providers.base import (
    CompletionRequest,
    ServerSearch,
    ServerSearchQuery,
    ServerSearchResult,
    ToolSchema,
)
from harn_tui.providers.tool_search import search_of
from harn_tui.providers.wire_json import objects_of, text_of

_NAME: Final = "tool_search"
_QUERY_TYPE: Final = "tool_search_call"
_RESULT_TYPE: Final = "tool_search_output"
_KIND: Final = "openai-responses"
_SERVER: Final = SearchedBy.OPENAI


def server_search_entry() -> JsonObject:
    """Return the entry in ``tools`` by which the Responses API searches."""
    return {"type": _NAME}


def hosted_search_entry(tools: Iterable[ToolSchema]) -> JsonObject:
    """Return the entry for a Chat Completions server that a person says can search.

    It lists the namespaces of ``tools``, sorted, when there are any.
    """
    entry: JsonObject = {"type": _NAME, "mode": "hosted"}
    namespaces = sorted({tool.namespace for tool in tools if tool.namespace})
    if namespaces:
        entry["namespaces"] = [*namespaces]
    return entry


def is_search_item(item: JsonObject) -> bool:
    """Whether an item belongs to a search that the server ran."""
    is_search = item.get("type") in {_QUERY_TYPE, _RESULT_TYPE}
    return is_search and item.get("execution", "server") == "server"


def searches_in(items: Iterable[JsonObject]) -> tuple[ServerSearch, ...]:
    """Return the searches among ``items``, one value for each item of them.

    The server's own searches have no call id; an output then belongs to the oldest call that
    waits for one, and takes its id.
    """
    found: list[ServerSearch] = []
    waiting: list[str] = []
    for item in filter(is_search_item, items):
        own_id = text_of(item.get("call_id")) or text_of(item.get("id"))
        if item.get("type") == _QUERY_TYPE:
            waiting.append(own_id)
            found.append(ServerSearchQuery(own_id, _SERVER, _NAME, item.get("arguments")))
            continue
        search_id = waiting.pop(0) if waiting else own_id
        found.append(ServerSearchResult(search_id, _SERVER, _tool_names(item.get("tools"))))
    return tuple(found)


def with_usable_searches(
    items: Sequence[JsonObject], request: CompletionRequest
) -> list[JsonObject]:
    """Return ``items`` without the searches that the server could not use now.

    These are all when the request does not search, halves of searches, and tools that are gone.
    """
    places = _places_of_whole_searches(items) if search_of(request, _KIND) else set()
    known = frozenset(tool.name for tool in request.tools)
    kept = []
    for place, item in enumerate(items):
        if not is_search_item(item):
            kept.append(item)
        elif place in places:
            is_result = item.get("type") == _RESULT_TYPE
            kept.append(_with_known_tools(item, known) if is_result else item)
    return kept


def _places_of_whole_searches(items: Sequence[JsonObject]) -> set[int]:
    whole: set[int] = set()
    waiting: list[int] = []
    for place, item in enumerate(items):
        if not is_search_item(item):
            continue
        if item.get("type") == _QUERY_TYPE:
            waiting.append(place)
        elif waiting:
            whole |= {waiting.pop(0), place}
    return whole


def _with_known_tools(item: JsonObject, known: frozenset[str]) -> JsonObject:
    tools: list[JsonValue] = [
        tool for tool in objects_of(item.get("tools")) if set(_tool_names([tool])) & known
    ]
    return {**item, "tools": tools}


def _tool_names(tools: JsonValue) -> tuple[str, ...]:
    """Return the names of tools, those within namespaces included."""
    found: list[str] = []
    for tool in objects_of(tools):
        inner = objects_of(tool.get("tools")) if tool.get("type") == "namespace" else [tool]
        found += [name for entry in inner if (name := text_of(entry.get("name")))]
    return tuple(found)
