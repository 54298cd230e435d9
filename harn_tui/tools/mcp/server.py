"""One configured MCP server as the console sees it: what it offers now, and how it is asked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import TypeAlias

from harn_tui.json_types import JsonObject
from harn_tui.kinds import NoticeLevel
from harn_tui.tools.base import Tool
from harn_tui.tools.mcp.host_process import HostProcess
from harn_tui.tools.mcp.host_words import HostEvent, HostMethod
from harn_tui.tools.mcp.offers import (
    McpPrompt,
    McpResource,
    prompt_from_json,
    resource_from_json,
    tool_from_json,
)
from harn_tui.tools.mcp.server_error import McpServerError
from harn_tui.tools.mcp.server_tools import OnProgress, server_tools
from harn_tui.tools.mcp.settings import McpServerSettings

OnNotice: TypeAlias = Callable[[NoticeLevel, str], None]


class McpStatus(StrEnum):
    """Where a server stands. One that has ended is started again when it is asked something."""

    STARTING = "starting"
    READY = "ready"
    ENDED = "ended"
    FAILED = "failed"


class McpServer:
    """A server and what it offers.

    ``running_host`` returns the process that talks to it. ``on_change`` is called when what it
    offers or its status has changed. Its tools stay on offer when it has ended: the next call
    starts it again, once.
    """

    def __init__(
        self,
        settings: McpServerSettings,
        *,
        running_host: Callable[[], Awaitable[HostProcess]],
        on_change: Callable[[], None],
        on_notice: OnNotice,
        reserved_names: frozenset[str],
    ) -> None:
        self.name = settings.name
        self.is_for_skills = settings.is_for_skills
        self.status = McpStatus.STARTING
        self.reason = ""
        """Why it failed or ended, empty while it runs."""
        self.tools: tuple[Tool, ...] = ()
        self.resources: tuple[McpResource, ...] = ()
        self.prompts: tuple[McpPrompt, ...] = ()
        self._settings = settings
        self._running_host = running_host
        self._on_change = on_change
        self._on_notice = on_notice
        self._reserved_names = reserved_names
        self._starting = asyncio.Lock()
        self._starts = 0

    async def start(self) -> None:
        """Start it, or start it again; raises McpServerError with the reason as its message."""
        await self._ensure_started(self._starts)

    async def call(self, tool: str, arguments: JsonObject, on_progress: OnProgress) -> JsonObject:
        """Call a tool by the server's own name for it; see ``CallServer``."""
        params: JsonObject = {"server": self.name, "tool": tool, "arguments": arguments}
        return await self._ask(HostMethod.CALL, params, on_progress)

    async def read_resource(self, uri: str) -> str:
        """Return the text of a resource, its middle cut when it is long; raises McpServerError."""
        answer = await self._ask(HostMethod.READ_RESOURCE, {"server": self.name, "uri": uri})
        return str(answer["text"])

    async def get_prompt(self, name: str, arguments: Mapping[str, str]) -> str:
        """Return a prompt with its places filled in; raises McpServerError."""
        params: JsonObject = {"server": self.name, "name": name, "arguments": {**arguments}}
        return str((await self._ask(HostMethod.GET_PROMPT, params))["text"])

    def take(self, event: JsonObject) -> None:
        """Take what the process tells of this server."""
        offers = event.get("offers")
        offers = offers if isinstance(offers, list) else []
        listed = [item for item in offers if isinstance(item, dict)]
        match event["event"]:
            case HostEvent.TOOLS:
                tools = tuple(map(tool_from_json, listed))
                self.tools = server_tools(self.name, tools, self.call, self._reserved_names)
            case HostEvent.RESOURCES:
                self.resources = tuple(map(resource_from_json, listed))
            case HostEvent.PROMPTS:
                self.prompts = tuple(map(prompt_from_json, listed))
            case HostEvent.NOTICE:
                text = f"The MCP server {self.name}: {event['text']}."
                self._on_notice(NoticeLevel.WARNING, text)
            case _:
                self.take_end(str(event["reason"]))
        self._on_change()

    def take_end(self, reason: str) -> None:
        """Note that it has ended by itself."""
        if self.status is not McpStatus.READY:
            return
        self.status, self.reason = McpStatus.ENDED, reason
        self._on_notice(
            NoticeLevel.WARNING,
            f"The MCP server {self.name} is gone: {reason}. It is started again when it is needed.",
        )

    async def _ask(
        self, method: HostMethod, params: JsonObject, on_progress: OnProgress | None = None
    ) -> JsonObject:
        try:
            await self._ensure_started(self._starts)
            seen_starts = self._starts
            try:
                return await self._request(method, params, on_progress)
            except McpServerError as error:
                if not error.may_repeat:
                    raise
            await self._ensure_started(seen_starts, must_renew=True)
            return await self._request(method, params, on_progress)
        except McpServerError as error:
            raise McpServerError(
                f"The MCP server {self.name} could not answer: {error.message}.",
                category=error.category,
            ) from error

    async def _request(
        self, method: HostMethod, params: JsonObject, on_progress: OnProgress | None = None
    ) -> JsonObject:
        host = await self._running_host()
        return await host.request(method, params, on_progress)

    async def _ensure_started(self, seen_starts: int, *, must_renew: bool = False) -> None:
        """Start it when it does not run; several callers share one attempt and its outcome.

        ``seen_starts`` is the number of starts that had ended when the caller last looked.
        ``must_renew`` tells that the run of that time is of no use any more.
        """
        async with self._starting:
            if self._starts != seen_starts:
                if self.status is McpStatus.FAILED:
                    raise McpServerError(self.reason)
                must_renew = False
            if must_renew or self.status is not McpStatus.READY:
                await self._start_now()

    async def _start_now(self) -> None:
        is_again = self._starts > 0
        self.status, self.reason = McpStatus.STARTING, ""
        try:
            self._require_variables()
            await self._request(HostMethod.START, self._settings.to_json())
        except McpServerError as error:
            self.status, self.reason = McpStatus.FAILED, error.message
            self._on_change()
            raise
        except BaseException:
            self.status, self.reason = McpStatus.ENDED, "its start was interrupted"
            raise
        finally:
            # Whoever came while it was under way takes its outcome for that of its own attempt.
            self._starts += 1
        self.status = McpStatus.READY
        if is_again:
            self._on_notice(NoticeLevel.INFO, f"The MCP server {self.name} runs again.")
        self._on_change()

    def _require_variables(self) -> None:
        missing = self._settings.missing_variables
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            raise McpServerError(f"{', '.join(missing)} {verb} not set in the environment")
