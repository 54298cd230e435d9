"""The process that talks to MCP servers, run with ``python -m``.

A process and not a thread: importing the SDK takes up to a second, and an answer of some
megabytes is parsed in one go; Python lets nothing else run meanwhile. It ends, and all servers
with it, when its input does.
"""

import asyncio
import contextlib
import importlib
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from harn_tui.json_types import JsonObject
from harn_tui.tools.mcp.host_words import HostEvent

if TYPE_CHECKING:
    from harn_tui.tools.mcp.host.service import McpService

_LONGEST_REQUEST_BYTES = 64 * 1024 * 1024
_INPUT, _OUTPUT, _ERRORS = 0, 1, 2


async def serve(input_fd: int, output_fd: int) -> None:
    """Answer what comes from ``input_fd`` on ``output_fd`` until the input ends, or at SIGTERM."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    outgoing: asyncio.Queue[JsonObject | None] = asyncio.Queue()
    writing = asyncio.create_task(_write(outgoing, output_fd))
    try:
        service = _load_service(outgoing.put_nowait)
    except ImportError as error:
        outgoing.put_nowait({"event": HostEvent.UNUSABLE.value, "reason": str(error)})
    else:
        reading = asyncio.create_task(_read(service, input_fd))
        reading.add_done_callback(lambda _: stop.set())
        await stop.wait()
        reading.cancel()
        await asyncio.wait({reading})
        await service.aclose()
    outgoing.put_nowait(None)
    await writing


def main() -> int:
    """Serve the console that started this process; 0 when that has closed our input."""
    # Whatever prints to standard output must not end up between the messages.
    output = os.dup(_OUTPUT)
    os.dup2(_ERRORS, _OUTPUT)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    logging.getLogger("harn_tui").setLevel(logging.INFO)
    asyncio.run(serve(_INPUT, output))
    return 0


def _load_service(post: Callable[[JsonObject], None]) -> "McpService":
    """Import the SDK with all that needs it; raises ImportError when it is not there."""
    module = importlib.import_module("harn_tui.tools.mcp.host.service")
    service: McpService = module.McpService(post)
    return service


async def _read(service: "McpService", input_fd: int) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LONGEST_REQUEST_BYTES)
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(input_fd, "rb", 0))
    try:
        while line := await reader.readline():
            service.take(json.loads(line))
    finally:
        transport.close()


async def _write(outgoing: asyncio.Queue[JsonObject | None], output_fd: int) -> None:
    loop = asyncio.get_running_loop()
    protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader())
    transport, _ = await loop.connect_write_pipe(lambda: protocol, os.fdopen(output_fd, "wb", 0))
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    with contextlib.suppress(OSError):  # the console is gone; the end of our input tells as well
        while (message := await outgoing.get()) is not None:
            writer.write(json.dumps(message).encode() + b"\n")
            await writer.drain()
    transport.close()


if __name__ == "__main__":
    sys.exit(main())
