"""One run of a shell command: its output, its end, and the end of all it started."""

import asyncio
import contextlib
import shutil
import signal
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.kinds import OutputStream
from harn_tui.tools.completion import run_to_completion
from harn_tui.tools.live_output import LiveOutput
from harn_tui.tools.output_window import OutputWindow
from harn_tui.tools.pipe_reader import PipeReader
from harn_tui.tools.process_start import start_process
from harn_tui.tools.process_tree import ProcessTree, end_and_reap

# How long helpers of the shell may still print and end after it, such as in `> >(tee log)`.
_LATE_OUTPUT_S = 0.25


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """How a command ended.

    ``return_code`` is negative for a signal. ``ended_pids`` are the processes that were ended by
    force: all of them after a timeout, else those left in the background.
    """

    return_code: int
    output: str
    timed_out: bool
    ended_pids: tuple[int, ...]
    surviving_pids: tuple[int, ...]


class CommandRun:
    """Runs a command in a shell that leads its own process session, stdin empty.

    Both streams go through one pipe, so their lines stay in the order in which they were
    written; live output is therefore always reported as stdout.
    """

    def __init__(self, on_output: Callable[[str, OutputStream], None]) -> None:
        self._live = LiveOutput(on_output)
        self._window = OutputWindow()
        self._news = asyncio.Event()

    async def run(self, command: str, cwd: Path, timeout_s: float) -> CommandOutcome:
        """Run ``command`` to its end, or for ``timeout_s`` seconds; leaves no process behind.

        When the task is cancelled the processes are ended first and a line of live output says
        which; the same words are noted on the CancelledError.
        """
        reader = PipeReader(self._take)
        try:
            process = await _start(command, cwd, reader.write_end)
            reader.child_started()
            tree = ProcessTree(process.pid)
            try:
                timed_out = await self._watch_then_end(process, tree, reader, timeout_s)
            except asyncio.CancelledError as error:
                self._tell_cancelled(tree, error)
                raise
            reader.drain()
            self._live.flush(final=True)
        finally:
            reader.close()
        code = process.returncode
        return CommandOutcome(
            return_code=-signal.SIGKILL if code is None else code,
            output=self._window.text(),
            timed_out=timed_out,
            ended_pids=tree.ended_pids,
            surviving_pids=tree.surviving_pids,
        )

    async def _watch_then_end(
        self, process: Process, tree: ProcessTree, reader: PipeReader, timeout_s: float
    ) -> bool:
        exited = asyncio.create_task(process.wait())
        try:
            return await self._watch(exited, tree, reader, timeout_s)
        finally:
            await run_to_completion(end_and_reap(tree, exited))

    async def _watch(
        self,
        exited: asyncio.Task[int],
        tree: ProcessTree,
        reader: PipeReader,
        timeout_s: float,
    ) -> bool:
        """Pass output on until the shell has ended; return whether the time was up first."""
        exited.add_done_callback(lambda _: self._news.set())
        try:
            async with asyncio.timeout(timeout_s):
                while not exited.done():
                    await self._news.wait()
                    self._news.clear()
                    self._live.flush()
                    await asyncio.wait({exited}, timeout=self._live.pause_s)
        except TimeoutError:
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LATE_OUTPUT_S):
                await reader.ended.wait()
                await tree.wait_until_gone()
        return False

    def _take(self, data: bytes) -> None:
        self._window.feed(data)
        self._live.feed(data)
        self._news.set()

    def _tell_cancelled(self, tree: ProcessTree, error: asyncio.CancelledError) -> None:
        self._live.flush(final=True)
        words = f"[stopped; {ended_words(tree.ended_pids, tree.surviving_pids)}]"
        self._live.say(words)
        error.add_note(words)


def ended_words(ended: tuple[int, ...], surviving: tuple[int, ...]) -> str:
    """Say which process ids were ended, and which could not be."""
    parts = []
    if ended:
        parts.append(f"processes ended: {', '.join(map(str, ended))}")
    if surviving:
        parts.append(f"processes that could not be ended: {', '.join(map(str, surviving))}")
    return "; ".join(parts) or "no process was left"


async def _start(command: str, cwd: Path, output: int) -> Process:
    shell = shutil.which("bash") or "/bin/sh"
    try:
        return await start_process(
            shell, "-c", command, stdin=DEVNULL, stdout=output, stderr=STDOUT, cwd=cwd
        )
    except (OSError, ValueError) as error:
        raise ToolError(
            f"The command could not be started: {_reason(error)}.",
            hint="Very long commands belong in a script file; the working folder must exist.",
        ) from error


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def signal_name(return_code: int) -> str | None:
    """Return the name of the signal that a negative return code stands for, else ``None``."""
    if return_code >= 0:
        return None
    try:
        return signal.Signals(-return_code).name
    except ValueError:
        return f"signal {-return_code}"
