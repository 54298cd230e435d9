"""Announces searches for tools: this program's own, and those of a model's server."""

from harn_tui.events.agent import ToolCall, ToolCallUpdate, ToolSearchQuery, ToolSearchResult
from harn_tui.ids import server_search_event_id
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    ExecutorKind,
    SearchedBy,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.loop.state import LoopState
from harn_tui.loop.transcript_notes import note_tool_search
from harn_tui.providers.base import (
    Completion,
    ServerSearchQuery,
    ServerSearchResult,
    ToolCallRequest,
)
from harn_tui.sinks.emit import aemit
from harn_tui.tools.base import ToolResult
from harn_tui.transcripts.transcript_event import TranscriptEventKind

_SERVER_SEARCH_NAME = "tool_search"
"""What the end of a server's search is called, whatever the server calls it (row 15)."""


async def announce_search(state: LoopState, call: ToolCallRequest, arguments: JsonObject) -> None:
    """Emit the query, when ``call`` is a search of this program."""
    options = state.offering.options
    if options is None or call.name != state.offered.search_name:
        return
    event = ToolSearchQuery(
        session_id=state.session_id,
        tool_use_id=call.id,
        name=options.event_name,
        query=arguments,
        strategy=options.strategy,
        mode=SearchedBy.CLIENT.value,
    )
    metadata: JsonObject = {
        "name": event.name,
        "query": arguments,
        "strategy": event.strategy,
        "mode": event.mode,
    }
    note_tool_search(state, TranscriptEventKind.TOOL_SEARCH_QUERY, metadata)
    await aemit(event)


async def announce_found(state: LoopState, call: ToolCallRequest, result: ToolResult) -> None:
    """Emit what the search loaded, when ``call`` was one."""
    options = state.offering.options
    if options is None or call.name != state.offered.search_name:
        return
    promoted = result.details.get("promoted")
    names = [str(name) for name in promoted] if isinstance(promoted, list) else []
    note_tool_search(state, TranscriptEventKind.TOOL_SEARCH_RESULT, dict(result.details))
    await aemit(
        ToolSearchResult(
            session_id=state.session_id,
            tool_use_id=call.id,
            promoted=names,
            strategy=options.strategy,
            mode=SearchedBy.CLIENT.value,
        )
    )


async def announce_server_searches(state: LoopState, completion: Completion) -> None:
    """Emit the searches that the model's server did while it replied, each from begin to end.

    A search of which the server told no result has failed: its row must not stay open.
    """
    unanswered: dict[str, SearchedBy] = {}
    for search in completion.searches:
        if isinstance(search, ServerSearchQuery):
            unanswered[search.search_id] = search.searched_by
            await _announce_query(state, search)
        elif unanswered.pop(search.search_id, None) is not None:
            await _announce_result(state, search)
    for search_id, searched_by in unanswered.items():
        missing = ServerSearchResult(search_id, searched_by, (), "no result of the search came")
        await aemit(_search_end(state, missing))


async def _announce_query(state: LoopState, search: ServerSearchQuery) -> None:
    query = search.query
    await aemit(
        ToolSearchQuery(
            session_id=state.session_id,
            tool_use_id=search.search_id,
            name=search.name,
            query=query,
            strategy="",
            mode=search.searched_by.value,
        )
    )
    await aemit(
        ToolCall(
            session_id=state.session_id,
            tool_call_id=server_search_event_id(search.search_id),
            tool_name=search.name,
            kind=ToolKind.SEARCH,
            status=ToolCallStatus.IN_PROGRESS,
            raw_input=query if isinstance(query, dict | str) else {"query": query},
        )
    )


async def _announce_result(state: LoopState, search: ServerSearchResult) -> None:
    await aemit(
        ToolSearchResult(
            session_id=state.session_id,
            tool_use_id=search.search_id,
            promoted=list(search.tool_names),
            strategy="",
            mode=search.searched_by.value,
        )
    )
    await aemit(_search_end(state, search))


def _search_end(state: LoopState, search: ServerSearchResult) -> ToolCallUpdate:
    is_ok = search.error is None
    found: JsonObject = {
        "tool_references": list(search.tool_names),
        "promoted": list(search.tool_names),
        "mode": search.searched_by.value,
    }
    return ToolCallUpdate(
        session_id=state.session_id,
        tool_call_id=server_search_event_id(search.search_id),
        tool_name=_SERVER_SEARCH_NAME,
        status=ToolCallStatus.COMPLETED if is_ok else ToolCallStatus.FAILED,
        raw_output=found if is_ok else None,
        error=search.error,
        error_category=None if is_ok else ToolErrorCategory.TOOL_ERROR,
        executor={"kind": ExecutorKind.PROVIDER_NATIVE.value},
    )
