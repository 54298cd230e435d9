"""One MCP server from its start to its end: what it offers, what it is asked, how it ended."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

import anyio
from mcp import Client, MCPError
from mcp.client import Transport
from mcp_types import CONNECTION_CLOSED, INVALID_REQUEST, Implementation
from pydantic import ValidationError

from harn_tui import __version__
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.completion import run_to_completion
from harn_tui.tools.mcp.host.changes import ListChanges
from harn_tui.tools.mcp.host.content import call_answer, prompt_answer, resource_answer
from harn_tui.tools.mcp.host.failures import reason_of, was_never_sent
from harn_tui.tools.mcp.host.hidden_values import HiddenValues
from harn_tui.tools.mcp.host.http_transport import HttpAnswers, open_http_transport
from harn_tui.tools.mcp.host.listing import Listing, list_offers, offered_sorts
from harn_tui.tools.mcp.host.server_process import ServerProcess, server_environment
from harn_tui.tools.mcp.host.stdio_transport import StdioTransport
from harn_tui.tools.mcp.host_words import HostEvent
from harn_tui.tools.mcp.server_error import McpServerError
from harn_tui.tools.mcp.settings import McpServerSettings

log = logging.getLogger(__name__)

_CLOSE_TIMEOUT_S = 4.0
_ENDING_TIMEOUT_S = 6.0
"""How long an ended server's last process may take to go, before its end is told without it."""
_SUBSCRIBE_TIMEOUT_S = 5.0
_RELIST_PAUSE_S = 0.5
_CLIENT = Implementation(name="harn-tui", version=__version__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ConnectionListener:
    """What a connection tells by itself: a whole list, or, once, why it has ended."""

    on_offers: Callable[[HostEvent, Listing], None]
    on_end: Callable[[str], None]


class Connection:
    """A server that is reached as ``settings`` say. All errors are McpServerErrors.

    One task holds the SDK's client open, because that must be closed by the task that opened it.
    """

    def __init__(self, settings: McpServerSettings, listener: ConnectionListener) -> None:
        self._settings = settings
        self._listener = listener
        self._hidden = HiddenValues(settings)
        self._changes = ListChanges()
        self._answers = HttpAnswers()
        self._process: ServerProcess | None = None
        self._client: Client | None = None
        self._serving: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self._over = asyncio.Event()
        self._is_closing = False
        self._failure: Exception | None = None

    async def start(self) -> None:
        """Reach the server and list what it offers; on failure nothing of it is left."""
        self._serving = asyncio.create_task(self._serve(), name=f"mcp {self._settings.name}")
        limit_s = self._settings.start_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                await self._settled.wait()
        except TimeoutError as error:
            raise McpServerError(
                f"it was not ready within {limit_s:g} s; its start_timeout_s can be raised"
            ) from error
        finally:
            if self._client is None:
                await self.close()
        if self._client is None:
            raise McpServerError(self._reason())

    async def call(
        self, tool: str, arguments: JsonObject, on_progress: Callable[[str], None]
    ) -> JsonObject:
        """Call a tool and return ``{"text", "is_error", "details"}``."""

        async def show(progress: float, total: float | None, message: str | None) -> None:
            amount = f"{progress:g}" if total is None else f"{progress:g}/{total:g}"
            on_progress(self._hidden.hide(f"{amount} {message or ''}".strip()))

        result = await self._ask(
            lambda client: client.call_tool(tool, arguments, progress_callback=show)
        )
        return call_answer(result, self._hidden)

    async def read_resource(self, uri: str) -> JsonObject:
        """Read a resource and return ``{"text"}``."""
        return resource_answer(
            await self._ask(lambda client: client.read_resource(uri)), self._hidden
        )

    async def get_prompt(self, name: str, arguments: dict[str, str]) -> JsonObject:
        """Fill in a prompt and return ``{"text"}``."""
        return prompt_answer(
            await self._ask(lambda client: client.get_prompt(name, arguments)), self._hidden
        )

    async def close(self) -> None:
        """End the connection, and the server when it was started here, whoever is cancelled."""
        self._is_closing = True
        self._over.set()
        if self._serving is not None:
            await run_to_completion(self._close(self._serving))

    async def _close(self, serving: asyncio.Task[None]) -> None:
        if self._client is not None:
            await asyncio.wait({serving}, timeout=_CLOSE_TIMEOUT_S)
        serving.cancel()
        await asyncio.wait({serving})

    async def _serve(self) -> None:
        try:
            async with self._open_client() as client:
                await self._attend(client)
        except Exception as error:  # noqa: BLE001 - boundary: what ends a connection is its reason
            self._failure = error
            self._log(f"connection ended: {reason_of(error)}")
        finally:
            had_started = self._client is not None
            self._client = None
            self._over.set()
            self._settled.set()
        if had_started and not self._is_closing:
            self._listener.on_end(self._reason())

    @asynccontextmanager
    async def _open_client(self) -> AsyncIterator[Client]:
        async with (
            self._open_transport() as transport,
            Client(
                transport, client_info=_CLIENT, cache=None, message_handler=self._changes.take
            ) as client,
        ):
            yield client

    @asynccontextmanager
    async def _open_transport(self) -> AsyncIterator[Transport]:
        settings = self._settings
        if settings.url is not None:
            async with open_http_transport(
                settings.url, settings.headers, self._answers
            ) as transport:
                yield transport
            return
        environment = server_environment(settings.env, os.environ)
        self._process = ServerProcess(settings.command, settings.cwd, environment, self._log)
        yield StdioTransport(self._process, log=self._log, on_end=self._over.set)

    async def _attend(self, client: Client) -> None:
        """List what there is, and again what changes, until the server ends or is to be closed."""
        async with anyio.create_task_group() as tasks:
            with anyio.move_on_after(_SUBSCRIBE_TIMEOUT_S):
                await tasks.start(self._changes.listen, client)
            for sort in offered_sorts(client):
                await self._list(client, sort)
            self._client = client
            self._settled.set()
            tasks.start_soon(self._list_again, client)
            await self._over.wait()
            tasks.cancel_scope.cancel()

    async def _list(self, client: Client, sort: HostEvent) -> None:
        settings = self._settings
        listing = await list_offers(client, sort, settings.name, settings.enabled_tools)
        self._listener.on_offers(sort, listing)

    async def _list_again(self, client: Client) -> None:
        while True:
            for sort in await self._changes.wait():
                try:
                    await self._list(client, sort)
                except (MCPError, ValidationError) as error:
                    self._log(f"its {sort} could not be listed again: {reason_of(error)}")
            # A server that answers each listing with another change must not keep us busy.
            await asyncio.sleep(_RELIST_PAUSE_S)

    async def _ask(self, ask: Callable[[Client], Awaitable[T]]) -> T:
        client = self._client
        if client is None or self._over.is_set():
            raise McpServerError(self._reason(), may_repeat=True)
        limit_s = self._settings.call_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                return await ask(client)
        except TimeoutError as error:
            raise McpServerError(
                f"it did not answer within {limit_s:g} s; its call_timeout_s can be raised",
                category=ToolErrorCategory.TIMEOUT,
            ) from error
        except MCPError as error:
            raise await self._worded(error) from error
        except (ValidationError, RuntimeError) as error:
            raise McpServerError(self._hidden.hide(reason_of(error))) from error

    async def _worded(self, error: MCPError) -> McpServerError:
        if error.code == INVALID_REQUEST and self._answers.refusal == HTTPStatus.NOT_FOUND:
            self._failure = McpServerError("it has forgotten the session", may_repeat=True)
            self._over.set()
            return self._failure
        if error.code == CONNECTION_CLOSED and self._serving is not None:
            # Servers use this code as well, so the end itself is what counts.
            await asyncio.wait({self._serving}, timeout=_ENDING_TIMEOUT_S)
            if self._serving.done():
                repeatable = self._failure is not None and was_never_sent(self._failure)
                return McpServerError(self._reason(), may_repeat=repeatable)
        words = self._answers.refusal_words() or reason_of(error)
        return McpServerError(self._hidden.hide(words))

    def _reason(self) -> str:
        """Return why the server cannot be asked."""
        if isinstance(self._failure, McpServerError):
            return self._hidden.hide(self._failure.message)
        refusal = self._answers.refusal_words()
        if refusal is not None:
            return refusal
        process = self._process
        if process is not None and process.has_ended:
            return self._hidden.hide(process.ending())
        if self._failure is not None:
            return self._hidden.hide(reason_of(self._failure))
        return "it has ended"

    def _log(self, text: str) -> None:
        log.info("%s: %s", self._settings.name, self._hidden.hide(text))
