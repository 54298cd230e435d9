"""Tools to search for."""

from pathlib import Path

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.tool_search.candidates import SearchCandidate

CONTEXT = ToolContext("s", Path(), (), lambda text, stream: None)


async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
    return ToolResult("ran")


def tool(
    name: str,
    description: str = "",
    *,
    deferred: bool = False,
    namespace: str | None = None,
    **parameters: str | None,
) -> Tool:
    """A tool whose ``parameters`` have descriptions, ``None`` for none."""
    properties: dict[str, JsonValue] = {
        key: {"type": "string"} if text is None else {"type": "string", "description": text}
        for key, text in parameters.items()
    }
    return Tool(
        name,
        description,
        {"type": "object", "properties": properties},
        ToolAnnotations(),
        run,
        lambda arguments: name,
        defer_loading=deferred,
        namespace=namespace,
    )


def corpus(**texts: str) -> list[SearchCandidate]:
    """Candidates by name; what can be found of each is its name and the text."""
    return [SearchCandidate(name, f"{name}\n{text}") for name, text in texts.items()]
