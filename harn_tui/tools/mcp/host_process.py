"""Starts the process that talks to MCP servers, and carries requests to it and events from it."""

import asyncio
import contextlib
import itertools
import json
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.completion import run_to_completion
from harn_tui.tools.mcp.host_words import LONGEST_LINE_BYTES, HostEvent, HostMethod
from harn_tui.tools.mcp.line_log import LineLog
from harn_tui.tools.mcp.server_error import McpServerError
from harn_tui.tools.pipe_reader import PipeReader
from harn_tui.tools.process_tree import ProcessTree, end_and_reap

log = logging.getLogger(__name__)

_COMMAND = (sys.executable, "-P", "-m", "harn_tui.tools.mcp.host.main")
"""``-P``: nothing that lies in the working folder is imported."""
_GONE = "the process that talks to MCP servers has ended"
_WITHOUT_SDK = "they need the Python package mcp; install it with pip install 'harn-console[mcp]'"
_CLOSE_TIMEOUT_S = 6.0
_MOST_LOGGED_BYTES = 1024 * 1024
_PARSED_AT_ONCE_BYTES = 256 * 1024


class HostUnusableError(McpServerError):
    """No server can be reached at all, because the process cannot load the SDK."""


class HostProcess:
    """One run of the process. All methods are called on one event loop.

    ``on_event`` takes the events of host_words.py but for progress; ``on_end`` is called once
    when the process has ended although nobody closed it. What it logs goes into our log.
    """

    def __init__(self, on_event: Callable[[JsonObject], None], on_end: Callable[[], None]) -> None:
        self._on_event = on_event
        self._on_end = on_end
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[JsonObject]] = {}
        self._progress: dict[int, Callable[[str], None]] = {}
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._exited: asyncio.Task[int] | None = None
        self._errors: PipeReader | None = None
        self._error_log = LineLog(lambda line: log.info("%s", line), _MOST_LOGGED_BYTES)
        self._draining = asyncio.Lock()
        self._is_closing = False
        self._unusable_reason: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether requests can be sent."""
        return self._reading is not None and not self._reading.done()

    async def start(self) -> None:
        """Start the process; raises McpServerError when the system refuses."""
        self._errors = errors = PipeReader(self._error_log.feed)
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *_COMMAND,
                stdin=PIPE,
                stdout=PIPE,
                stderr=errors.write_end,
                limit=LONGEST_LINE_BYTES,
                start_new_session=True,
            )
        except BaseException as error:
            errors.close()
            if isinstance(error, OSError):
                reason = f"no process could be started for it: {error.strerror}"
                raise McpServerError(reason) from error
            raise
        errors.child_started()
        self._exited = asyncio.create_task(process.wait())
        self._reading = asyncio.create_task(self._read(process))

    async def request(
        self,
        method: HostMethod,
        params: JsonObject,
        on_progress: Callable[[str], None] | None = None,
    ) -> JsonObject:
        """Ask the process and return its result.

        A cancellation is passed on. Raises McpServerError, also when the process ends meanwhile.
        """
        if not self.is_running:
            raise self._failure(may_repeat=True)
        request_id = next(self._ids)
        answer: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = answer
        if on_progress is not None:
            self._progress[request_id] = on_progress
        try:
            await self._send({"id": request_id, "method": method.value, "params": params})
            return await answer
        except asyncio.CancelledError:
            self._cancel(request_id)
            raise
        finally:
            self._waiting.pop(request_id, None)
            self._progress.pop(request_id, None)

    async def aclose(self) -> None:
        """End the process and every server that it started. May be called more than once."""
        self._is_closing = True
        await run_to_completion(self._close())

    async def _close(self) -> None:
        process, exited, reading, errors = self._process, self._exited, self._reading, self._errors
        if process is None or exited is None or reading is None or errors is None:
            return
        self._process = None
        if process.stdin is not None:
            process.stdin.close()
        await asyncio.wait({exited}, timeout=_CLOSE_TIMEOUT_S)
        await end_and_reap(ProcessTree(process.pid), exited)
        reading.cancel()
        await asyncio.wait({reading})
        errors.drain()
        errors.close()
        self._error_log.flush()

    async def _send(self, message: JsonObject) -> None:
        stdin = self._process.stdin if self._process else None
        if stdin is None:
            return
        stdin.write(_line(message))
        async with self._draining:
            with contextlib.suppress(OSError):  # the end of its output tells of its end
                await stdin.drain()

    def _cancel(self, request_id: int) -> None:
        stdin = self._process.stdin if self._process else None
        if stdin is not None and not stdin.is_closing():
            stdin.write(_line({"method": HostMethod.CANCEL.value, "params": {"id": request_id}}))

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        try:
            while line := await process.stdout.readline():
                is_short = len(line) <= _PARSED_AT_ONCE_BYTES
                self._take(
                    json.loads(line) if is_short else await asyncio.to_thread(json.loads, line)
                )
                await asyncio.sleep(0)  # many lines at once must not hold up a screen
        except ValueError:
            log.exception("the process that talks to MCP servers sent something else than messages")
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(self._failure())
        if not self._is_closing:
            self._on_end()

    def _failure(self, *, may_repeat: bool = False) -> McpServerError:
        if self._unusable_reason is not None:
            return HostUnusableError(f"{_WITHOUT_SDK} ({self._unusable_reason})")
        return McpServerError(_GONE, may_repeat=may_repeat)

    def _take(self, message: JsonObject) -> None:
        event = message.get("event")
        if event == HostEvent.PROGRESS:
            show = self._progress.get(_id(message))
            if show is not None:
                show(str(message["text"]))
            return
        if event == HostEvent.UNUSABLE:
            self._unusable_reason = str(message["reason"])
            return
        if event is not None:
            self._on_event(message)
            return
        answer = self._waiting.get(_id(message))
        if answer is None or answer.done():
            return
        error, result = message.get("error"), message.get("result")
        if isinstance(error, dict):
            answer.set_exception(_error(error))
        else:
            answer.set_result(result if isinstance(result, dict) else {})


def _line(message: JsonObject) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _id(message: JsonObject) -> int:
    value = message.get("id")
    return value if isinstance(value, int) else 0


def _error(values: dict[str, JsonValue]) -> McpServerError:
    return McpServerError(
        str(values["message"]),
        category=ToolErrorCategory(str(values["category"])),
        may_repeat=values["may_repeat"] is True,
    )
