"""The tool by which a model finds and loads other tools."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.tools.arguments import text_argument
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.tool_search.options import Strategy, ToolSearchOptions

Search: TypeAlias = Callable[[str], Awaitable[ToolResult]]

_QUERY: Final = "query"
_MOST_LISTING_BYTES: Final = 4000
_HOW: Final[dict[Strategy, str]] = {
    "bm25": "words that describe what the tool does",
    "regex": "a regular expression that matches name, description or parameters",
    "semantic": "a description of what the tool does",
    "host": "a description of what the tool does",
}


def search_tool(options: ToolSearchOptions, hidden_names: Sequence[str], search: Search) -> Tool:
    """Return the tool that calls ``search`` with its query.

    ``hidden_names`` are the tools that can be found and are not loaded yet.
    """

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        return await search(text_argument(arguments, _QUERY))

    return Tool(
        name=options.name,
        description=_description(options, hidden_names),
        parameters={
            "type": "object",
            "properties": {_QUERY: {"type": "string", "description": _HOW[options.strategy]}},
            "required": [_QUERY],
            "additionalProperties": False,
        },
        annotations=ToolAnnotations(kind=ToolKind.SEARCH, side_effect_level="read_only"),
        run=run,
        summarize=lambda arguments: f"search tools: {arguments.get(_QUERY)}",
        is_of_runtime=True,
    )


def _description(options: ToolSearchOptions, hidden_names: Sequence[str]) -> str:
    text = (
        "Find more tools. Not all tools are loaded; those that a search finds can be called from"
        f" your next turn on. The query is {_HOW[options.strategy]}."
    )
    if options.has_stub_listing and hidden_names:
        text += f"\nTools that can be found: {_listing(hidden_names)}"
    return text


def _listing(names: Sequence[str]) -> str:
    for kept in range(len(names), 0, -1):
        omitted = len(names) - kept
        more = f", and {omitted} more" if omitted else ""
        text = ", ".join(names[:kept]) + more
        if len(text.encode("utf-8", errors="surrogatepass")) <= _MOST_LISTING_BYTES:
            return text
    return f"{len(names)} in all"
