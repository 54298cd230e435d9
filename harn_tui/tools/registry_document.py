"""A registry as text for people and as a document for programs."""

from collections.abc import Iterable
from typing import Final

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools.base import Tool
from harn_tui.tools.readable import one_line

SCHEMA_VERSION: Final = "harn-tools/1.0"
NOTHING: Final = "(none)"


def registry_text(tools: Iterable[Tool]) -> str:
    """Return one line for each tool with its parameters, by name; ``(none)`` for no tools."""
    lines = [_line(tool) for tool in sorted(tools, key=lambda tool: tool.name)]
    return "\n".join(lines) or NOTHING


def registry_document(tools: Iterable[Tool]) -> JsonObject:
    """Return names, descriptions and schemas of ``tools`` in their order."""
    return {"schema_version": SCHEMA_VERSION, "tools": [_entry(tool) for tool in tools]}


def _line(tool: Tool) -> str:
    properties, required = tool.parameters.get("properties"), tool.parameters.get("required")
    names = properties if isinstance(properties, dict) else {}
    must = required if isinstance(required, list) else []
    parameters = ", ".join(name if name in must else f"{name}?" for name in names)
    return f"- {tool.name}({parameters}): {one_line(tool.description)}"


def _entry(tool: Tool) -> JsonValue:
    entry: JsonObject = {
        "name": tool.name,
        "description": tool.description,
        "inputSchema": tool.parameters,
    }
    if tool.output_schema is not None:
        entry["outputSchema"] = tool.output_schema
    return entry
