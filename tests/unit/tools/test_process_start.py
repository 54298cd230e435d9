"""Starting a program: whatever it has begun when it is cancelled can be ended."""

import asyncio
import os
import select
from asyncio.subprocess import DEVNULL
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harn_tui.kinds import OutputStream
from harn_tui.loop.command_hook import CommandHook
from harn_tui.tools.command_jobs import CommandJobs
from harn_tui.tools.command_run import CommandRun
from harn_tui.tools.command_start import ShellCommand
from harn_tui.tools.process_start import start_process
from harn_tui.tools.process_table import running_processes
from harn_tui.tools.running_command import CommandServices
from tests.support.counted_steps import StepCounter
from tests.unit.tools.processes import is_running

MOST_STEPS = 30


class CancelledStart:
    """Runs a command that starts a helper, and cancels it at the await ``at``.

    When the command runs by then, the helper is given the time to run too.
    """

    def __init__(self, folder: Path, at: int) -> None:
        folder.mkdir()
        self.folder = folder
        self.helper_pid: int | None = None
        self.cancelling = 0
        self._at = at
        self._told = folder / "told"
        os.mkfifo(self._told)
        self._fd = os.open(self._told, os.O_RDWR | os.O_NONBLOCK)
        self._task: asyncio.Task[object] | None = None
        self._steps = 0

    @property
    def command(self) -> str:
        return f"sleep 600 & echo $! > {self._told}; wait"

    def run(self, work: Callable[["CancelledStart"], Awaitable[object]]) -> None:
        counter = StepCounter(self._on_step)
        try:
            with asyncio.Runner(loop_factory=counter.new_event_loop) as runner:
                runner.run(self._run(work))
        finally:
            os.close(self._fd)

    async def _run(self, work: Callable[["CancelledStart"], Awaitable[object]]) -> None:
        async def body() -> object:
            return await work(self)

        self._task = asyncio.create_task(body())
        with pytest.raises(asyncio.CancelledError):
            await self._task
        self.cancelling = self._task.cancelling()

    def _on_step(self, step: int) -> None:
        if self._task is None or self._task.done():
            return
        self._steps += 1
        if self._steps == self._at:
            if any(row.parent_pid == os.getpid() for row in running_processes()):
                select.select([self._fd], [], [], 10.0)
                self.helper_pid = int(os.read(self._fd, 64))
            self._task.cancel()


def _cancelled_starts(
    folder: Path, work: Callable[[CancelledStart], Awaitable[object]]
) -> list[CancelledStart]:
    """Cancel ``work`` at its first await, its second, and so on until its helper ran twice."""
    starts: list[CancelledStart] = []
    while sum(start.helper_pid is not None for start in starts) < 2:
        assert len(starts) < MOST_STEPS
        starts.append(CancelledStart(folder / str(len(starts)), len(starts) + 1))
        starts[-1].run(work)
    return starts


def _assert_ended(starts: list[CancelledStart]) -> None:
    helpers = [start.helper_pid for start in starts if start.helper_pid is not None]
    assert not any(is_running(pid) for pid in helpers)
    assert {start.cancelling for start in starts} == {1}


def test_a_command_cancelled_while_it_starts_ends_with_all_it_began_and_says_so(
    tmp_path: Path,
) -> None:
    said: dict[CancelledStart, str] = {}

    async def work(start: CancelledStart) -> object:
        def hear(text: str, stream: OutputStream) -> None:
            said[start] = said.get(start, "") + text

        command = ShellCommand(start.command, start.folder, (start.folder,))
        return await CommandRun(hear, CommandServices()).run(command, 60.0)

    starts = _cancelled_starts(tmp_path, work)
    _assert_ended(starts)
    for start in starts:
        if start.helper_pid is not None:
            assert str(start.helper_pid) in said[start]


def test_a_long_running_command_cancelled_while_it_starts_ends_with_all_it_began(
    tmp_path: Path,
) -> None:
    async def work(start: CancelledStart) -> object:
        jobs = CommandJobs(lambda *_: None, CommandServices())
        command = ShellCommand(start.command, start.folder, (start.folder,))
        await jobs.start("s", command)
        try:
            await asyncio.Event().wait()
        finally:
            await jobs.end("s")
        return None

    _assert_ended(_cancelled_starts(tmp_path, work))


def test_a_hook_cancelled_while_it_starts_ends_with_all_it_began(tmp_path: Path) -> None:
    async def work(start: CancelledStart) -> object:
        return await CommandHook(["sh", "-c", start.command], cwd=start.folder)({})

    _assert_ended(_cancelled_starts(tmp_path, work))


async def test_a_program_that_cannot_be_started_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await start_process(
            str(tmp_path / "none"), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, cwd=tmp_path
        )
