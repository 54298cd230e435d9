"""An MCP server as a child process: its pipes, its last words, and the end of all it started."""

import asyncio
import os
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from harn_tui.tools.mcp.line_log import LineLog
from harn_tui.tools.mcp.server_error import McpServerError
from harn_tui.tools.output_window import OutputWindow
from harn_tui.tools.pipe_reader import PipeReader
from harn_tui.tools.process_tree import ProcessTree, end_and_reap
from harn_tui.tools.readable import one_line
from harn_tui.tools.running_command import signal_name

READ_BYTES = 64 * 1024
_INPUT_GRACE_S = 0.5
"""How long a server may take to end by itself once its input has ended."""
_SHOWN_CHARACTERS = 300

_INHERITED = (
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
)
"""Variables that every server gets. The others may be secrets and have to be configured."""


def server_environment(
    configured: Mapping[str, str], environment: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables that a server gets: a harmless few, and those that were configured."""
    return {name: environment[name] for name in _INHERITED if name in environment} | {**configured}


class _Pipe:
    """A pipe of which the child has one end and the event loop the other."""

    def __init__(self, *, child_reads: bool) -> None:
        read_end, write_end = os.pipe()
        self.child_end, self._own_end = (
            (read_end, write_end) if child_reads else (write_end, read_end)
        )
        self.reader = asyncio.StreamReader(limit=READ_BYTES)
        self._child_reads = child_reads
        self._transport: asyncio.BaseTransport | None = None
        self._is_child_end_open = True

    async def connect(self) -> asyncio.StreamWriter | None:
        """Put our end on the event loop; returns a writer when it is the one to write to."""
        loop = asyncio.get_running_loop()
        protocol = asyncio.StreamReaderProtocol(self.reader)
        file = os.fdopen(self._own_end, "wb" if self._child_reads else "rb", buffering=0)
        if not self._child_reads:
            self._transport, _ = await loop.connect_read_pipe(lambda: protocol, file)
            return None
        transport, _ = await loop.connect_write_pipe(lambda: protocol, file)
        self._transport = transport
        return asyncio.StreamWriter(transport, protocol, None, loop)

    def child_started(self) -> None:
        """Close our copy of the child's end, so that the end of the other side can be seen."""
        if self._is_child_end_open:
            self._is_child_end_open = False
            os.close(self.child_end)

    def close(self) -> None:
        """Close what is open of it. May be called more than once."""
        self.child_started()
        if self._transport is not None:
            self._transport.close()


class ServerProcess:
    """One run of a server, in a process session of its own.

    The pipes are made here and not by asyncio, which does not tell of the end of a process while
    a child of that keeps one of them open.
    """

    def __init__(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Callable[[str], None]
    ) -> None:
        self._command = command
        self._cwd = cwd
        self._env = env
        self._log = LineLog(log)
        self._last_words = OutputWindow(1000, 4000)
        self._input = _Pipe(child_reads=True)
        self._output = _Pipe(child_reads=False)
        self._errors = PipeReader(self._take_error)
        self._process: Process | None = None
        self._exited: asyncio.Task[int] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._own_code: int | None = None

    async def start(self) -> None:
        """Start the server; raises McpServerError. Call ``end`` whatever comes of it."""
        self._writer = await self._input.connect()
        await self._output.connect()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=self._input.child_end,
                stdout=self._output.child_end,
                stderr=self._errors.write_end,
                cwd=self._cwd,
                env=dict(self._env),
                start_new_session=True,
            )
        except FileNotFoundError as error:
            missing = f"program {self._command[0]}" if self._cwd.is_dir() else f"folder {self._cwd}"
            raise McpServerError(f"there is no {missing}") from error
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise McpServerError(f"{self._command[0]} cannot be run: {reason}") from error
        for pipe in (self._input, self._output, self._errors):
            pipe.child_started()
        self._exited = asyncio.create_task(self._process.wait())

    @property
    def output(self) -> asyncio.StreamReader:
        """What the server prints; it is not read much further ahead than it is taken."""
        return self._output.reader

    async def send(self, data: bytes) -> None:
        """Write to the server; waits while it does not read. Raises OSError when it has ended."""
        if self._writer is None:
            raise BrokenPipeError
        self._writer.write(data)
        await self._writer.drain()

    async def wait(self) -> None:
        """Wait until the process has ended."""
        if self._exited is not None:
            await asyncio.wait({self._exited})

    @property
    def has_ended(self) -> bool:
        """Whether it ran and has ended, by itself or by ``end``."""
        return self._exited is not None and self._exited.done()

    def ending(self) -> str:
        """Return how the server ended, with the last line it wrote to its standard error."""
        if self._own_code is None:
            how = "it closed its output"
        else:
            how = f"it ended with {signal_name(self._own_code) or f'exit code {self._own_code}'}"
        lines = self._last_words.text().strip().splitlines()
        return f"{how}: {one_line(lines[-1], _SHOWN_CHARACTERS)}" if lines else how

    async def end(self) -> None:
        """End the server and all that it started: its input first, then by force."""
        self._input.close()
        if self._process is not None and self._exited is not None:
            await asyncio.wait({self._exited}, timeout=_INPUT_GRACE_S)
            self._own_code = self._process.returncode
            await end_and_reap(ProcessTree(self._process.pid), self._exited)
        self._output.close()
        self._errors.drain()
        self._errors.close()
        self._log.flush()

    def _take_error(self, data: bytes) -> None:
        self._last_words.feed(data)
        self._log.feed(data)
