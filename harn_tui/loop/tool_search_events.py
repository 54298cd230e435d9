"""Announces searches for tools: this program's own, and those of a model's server."""

from harn_tui.events.agent import ToolSearchQuery, ToolSearchResult
from harn_tui.ids import tool_call_event_id
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SearchedBy
from harn_tui.loop.state import LoopState
from harn_tui.loop.transcript_notes import note_tool_search
from harn_tui.providers.base import Completion, ServerSearchQuery, ToolCallRequest
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
    """Emit the searches that the model's server did while it replied."""
    for search in completion.searches:
        event_id = tool_call_event_id(search.search_id)
        if isinstance(search, ServerSearchQuery):
            await aemit(
                ToolSearchQuery(
                    session_id=state.session_id,
                    tool_use_id=event_id,
                    name=search.name,
                    query=search.query,
                    strategy="",
                    mode=search.searched_by.value,
                )
            )
            continue
        await aemit(
            ToolSearchResult(
                session_id=state.session_id,
                tool_use_id=event_id,
                promoted=list(search.tool_names),
                strategy="",
                mode=search.searched_by.value,
            )
        )
