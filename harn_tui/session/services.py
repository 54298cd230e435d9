"""What a session keeps going beside its runs: MCP servers, long-running commands."""

import asyncio
from collections.abc import Callable

from harn_tui.session.compaction_wish import CompactionWish
from harn_tui.session.conversation import Conversation
from harn_tui.session.images import SessionImages
from harn_tui.session.late_tools import LateTools
from harn_tui.session.line_attachments import LineAttachments
from harn_tui.session.models import SessionModels
from harn_tui.session.outside_server import OutsideServer
from harn_tui.session.parts import SessionParts
from harn_tui.session.person_commands import PersonCommands
from harn_tui.session.preparation import Preparation
from harn_tui.store.outside_request import OutsideReply, OutsideRequest
from harn_tui.tools.base import Tool


class SessionServices:
    """Started with the session and stopped with it."""

    def __init__(
        self,
        parts: SessionParts,
        models: SessionModels,
        take_request: Callable[[OutsideRequest], OutsideReply],
        conversation: Conversation,
    ) -> None:
        """``take_request`` does what other processes ask."""
        where = parts.session_id, parts.cwd, parts.workspace_roots
        self.outside = OutsideServer(parts.files.path, take_request) if parts.files else None
        """What hears other processes, ``None`` for a session that is not stored."""
        self.wake = parts.wake
        """How a daemon that waits is woken, ``None`` when the front end has no way to."""
        self.compaction = CompactionWish(parts, models.is_running, conversation)
        self.preparation = Preparation(parts.libraries, models)
        self.mcp_servers = parts.mcp_servers
        self.images = SessionImages(parts.images, parts.cwd, models.current)
        self.attachments = LineAttachments(
            *where, parts.mcp_servers, parts.permissions, self.images
        )
        self.shell = PersonCommands(*where, parts.commands, parts.feedback)
        self._mcp_tool_names = parts.mcp_tool_names
        self._command_jobs = parts.command_jobs
        self._housekeeping = parts.housekeeping
        self._late_tools = (
            LateTools(parts.session_id, parts.check_tools) if parts.check_tools else None
        )
        self._snapshots = parts.snapshots
        self._served: tuple[Tool, ...] = ()
        self._offered: tuple[Tool, ...] = ()
        for end in (
            parts.command_jobs.end if parts.command_jobs else None,
            parts.snapshots.run_ended if parts.snapshots else None,
        ):
            if end is not None:
                parts.session_end.add(end)

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
            self.preparation.stop(),
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
