"""Announces searches for tools: this program's own, and those of a model's server."""

from harn_tui.events.agent import ToolCall, ToolCallUpdate, ToolSearchQuery, ToolSearchResult
from harn_tui.ids import server_search_event_id
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ExecutorKind, SearchedBy, ToolCallStatus, ToolErrorCategory, ToolKind
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
    """Emit the searches that the model's server did while it replied, each as a call too."""
    open_ids: list[str] = []
    for search in completion.searches:
        if isinstance(search, ServerSearchQuery):
            await _announce_server_query(state, search)
            open_ids.append(search.search_id)
        else:
            await _announce_server_result(state, search)
            if search.search_id in open_ids:
                open_ids.remove(search.search_id)
                await aemit(_search_end(state, search.search_id, _found(search), search.error))
    for search_id in open_ids:
        await aemit(_search_end(state, search_id, None, "the server told no result"))


async def _announce_server_query(state: LoopState, search: ServerSearchQuery) -> None:
    await aemit(
        ToolSearchQuery(
            session_id=state.session_id,
            tool_use_id=search.search_id,
            name=search.name,
            query=search.query,
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
            raw_input=search.query,
        )
    )


async def _announce_server_result(state: LoopState, search: ServerSearchResult) -> None:
    await aemit(
        ToolSearchResult(
            session_id=state.session_id,
            tool_use_id=search.search_id,
            promoted=list(search.tool_names),
            strategy="",
            mode=search.searched_by.value,
        )
    )


def _found(search: ServerSearchResult) -> JsonObject:
    found = list[JsonValue](search.tool_names)
    return {"tool_references": found, "promoted": found, "mode": search.searched_by.value}


def _search_end(
    state: LoopState, search_id: str, output: JsonObject | None, error: str | None
) -> ToolCallUpdate:
    return ToolCallUpdate(
        session_id=state.session_id,
        tool_call_id=server_search_event_id(search_id),
        tool_name="tool_search",
        status=ToolCallStatus.COMPLETED if error is None else ToolCallStatus.FAILED,
        raw_output=output,
        error=error,
        error_category=None if error is None else ToolErrorCategory.TOOL_ERROR,
        executor={"kind": ExecutorKind.PROVIDER_NATIVE.value},
    )
