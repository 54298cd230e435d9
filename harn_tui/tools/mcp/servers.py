"""All MCP servers of a session: started in the background, asked by name, ended together."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import NoticeLevel
from harn_tui.tools.base import Tool
from harn_tui.tools.mcp.host_process import HostProcess, HostUnusableError
from harn_tui.tools.mcp.offers import McpPrompt, McpResource
from harn_tui.tools.mcp.server import McpServer, McpStatus, OnNotice
from harn_tui.tools.mcp.server_error import McpServerError
from harn_tui.tools.mcp.settings import McpServerSettings


@dataclass(frozen=True, slots=True)
class McpServerState:
    """How one server stands; ``reason`` says why it failed or ended and is empty otherwise.

    One that ``is_for_skills`` is started once a skill needs it: ``is_bound``.
    """

    name: str
    status: McpStatus
    reason: str
    tool_count: int
    is_for_skills: bool
    is_bound: bool


class McpServers:
    """The servers of one session. Everything is called on one event loop, which is never held up.

    Those that are for skills are started and offered once a skill is bound to one, and offered as
    long as one is.

    ``on_change`` is called whenever tools, resources, prompts or states have changed, ``on_notice``
    with what a person should know. ``reserved_names`` are those of the session's other tools.
    Raises ConfigError when two servers have one name.
    """

    def __init__(
        self,
        settings: Sequence[McpServerSettings],
        *,
        on_change: Callable[[], None],
        on_notice: OnNotice,
        reserved_names: Iterable[str] = (),
    ) -> None:
        self._listeners = [on_change]
        self._on_notice = on_notice
        reserved = frozenset(reserved_names)
        self._servers: dict[str, McpServer] = {}
        for entry in settings:
            if entry.name in self._servers:
                raise ConfigError(f"Two MCP servers are called {entry.name}.")
            self._servers[entry.name] = McpServer(
                entry,
                running_host=self._running_host,
                on_change=self._changed,
                on_notice=self._notice,
                reserved_names=reserved,
            )
        self._holders: dict[str, set[str]] = {}
        self._host: HostProcess | None = None
        self._host_starting = asyncio.Lock()
        self._starting: asyncio.Task[None] | None = None
        self._tools: tuple[Tool, ...] = ()
        self._is_told_unusable = False
        self._is_closing = False

    def start(self) -> None:
        """Begin to start the session's servers at the same time, and return at once."""
        if self._starting is None and self._offered():
            self._starting = asyncio.create_task(self._start_all(), name="mcp servers")

    async def wait_started(self) -> None:
        """Wait until each server has started or failed; at once when none was to be started."""
        if self._starting is not None:
            await asyncio.wait({self._starting})

    async def bind(self, server: str, holder: str) -> str:
        """Start ``server`` for ``holder``; return why it cannot be used, empty when it can.

        Waits until it has started or failed. One that fails is offered once it starts all the
        same, as long as ``holder`` does not release it.
        """
        wanted = self._servers.get(server)
        if wanted is None:
            return "no MCP server of this name is configured"
        self._holders.setdefault(server, set()).add(holder)
        try:
            await wanted.start()
        except McpServerError as error:
            return error.message
        self._changed()
        return ""

    def release(self, server: str, holder: str) -> None:
        """Offer nothing more of ``server`` when nobody else needs it; it runs on until the end."""
        self._holders.get(server, set()).discard(holder)
        self._changed()

    def current_tools(self) -> tuple[Tool, ...]:
        """Return the tools of all servers as they are now; the tuple never changes."""
        return self._tools

    def resources(self) -> tuple[McpResource, ...]:
        """Return what can be mentioned in a prompt."""
        return tuple(item for server in self._offered() for item in server.resources)

    def prompts(self) -> tuple[McpPrompt, ...]:
        """Return the prompts that the servers have ready."""
        return tuple(item for server in self._offered() for item in server.prompts)

    def states(self) -> tuple[McpServerState, ...]:
        """Return how each server stands, in the order of the configuration."""
        return tuple(
            McpServerState(
                server.name,
                server.status,
                server.reason,
                len(server.tools),
                server.is_for_skills,
                bool(self._holders.get(server.name)),
            )
            for server in self._servers.values()
        )

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` as well when something has changed."""
        self._listeners.append(listener)

    def has(self, server: str) -> bool:
        """Whether a server of this name is configured."""
        return server in self._servers

    async def read_resource(self, server: str, uri: str) -> str:
        """Return the text of a resource, its middle cut when it is long; raises McpServerError."""
        return await self._server(server).read_resource(uri)

    async def get_prompt(self, server: str, name: str, arguments: Mapping[str, str]) -> str:
        """Return a prompt with its places filled in; raises McpServerError."""
        return await self._server(server).get_prompt(name, arguments)

    async def aclose(self) -> None:
        """End all servers; what is being asked fails. Nothing is told any more."""
        self._is_closing = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        async with self._host_starting:
            host, self._host = self._host, None
        if host is not None:
            await host.aclose()

    def _server(self, name: str) -> McpServer:
        server = self._servers.get(name)
        if server is None:
            known = ", ".join(self._servers) or "none"
            raise McpServerError(f"There is no MCP server {name!r}.", hint=f"Known: {known}.")
        return server

    def _offered(self) -> list[McpServer]:
        return [
            server
            for server in self._servers.values()
            if not server.is_for_skills or self._holders.get(server.name)
        ]

    async def _start_all(self) -> None:
        await asyncio.gather(*(self._start(server) for server in self._offered()))

    async def _start(self, server: McpServer) -> None:
        try:
            await server.start()
        except HostUnusableError as error:
            if not self._is_told_unusable:  # it is the same for all of them
                self._is_told_unusable = True
                self._notice(NoticeLevel.WARNING, f"No MCP server can be used: {error.message}.")
        except McpServerError as error:
            self._notice(
                NoticeLevel.WARNING,
                f"The MCP server {server.name} could not be started: {error.message}. "
                "The session goes on without its tools.",
            )

    async def _running_host(self) -> HostProcess:
        """Return the process that talks to the servers; a new one when the last has ended."""
        async with self._host_starting:
            if self._is_closing:
                raise McpServerError("the session is being closed")
            if self._host is not None and not self._host.is_running:
                await self._host.aclose()
                self._host = None
            if self._host is None:
                host = HostProcess(self._take, self._host_ended)
                await host.start()
                self._host = host
            return self._host

    def _take(self, event: JsonObject) -> None:
        server = self._servers.get(str(event.get("server")))
        if server is not None and not self._is_closing:
            server.take(event)

    def _host_ended(self) -> None:
        for server in self._servers.values():
            server.take_end("the process that talks to it has ended")
        self._changed()

    def _changed(self) -> None:
        if self._is_closing:
            return
        self._tools = tuple(tool for server in self._offered() for tool in server.tools)
        for listener in self._listeners:
            listener()

    def _notice(self, level: NoticeLevel, text: str) -> None:
        if not self._is_closing:
            self._on_notice(level, text)
