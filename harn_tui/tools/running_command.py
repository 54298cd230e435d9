"""A shell command from its start to the end of all that it started, its output captured."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from harn_tui.json_types import JsonObject
from harn_tui.kinds import SandboxMode
from harn_tui.tools.command_loads import CommandLoads
from harn_tui.tools.command_start import ShellCommand, StartedCommand, start_command
from harn_tui.tools.completion import run_to_completion
from harn_tui.tools.output_blobs import OutputBlobs
from harn_tui.tools.output_capture import CapturedOutput, OutputCapture
from harn_tui.tools.pipe_reader import PipeReader
from harn_tui.tools.process_tree import end_and_reap
from harn_tui.tools.sandbox.command_sandbox import CommandSandbox

# How long helpers of the shell may still print and end after it, such as in `> >(tee log)`.
_LATE_OUTPUT_S = 0.25
_SIGNAL_EXIT_BASE = 128  # what a shell reports for a child that a signal ended


@dataclass(frozen=True, slots=True)
class CommandServices:
    """What commands of a session share. ``None``: no sandbox, no place for long outputs."""

    sandbox: CommandSandbox | None = None
    blobs: OutputBlobs | None = None
    loads: CommandLoads = field(default_factory=CommandLoads)

    @property
    def confinement(self) -> Callable[[], Awaitable[str]] | None:
        """What says whether a sandbox will hold a command; ``None`` where there is none to ask."""
        return None if self.sandbox is None else self.sandbox.confinement


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """How a command ended.

    ``return_code`` is negative for a signal. ``ended_pids`` are the processes that were ended by
    force: all of them after a timeout, else those left in the background.
    """

    return_code: int
    output: CapturedOutput
    timed_out: bool
    ended_pids: tuple[int, ...]
    surviving_pids: tuple[int, ...]
    mode: SandboxMode

    @property
    def exit_code(self) -> int:
        """The code as a shell reports it: 128 and the number of a signal that ended it."""
        code = self.return_code
        return code if code >= 0 else _SIGNAL_EXIT_BASE - code

    @property
    def details(self) -> JsonObject:
        """What people and programs are told of it."""
        details: JsonObject = {"exit_code": self.exit_code, "sandbox": self.mode.value}
        if name := signal_name(self.return_code):
            details["signal"] = name
        if self.ended_pids:
            details["killed_pids"] = list(self.ended_pids)
        if self.timed_out:
            details["timed_out"] = True
        return {**details, **self.output.details}


class RunningCommand:
    """One command. ``start`` it, wait for ``exited``, ``end`` it, take its ``outcome``, ``close``.

    Both streams go through one pipe, so their lines stay in the order in which they were
    written. ``on_bytes`` hears of output as it arrives.
    """

    def __init__(
        self, services: CommandServices, on_bytes: Callable[[bytes], None] | None = None
    ) -> None:
        self._sandbox = services.sandbox
        self._on_bytes = on_bytes
        self._reader = PipeReader(self._take)
        self._capture = OutputCapture(services.blobs, self._slow_down)
        self._started: StartedCommand | None = None
        self._exited: asyncio.Task[int] | None = None

    @property
    def started(self) -> StartedCommand:
        """What runs. Only after ``start``."""
        assert self._started is not None
        return self._started

    @property
    def exited(self) -> asyncio.Task[int]:
        """Done when the shell has ended, whatever it left behind. Only after ``start``."""
        assert self._exited is not None
        return self._exited

    async def start(self, command: ShellCommand) -> None:
        """Start it. Raises ToolError. Once it is started, ``end`` must be awaited."""
        self._started = await start_command(command, self._reader.write_end, self._sandbox)
        self._reader.child_started()
        self._exited = asyncio.create_task(self._started.process.wait(), name="wait for a command")

    async def take_late_output(self) -> None:
        """After the shell has ended, give what it left behind a moment to print and end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LATE_OUTPUT_S):
                await self._reader.ended.wait()
                await self.started.tree.wait_until_gone()

    async def end(self) -> None:
        """End all that is left of it, and take what it had printed."""
        await run_to_completion(end_and_reap(self.started.tree, self.exited))
        self._reader.drain()

    async def outcome(self, *, timed_out: bool) -> CommandOutcome:
        """Return how it ended, once its output is on the disk."""
        code = self.started.process.returncode
        return CommandOutcome(
            return_code=-signal.SIGKILL if code is None else code,
            output=await self._capture.finish(),
            timed_out=timed_out,
            ended_pids=self.started.tree.ended_pids,
            surviving_pids=self.started.tree.surviving_pids,
            mode=self.started.mode,
        )

    async def close(self) -> None:
        """Close the pipe; without an ``outcome`` what was captured is thrown away."""
        self._reader.close()
        await run_to_completion(self._capture.discard())

    def _take(self, data: bytes) -> None:
        self._capture.feed(data)
        if self._on_bytes is not None:
            self._on_bytes(data)

    def _slow_down(self, is_behind: bool) -> None:
        if is_behind:
            self._reader.pause()
        else:
            self._reader.resume()


def ended_words(ended: tuple[int, ...], surviving: tuple[int, ...]) -> str:
    """Say which process ids were ended, and which could not be."""
    parts = []
    if ended:
        parts.append(f"processes ended: {', '.join(map(str, ended))}")
    if surviving:
        parts.append(f"processes that could not be ended: {', '.join(map(str, surviving))}")
    return "; ".join(parts) or "no process was left"


def signal_name(return_code: int) -> str | None:
    """Return the name of the signal that a negative return code stands for, else ``None``."""
    if return_code >= 0:
        return None
    try:
        return signal.Signals(-return_code).name
    except ValueError:
        return f"signal {-return_code}"
