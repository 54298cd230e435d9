"""Carries MCP messages over the pipes of a child process.

The SDK has such a transport too. This one holds no line of any length, drops what is no
message, and tells when a server has ended although nobody asked it anything.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import TypeAlias

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp_types import INTERNAL_ERROR, ErrorData, JSONRPCError, jsonrpc_message_adapter

from harn_tui.tools.completion import run_to_completion
from harn_tui.tools.mcp.host.message_lines import MOST_MESSAGE_BYTES, MessageLines, OverlongLine
from harn_tui.tools.mcp.host.server_process import READ_BYTES, ServerProcess

_LATE_OUTPUT_S = 0.5
_MOST_LOGGED_GARBAGE = 5
_SHOWN_BYTES = 300
# Where servers write the id of an answer: before everything else, or after it.
_FIRST_ID = re.compile(rb'\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*([0-9]{1,18})\s*,')
_LAST_ID = re.compile(rb'"id"\s*:\s*([0-9]{1,18})\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*\Z')

Streams: TypeAlias = tuple[
    MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]
]


class StdioTransport(AbstractAsyncContextManager[Streams]):
    """The messages of one run of a server, from its start to its end.

    ``on_end`` is called once, when the server has closed its output or has ended.
    """

    def __init__(
        self,
        process: ServerProcess,
        *,
        log: Callable[[str], None],
        on_end: Callable[[], None],
    ) -> None:
        self._process = process
        self._log = log
        self._on_end = on_end
        self._has_ended = False
        self._garbage = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._received, self._to_read = anyio.create_memory_object_stream[
            SessionMessage | Exception
        ](0)
        self._to_write, self._sent = anyio.create_memory_object_stream[SessionMessage](0)

    async def __aenter__(self) -> Streams:
        """Start the server; raises McpServerError."""
        try:
            await self._process.start()
        except BaseException:
            await run_to_completion(self._process.end())
            self._close_streams()
            raise
        reading = asyncio.create_task(self._read())
        self._tasks = [
            reading,
            asyncio.create_task(self._write()),
            asyncio.create_task(self._watch(reading)),
        ]
        return self._to_read, self._to_write

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the server and all that it started."""
        with anyio.CancelScope(shield=True):
            await run_to_completion(self._process.end())
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._close_streams()

    async def _read(self) -> None:
        lines = MessageLines()
        while data := await self._process.output.read(READ_BYTES):
            for line in lines.feed(data):
                message = self._message(line)
                if message is not None:
                    await self._hand_over(message)
        self._end()

    async def _hand_over(self, message: SessionMessage) -> None:
        """Give a message on; when nobody takes any more, the pipe is only kept from filling up."""
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            await self._received.send(message)

    async def _write(self) -> None:
        try:
            async for message in self._sent:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                await self._process.send(text.encode() + b"\n")
        except OSError:
            self._end()

    async def _watch(self, reading: asyncio.Task[None]) -> None:
        """Notice the end of the process even while a child of it keeps the pipe open."""
        await self._process.wait()
        await asyncio.wait({reading}, timeout=_LATE_OUTPUT_S)
        self._end()

    def _end(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._received.close()
            self._on_end()

    def _close_streams(self) -> None:
        for stream in (self._received, self._to_read, self._to_write, self._sent):
            stream.close()

    def _message(self, line: bytes | OverlongLine) -> SessionMessage | None:
        if isinstance(line, OverlongLine):
            return self._refusal(line)
        if not line.strip():
            return None
        try:
            return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
        except ValueError:
            self._garbage += 1
            if self._garbage <= _MOST_LOGGED_GARBAGE:
                shown = line[:_SHOWN_BYTES].decode("utf-8", "replace")
                self._log(f"printed a line that is no message: {shown}")
            return None

    def _refusal(self, line: OverlongLine) -> SessionMessage | None:
        """Answer in the place of an answer that was too long, so that its caller does not wait."""
        self._log(f"sent a message of more than {MOST_MESSAGE_BYTES:,} bytes")
        found = _FIRST_ID.match(line.head) or _LAST_ID.search(line.tail)
        if found is None:
            return None
        words = f"the answer has more than {MOST_MESSAGE_BYTES // 2**20} MiB; ask for less"
        error = ErrorData(code=INTERNAL_ERROR, message=words)
        return SessionMessage(JSONRPCError(jsonrpc="2.0", id=int(found[1]), error=error))
