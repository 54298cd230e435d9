"""What a session keeps going beside its runs: MCP servers, long-running commands."""

import asyncio
from collections.abc import Callable

from harn_tui.loop.daemon.wake import WakeSignal
from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.session.compaction_wish import CompactionWish
from harn_tui.session.file_snapshots import FileSnapshots
from harn_tui.session.housekeeping import Housekeeping
from harn_tui.session.images import SessionImages
from harn_tui.session.late_tools import LateTools
from harn_tui.session.line_attachments import LineAttachments
from harn_tui.session.outside_server import OutsideServer
from harn_tui.session.parts import SessionParts
from harn_tui.session.person_commands import PersonCommands
from harn_tui.store.outside_request import OutsideReply, OutsideRequest
from harn_tui.tools.base import Tool
from harn_tui.tools.command_jobs import CommandJobs
from harn_tui.tools.mcp.servers import McpServers


class SessionServices:
    """Started with the session and stopped with it."""

    def __init__(
        self,
        mcp_servers: McpServers | None,
        mcp_tool_names: frozenset[str] | None,
        wake: WakeSignal | None,
        command_jobs: CommandJobs | None,
        attachments: LineAttachments,
        images: SessionImages,
        shell: PersonCommands,
        late_tools: LateTools | None = None,
        housekeeping: Housekeeping | None = None,
        snapshots: FileSnapshots | None = None,
        outside: OutsideServer | None = None,
    ) -> None:
        """``mcp_tool_names`` are the only tools of servers to offer, ``None`` for all."""
        self.outside = outside
        """What hears other processes, ``None`` for a session that is not stored."""
        self.wake = wake
        """How a daemon that waits is woken, ``None`` when the front end has no way to."""
        self.compaction = CompactionWish()
        self.mcp_servers = mcp_servers
        self.attachments = attachments
        self.images = images
        self.shell = shell
        self._mcp_tool_names = mcp_tool_names
        self._command_jobs = command_jobs
        self._housekeeping = housekeeping
        self._late_tools = late_tools
        self._snapshots = snapshots
        self._served: tuple[Tool, ...] = ()
        self._offered: tuple[Tool, ...] = ()

    @classmethod
    def of(
        cls,
        parts: SessionParts,
        current_model: Callable[[], ModelInUse],
        take_request: Callable[[OutsideRequest], OutsideReply],
    ) -> "SessionServices":
        """Return the services of a session; ``take_request`` does what other processes ask."""
        if parts.command_jobs is not None:
            parts.session_end.add(parts.command_jobs.end)
        if parts.snapshots is not None:
            parts.session_end.add(parts.snapshots.run_ended)
        late = LateTools(parts.session_id, parts.check_tools) if parts.check_tools else None
        servers = (parts.mcp_servers, parts.mcp_tool_names)
        where = parts.session_id, parts.cwd, parts.workspace_roots
        images = SessionImages(parts.images, parts.cwd, current_model)
        found = LineAttachments(*where, parts.mcp_servers, parts.permissions, images)
        shell = PersonCommands(*where, parts.commands, parts.feedback)
        jobs, later = parts.command_jobs, parts.housekeeping
        outside = OutsideServer(parts.files.path, take_request) if parts.files else None
        kept = parts.snapshots
        return cls(*servers, parts.wake, jobs, found, images, shell, late, later, kept, outside)

    def start(self) -> None:
        """Begin; nothing is waited for."""
        if self._snapshots is not None:
            self._snapshots.start()
        if self.mcp_servers is not None:
            self.mcp_servers.start()
        if self._housekeeping is not None:
            self._housekeeping.start()
        if self.outside is not None:
            self.outside.start()

    async def wait_started(self) -> None:
        """Wait until each MCP server has started or failed, for a run that nobody watches."""
        if self.mcp_servers is not None:
            await self.mcp_servers.wait_started()

    async def stop(self) -> None:
        """End all of it."""
        await asyncio.gather(
            self.shell.close(),
            *([self.mcp_servers.aclose()] if self.mcp_servers else []),
            *([self._command_jobs.close()] if self._command_jobs else []),
            *([self._housekeeping.stop()] if self._housekeeping else []),
            *([self.outside.stop()] if self.outside else []),
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
