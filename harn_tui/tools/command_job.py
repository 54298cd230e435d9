"""One long-running command: a task that nobody waits for, and what can be asked of it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import CommandStatus, SandboxMode, ToolErrorCategory
from harn_tui.tools.command_start import ShellCommand
from harn_tui.tools.output_window import OutputWindow
from harn_tui.tools.running_command import (
    CommandOutcome,
    CommandServices,
    RunningCommand,
    signal_name,
)

_UNREAD_HEAD_BYTES = 4_000
_UNREAD_TAIL_BYTES = 12_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobIds:
    """The names of a long-running command; the handle is what a model uses."""

    command_id: str
    handle_id: str


class CommandJob:
    """Runs a command in a task of its own until it ends, its time is up, or ``stop``.

    ``on_end`` is called on the event loop when it has ended by itself or by its time limit, not
    when it was stopped or never started. ``clock`` gives the time of day with its zone.
    """

    def __init__(
        self,
        ids: JobIds,
        command: ShellCommand,
        services: CommandServices,
        *,
        timeout_s: float | None,
        clock: Callable[[], datetime],
        on_end: Callable[["CommandJob"], None],
    ) -> None:
        self.ids = ids
        self.command = command
        self._services = services
        self._timeout_s = timeout_s
        self._clock = clock
        self._on_end = on_end
        self._unread = OutputWindow(_UNREAD_HEAD_BYTES, _UNREAD_TAIL_BYTES)
        self._started_at = clock()
        self._ended_at: datetime | None = None
        self._process_id: int | None = None
        self._mode: SandboxMode | None = None
        self._outcome: CommandOutcome | None = None
        self._is_stopped = False
        self._has_started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(), name=f"command {ids.handle_id}")

    @property
    def status(self) -> CommandStatus:
        """Where the command stands."""
        if self._is_stopped:
            return CommandStatus.STOPPED
        has_ended = self._ended_at is not None
        return CommandStatus.COMPLETED if has_ended else CommandStatus.RUNNING

    @property
    def outcome(self) -> CommandOutcome | None:
        """How it ended by itself; ``None`` while it runs, and when it was stopped."""
        return self._outcome

    @property
    def duration_s(self) -> float:
        """Seconds that it has run so far, or ran."""
        return ((self._ended_at or self._clock()) - self._started_at).total_seconds()

    async def wait_started(self) -> None:
        """Return once the command runs. Raises ToolError when it could not be started.

        A command whose start is cancelled is stopped.
        """
        try:
            await asyncio.wait({self._has_started})
        except asyncio.CancelledError:
            await self.stop()
            raise
        if self._has_started.cancelled():
            raise ToolError(
                "The command was stopped before it had started.",
                category=ToolErrorCategory.CANCELLED,
            )
        self._has_started.result()

    async def wait_ended(self, patience_s: float) -> None:
        """Return when the command has ended, or after ``patience_s`` seconds."""
        if patience_s > 0:
            await asyncio.wait({self._task}, timeout=patience_s)

    async def stop(self) -> bool:
        """End the command and all that it started; ``False`` when it had ended before."""
        if self._task.done():
            return False
        self._is_stopped = True
        self._task.cancel()
        await asyncio.wait({self._task})
        return True

    def take_unread(self) -> str:
        """Return what was printed since the last call, its middle cut when it is long."""
        text = self._unread.text()
        self._unread = OutputWindow(_UNREAD_HEAD_BYTES, _UNREAD_TAIL_BYTES)
        return text

    def as_json(self) -> JsonObject:
        """Return what is known of it, in the form of docs/tools.md (long-running commands)."""
        outcome = self._outcome
        ended_at = self._ended_at
        output = outcome.output if outcome else None
        return {
            "command_id": self.ids.command_id,
            "handle_id": self.ids.handle_id,
            "command": self.command.text,
            "status": self.status.value,
            "pid": self._process_id,
            "process_group_id": self._process_id,
            "started_at": _rfc3339(self._started_at),
            "ended_at": _rfc3339(ended_at) if ended_at else None,
            "duration_ms": round(self.duration_s * 1000) if ended_at else 0,
            "exit_code": outcome.exit_code if outcome else None,
            "signal": signal_name(outcome.return_code) if outcome else None,
            "timed_out": outcome.timed_out if outcome else False,
            "sandbox": self._mode.value if self._mode else None,
            "stdout": output.text if output else "",
            "stderr": "",
            "output_handle": output.blob.handle if output and output.blob else None,
            "line_count": output.line_count if output else 0,
            "byte_count": output.byte_count if output else 0,
            "output_sha256": output.sha256 if output else "",
        }

    async def _run(self) -> None:
        running = RunningCommand(self._services, self._take)
        try:
            await self._start(running)
            timed_out = False
            try:
                timed_out = await self._wait(running)
            finally:
                await running.end()
            self._outcome = await running.outcome(timed_out=timed_out)
        except Exception as error:  # noqa: BLE001 - boundary: told to whoever started it, or logged
            self._fail(error)
        finally:
            self._ended_at = self._clock()
            if not self._has_started.done():
                self._has_started.cancel()
            await running.close()
        if self._process_id is not None:
            self._on_end(self)

    async def _start(self, running: RunningCommand) -> None:
        await running.start(self.command)
        self._process_id = running.started.process.pid
        self._mode = running.started.mode
        self._has_started.set_result(None)

    async def _wait(self, running: RunningCommand) -> bool:
        """Wait for the end of the command; return whether its time was up first."""
        done, _ = await asyncio.wait({running.exited}, timeout=self._timeout_s)
        if not done:
            return True
        await running.take_late_output()
        return False

    def _fail(self, error: Exception) -> None:
        if self._has_started.done():
            log.error("command failed handle=%s", self.ids.handle_id, exc_info=error)
        else:
            self._has_started.set_exception(error)
            self._has_started.exception()  # marks it as seen: the starter may be gone

    def _take(self, data: bytes) -> None:
        self._unread.feed(data)


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
