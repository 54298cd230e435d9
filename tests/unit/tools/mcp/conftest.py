"""Connections to the stand-in for an MCP server, closed when the test has ended."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.tools.mcp.host.connection import Connection, ConnectionListener
from harn_tui.tools.mcp.host.listing import Listing
from harn_tui.tools.mcp.host_words import HostEvent
from harn_tui.tools.mcp.settings import McpServerSettings
from tests.support import mcp_stand_in
from tests.support.waiting import wait_until


def stand_in(*options: str, name: str = "stand-in", **settings: Any) -> McpServerSettings:
    """Return the settings that run the stand-in with ``options``."""
    command = (sys.executable, "-I", mcp_stand_in.__file__, *options)
    return McpServerSettings(name, command, cwd=settings.pop("cwd", Path.cwd()), **settings)


@dataclass
class Watched:
    """A connection with what it has told so far."""

    settings: McpServerSettings
    listings: dict[HostEvent, list[Listing]] = field(default_factory=dict)
    endings: list[str] = field(default_factory=list)
    progress: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = Connection(
            self.settings, ConnectionListener(self._take_offers, self.endings.append)
        )

    async def call(self, tool: str, **arguments: Any) -> JsonObject:
        """Call a tool and return the whole answer."""
        return await self.connection.call(tool, arguments, self.progress.append)

    async def text(self, tool: str, **arguments: Any) -> str:
        """Call a tool and return the text of the answer."""
        return str((await self.call(tool, **arguments))["text"])

    async def ended(self) -> str:
        """Wait for the end and return its reason."""
        await wait_until(lambda: bool(self.endings), what="the end of the server")
        return self.endings[0]

    def names(self, sort: HostEvent = HostEvent.TOOLS, listing: int = -1) -> list[Any]:
        """Return the names in one of the listings, the newest one by default."""
        return [offer["name"] for offer in self.listings[sort][listing].offers]

    def _take_offers(self, sort: HostEvent, listing: Listing) -> None:
        self.listings.setdefault(sort, []).append(listing)


Connect: TypeAlias = Callable[[McpServerSettings], Awaitable[Watched]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Return a coroutine that starts a connection; all are closed at the end of the test."""
    opened: list[Watched] = []

    async def start(settings: McpServerSettings) -> Watched:
        watched = Watched(settings)
        opened.append(watched)
        await watched.connection.start()
        return watched

    yield start
    await asyncio.gather(*(watched.connection.close() for watched in opened))
