"""What a session keeps going beside its runs: model facts, MCP servers, long-running commands."""

import asyncio
from collections.abc import Callable

from harn_tui.loop.daemon.wake import WakeSignal
from harn_tui.providers.base import ModelFacts
from harn_tui.session.discovered_facts import DiscoveredFacts
from harn_tui.session.housekeeping import Housekeeping
from harn_tui.session.late_tools import LateTools
from harn_tui.session.line_attachments import LineAttachments
from harn_tui.session.parts import SessionParts
from harn_tui.session.person_commands import PersonCommands
from harn_tui.session.preparation import Preparation
from harn_tui.tools.base import Tool
from harn_tui.tools.command_jobs import CommandJobs
from harn_tui.tools.mcp.servers import McpServers


class SessionServices:
    """Started with the session and stopped with it."""

    def __init__(
        self,
        facts: DiscoveredFacts,
        preparation: Preparation,
        mcp_servers: McpServers | None,
        mcp_tool_names: frozenset[str] | None,
        wake: WakeSignal | None,
        command_jobs: CommandJobs | None,
        attachments: LineAttachments,
        shell: PersonCommands,
        late_tools: LateTools | None = None,
        housekeeping: Housekeeping | None = None,
    ) -> None:
        """``mcp_tool_names`` are the only tools of servers to offer, ``None`` for all."""
        self.wake = wake
        """How a daemon that waits is woken, ``None`` when the front end has no way to."""
        self.facts = facts
        self.preparation = preparation
        self.mcp_servers = mcp_servers
        self.attachments = attachments
        self.shell = shell
        self._mcp_tool_names = mcp_tool_names
        self._command_jobs = command_jobs
        self._housekeeping = housekeeping
        self._late_tools = late_tools
        self._served: tuple[Tool, ...] = ()
        self._offered: tuple[Tool, ...] = ()

    @classmethod
    def of(cls, parts: SessionParts, on_facts: Callable[[ModelFacts], None]) -> "SessionServices":
        """Return the services of a session; ``on_facts`` is told when more is known."""
        facts = DiscoveredFacts(parts.model_facts, parts.discover_context_window, on_facts)
        preparation = Preparation(parts.libraries, facts)
        if parts.command_jobs is not None:
            parts.session_end.add(parts.command_jobs.end)
        late = LateTools(parts.session_id, parts.check_tools) if parts.check_tools else None
        servers = (parts.mcp_servers, parts.mcp_tool_names)
        where = parts.session_id, parts.cwd, parts.workspace_roots
        found = LineAttachments(*where, parts.mcp_servers, parts.permissions)
        shell = PersonCommands(*where, parts.commands, parts.feedback)
        jobs, later = parts.command_jobs, parts.housekeeping
        return cls(facts, preparation, *servers, parts.wake, jobs, found, shell, late, later)

    def start(self) -> None:
        """Begin; nothing is waited for."""
        if self.mcp_servers is not None:
            self.mcp_servers.start()
        if self._housekeeping is not None:
            self._housekeeping.start()

    async def wait_started(self) -> None:
        """Wait until each MCP server has started or failed, for a run that nobody watches."""
        if self.mcp_servers is not None:
            await self.mcp_servers.wait_started()

    async def stop(self) -> None:
        """End all of it."""
        await asyncio.gather(
            self.preparation.stop(),
            self.shell.close(),
            *([self.mcp_servers.aclose()] if self.mcp_servers else []),
            *([self._command_jobs.close()] if self._command_jobs else []),
            *([self._housekeeping.stop()] if self._housekeeping else []),
            *([self._late_tools.finish()] if self._late_tools else []),
        )

    def current_tools(self) -> tuple[Tool, ...]:
        """Return the servers' tools as they are now; the same tuple while nothing changes."""
        served = self.mcp_servers.current_tools() if self.mcp_servers is not None else ()
        if served is not self._served:
            names = self._mcp_tool_names
            self._served = served
            self._offered = tuple(t for t in served if names is None or t.name in names)
            if self._late_tools is not None:
                self._late_tools.look(self._offered)
        return self._offered
