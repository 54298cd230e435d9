"""Makes tools for a model of what an MCP server offers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Protocol

from harn_tui.json_types import JsonObject
from harn_tui.kinds import OutputStream, ToolKind
from harn_tui.tools.base import TimeKeeping, Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.mcp.names import assign_names
from harn_tui.tools.mcp.offers import OfferedTool
from harn_tui.tools.readable import one_line

OnProgress = Callable[[str], None]


class CallServer(Protocol):
    """Calls a tool by the server's own name for it; raises ToolError."""

    def __call__(
        self, tool: str, arguments: JsonObject, on_progress: OnProgress
    ) -> Awaitable[JsonObject]:
        """Return ``{"text", "is_error", "details"}``."""


def server_tools(
    server: str, offers: tuple[OfferedTool, ...], call: CallServer, taken: frozenset[str]
) -> tuple[Tool, ...]:
    """Return the tools of one server, sorted by name; none is called like one of ``taken``."""
    by_name = {offer.name: offer for offer in offers}
    names = assign_names(server, by_name, taken)
    return tuple(_tool(server, name, by_name[own], call) for name, own in sorted(names.items()))


def _tool(server: str, name: str, offer: OfferedTool, call: CallServer) -> Tool:
    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        answer = await _with_progress(
            lambda on_progress: call(offer.name, arguments, on_progress),
            lambda text: context.on_output(f"{text}\n", OutputStream.STDOUT),
        )
        details = answer["details"]
        return ToolResult(
            text=str(answer["text"]),
            ok=answer["is_error"] is not True,
            details=details if isinstance(details, dict) else {},
        )

    return Tool(
        name=name,
        description=offer.description or f"{offer.name} of the MCP server {server}",
        parameters=_object_schema(offer.parameters),
        annotations=_annotations(offer),
        run=run,
        summarize=lambda arguments: _summary(server, offer.name, arguments),
        mcp_server=server,
        time_keeping=TimeKeeping.OWN,
    )


def _annotations(offer: OfferedTool) -> ToolAnnotations:
    """Take a server's hint that a tool only reads; without one it may do anything.

    Then a person is asked, and the kind only says how loudly.
    """
    if not offer.is_read_only:
        kind = ToolKind.DELETE if offer.is_destructive else ToolKind.OTHER
        return ToolAnnotations(kind, "network")
    if offer.is_open_world:
        return ToolAnnotations(ToolKind.FETCH, "network")
    return ToolAnnotations(ToolKind.READ, "read_only")


def _object_schema(schema: JsonObject) -> JsonObject:
    """Return the server's own schema, with what every model API insists on."""
    return {"type": "object", "properties": {}, **schema}


def _summary(server: str, tool: str, arguments: JsonObject) -> str:
    parts = (
        f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in arguments.items()
    )
    return one_line(" ".join((f"{server}: {tool}", *parts)))


async def _with_progress(
    begin: Callable[[OnProgress], Awaitable[JsonObject]], show: OnProgress
) -> JsonObject:
    """Await a call and show its progress meanwhile, from this task and no other."""
    news: asyncio.Queue[str | None] = asyncio.Queue()
    call = asyncio.ensure_future(begin(news.put_nowait))
    call.add_done_callback(lambda _: news.put_nowait(None))
    try:
        while (text := await news.get()) is not None:
            show(text)
        return call.result()
    finally:
        if not call.done():
            call.cancel()
            await asyncio.wait({call})
