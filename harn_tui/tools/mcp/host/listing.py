"""Asks a server for everything that it offers, page by page and up to a limit."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Protocol, TypeVar

from mcp import Client
from mcp_types import Prompt, Resource, Tool

from harn_tui.json_types import JsonObject
from harn_tui.tools.mcp.host_words import HostEvent
from harn_tui.tools.mcp.offers import (
    McpPrompt,
    McpPromptArgument,
    McpResource,
    OfferedTool,
    offer_to_json,
)
from harn_tui.tools.readable import readable_name

MOST_PAGES = 100
MOST_OFFERED_BYTES = 256 * 1024
"""Of one sort, as JSON. More than that of tools would fill a model's context by itself."""


class _Page(Protocol):
    next_cursor: str | None


PageT = TypeVar("PageT", bound=_Page)


@dataclass(slots=True)
class Listing:
    """What a server offers of one sort, as JSON, and what a person should know of it."""

    offers: list[JsonObject] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def offered_sorts(client: Client) -> tuple[HostEvent, ...]:
    """Return the sorts of things that the server says it has."""
    capabilities = client.server_capabilities
    has = {
        HostEvent.TOOLS: capabilities.tools is not None,
        HostEvent.RESOURCES: capabilities.resources is not None,
        HostEvent.PROMPTS: capabilities.prompts is not None,
    }
    return tuple(sort for sort, is_there in has.items() if is_there)


async def list_offers(
    client: Client, sort: HostEvent, server: str, enabled_tools: Sequence[str] | None
) -> Listing:
    """Return all that the server offers of one sort; ``enabled_tools`` ``None`` means all."""
    if sort is HostEvent.RESOURCES:
        pages = _pages(lambda cursor: client.list_resources(cursor=cursor))
        return _bounded(
            [_resource(server, item) async for page in pages for item in page.resources],
            "resources",
        )
    if sort is HostEvent.PROMPTS:
        prompt_pages = _pages(lambda cursor: client.list_prompts(cursor=cursor))
        return _bounded(
            [_prompt(server, item) async for page in prompt_pages for item in page.prompts],
            "prompts",
        )
    tool_pages = _pages(lambda cursor: client.list_tools(cursor=cursor))
    tools = [item async for page in tool_pages for item in page.tools]
    return _chosen_tools(tools, enabled_tools)


async def _pages(fetch: Callable[[str | None], Awaitable[PageT]]) -> AsyncIterator[PageT]:
    """Yield pages until there is no next one, one comes again, or there are too many."""
    cursor: str | None = None
    seen: set[str] = set()
    while len(seen) < MOST_PAGES:
        page = await fetch(cursor)
        yield page
        cursor = page.next_cursor
        if not cursor or cursor in seen:
            return
        seen.add(cursor)


def _chosen_tools(tools: Sequence[Tool], enabled: Sequence[str] | None) -> Listing:
    by_name: dict[str, Tool] = {}
    for tool in tools:
        by_name.setdefault(tool.name, tool)
    remarks = []
    if len(by_name) < len(tools):
        remarks.append("it lists several tools under one name; the first of each is offered")
    if by_name.pop("", None) is not None:
        remarks.append("it lists a tool without a name, which is left out")
    wanted = by_name if enabled is None else enabled
    remarks += [_no_such_tool(name, by_name) for name in wanted if name not in by_name]
    chosen = (offer_to_json(_tool(by_name[name])) for name in wanted if name in by_name)
    listing = _bounded(chosen, "tools")
    return Listing(listing.offers, [*remarks, *listing.remarks])


def _no_such_tool(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1)
    question = f"; did you mean {near[0]}?" if near else ""
    return f"it has no tool {name!r}, which enabled_tools names{question}"


def _bounded(offers: Iterable[JsonObject], sort: str) -> Listing:
    listing = Listing()
    room = MOST_OFFERED_BYTES
    left_out = 0
    for offer in offers:
        size = len(json.dumps(offer))
        if left_out or size > room:
            left_out += 1
            continue
        room -= size
        listing.offers.append(offer)
    if left_out:
        advice = "; choose some with enabled_tools" if sort == "tools" else ""
        listing.remarks.append(f"it offers too much: {left_out} of its {sort} are left out{advice}")
    return listing


def _tool(tool: Tool) -> OfferedTool:
    hints = tool.annotations
    return OfferedTool(
        name=tool.name,
        description=readable_name(tool.description or tool.title or ""),
        parameters=tool.input_schema,
        is_read_only=hints is not None and hints.read_only_hint is True,
        is_destructive=hints is not None and hints.destructive_hint is True,
        is_open_world=hints is None or hints.open_world_hint is not False,
    )


def _resource(server: str, resource: Resource) -> JsonObject:
    return offer_to_json(
        McpResource(
            server=server,
            uri=resource.uri,
            name=readable_name(resource.title or resource.name),
            description=readable_name(resource.description or ""),
            mime_type=resource.mime_type,
            size=resource.size,
        )
    )


def _prompt(server: str, prompt: Prompt) -> JsonObject:
    arguments = tuple(
        McpPromptArgument(
            item.name, readable_name(item.description or ""), is_required=item.required is True
        )
        for item in prompt.arguments or ()
    )
    described = readable_name(prompt.description or prompt.title or "")
    return offer_to_json(McpPrompt(server, prompt.name, described, arguments))
