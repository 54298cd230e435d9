"""What of a tool can be found by searching."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harn_tui.tools.base import Tool

_MOST_CHARACTERS: Final = 4096


@dataclass(frozen=True, slots=True)
class SearchCandidate:
    """A tool as a search sees it. ``text`` is all that is said about it."""

    name: str
    text: str


def search_candidate(tool: Tool, mcp_server: str | None = None) -> SearchCandidate:
    """Return what can be found of ``tool``: name, description, parameters and tags.

    The tags are its namespace, and the server that it comes from, alone and behind ``mcp:``.
    """
    tags = [tool.namespace] if tool.namespace else []
    if mcp_server:
        tags += [f"mcp:{mcp_server}", mcp_server]
    lines = [tool.name, tool.description, *_parameters(tool), *dict.fromkeys(tags)]
    text = "\n".join(line for line in lines if line)
    return SearchCandidate(tool.name, text[:_MOST_CHARACTERS])


def _parameters(tool: Tool) -> list[str]:
    """Return ``name: description`` of each parameter, or its name alone."""
    properties = tool.parameters.get("properties")
    if not isinstance(properties, Mapping):
        return []
    found = []
    for name, schema in properties.items():
        description = schema.get("description") if isinstance(schema, Mapping) else None
        found.append(f"{name}: {description}" if isinstance(description, str) else name)
    return found
