"""Answers what the console asks of MCP servers, many requests at a time, each on its own task."""

import asyncio
import logging
import time
from collections.abc import Callable

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools.mcp.host.connection import Connection, ConnectionListener
from harn_tui.tools.mcp.host.listing import Listing
from harn_tui.tools.mcp.host_words import HostEvent, HostMethod
from harn_tui.tools.mcp.server_error import McpServerError
from harn_tui.tools.mcp.settings import McpServerSettings, settings_from_json

log = logging.getLogger(__name__)

_PROGRESS_PAUSE_S = 0.1


class McpService:
    """All connections of one console. ``post`` takes each message to the console."""

    def __init__(self, post: Callable[[JsonObject], None]) -> None:
        self._post = post
        self._connections: dict[str, Connection] = {}
        self._requests: dict[int, asyncio.Task[None]] = {}

    def take(self, message: JsonObject) -> None:
        """Begin to answer a request, or cancel one."""
        params = _table(message.get("params"))
        if message["method"] == HostMethod.CANCEL:
            task = self._requests.get(_number(params["id"]))
            if task is not None:
                task.cancel()
            return
        request_id = _number(message["id"])
        method = HostMethod(str(message["method"]))
        task = asyncio.create_task(self._answer(request_id, method, params))
        self._requests[request_id] = task
        task.add_done_callback(lambda _: self._requests.pop(request_id, None))

    async def aclose(self) -> None:
        """Cancel what is being answered and end every server."""
        tasks = list(self._requests.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        closing = [connection.close() for connection in self._connections.values()]
        await asyncio.gather(*closing, return_exceptions=True)

    async def _answer(self, request_id: int, method: HostMethod, params: JsonObject) -> None:
        try:
            answer: JsonObject = {
                "id": request_id,
                "result": await self._work(method, params, request_id),
            }
        except ToolError as error:
            answer = {"id": request_id, "error": _error(error)}
        except Exception as error:
            # boundary: a bug here, or in the SDK, must not take the other servers along
            log.exception("request failed id=%s", request_id)
            answer = {"id": request_id, "error": _error(ToolError(f"internal error: {error}"))}
        self._post(answer)

    async def _work(self, method: HostMethod, params: JsonObject, request_id: int) -> JsonObject:
        if method is HostMethod.START:
            return await self._start(settings_from_json(params))
        connection = self._connection(str(params["server"]))
        if method is HostMethod.READ_RESOURCE:
            return await connection.read_resource(str(params["uri"]))
        arguments = _table(params["arguments"])
        if method is HostMethod.GET_PROMPT:
            texts = {name: str(value) for name, value in arguments.items()}
            return await connection.get_prompt(str(params["name"]), texts)
        on_progress = _Progress(request_id, self._post).tell
        return await connection.call(str(params["tool"]), arguments, on_progress)

    async def _start(self, settings: McpServerSettings) -> JsonObject:
        old = self._connections.pop(settings.name, None)
        if old is not None:
            await old.close()
        connection = Connection(settings, self._listener(settings.name))
        await connection.start()
        self._connections[settings.name] = connection
        return {}

    def _connection(self, server: str) -> Connection:
        connection = self._connections.get(server)
        if connection is None:
            raise McpServerError("it is not running", may_repeat=True)
        return connection

    def _listener(self, server: str) -> ConnectionListener:
        told: set[str] = set()

        def on_offers(sort: HostEvent, listing: Listing) -> None:
            offers: list[JsonValue] = [*listing.offers]
            self._post({"event": sort.value, "server": server, "offers": offers})
            for remark in listing.remarks:
                if remark not in told:  # a list that changes often is no reason to say it again
                    told.add(remark)
                    self._post({"event": HostEvent.NOTICE.value, "server": server, "text": remark})

        def on_end(reason: str) -> None:
            self._post({"event": HostEvent.ENDED.value, "server": server, "reason": reason})

        return ConnectionListener(on_offers, on_end)


class _Progress:
    """Passes the progress of one call on, at a pace that people can read."""

    def __init__(self, request_id: int, post: Callable[[JsonObject], None]) -> None:
        self._request_id = request_id
        self._post = post
        self._last_told = 0.0

    def tell(self, text: str) -> None:
        now = time.monotonic()
        if now - self._last_told >= _PROGRESS_PAUSE_S:
            self._last_told = now
            self._post(
                {"event": HostEvent.PROGRESS.value, "id": self._request_id, "text": text[:500]}
            )


def _error(error: ToolError) -> JsonObject:
    return {
        "message": error.message,
        "category": error.category.value,
        "may_repeat": isinstance(error, McpServerError) and error.may_repeat,
    }


def _table(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
