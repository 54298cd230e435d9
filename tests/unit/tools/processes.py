"""What tests need to know of processes."""

import asyncio
import os
from pathlib import Path

from harn_tui.tools.process_table import running_processes


def is_running(pid: int) -> bool:
    """Whether a process runs; one that ended but was not reaped does not."""
    return any(row.pid == pid for row in running_processes())


def child_processes() -> set[int]:
    """Return the ids of the processes that this one has started and that run now."""
    return {row.pid for row in running_processes() if row.parent_pid == os.getpid()}


def pids_called(argument: str) -> list[int]:
    """Return the running processes that have ``argument`` in their command lines."""
    rows = running_processes()
    return [row.pid for row in rows if argument in _command_line(row.pid)]


def _command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


async def wait_for_file(path: Path) -> str:
    """Return the text of a file as soon as it exists (the test's time limit bounds the wait)."""
    while (text := _text_of(path)) is None:
        await asyncio.sleep(0.01)
    return text


def _text_of(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def open_descriptors() -> int:
    """Return how many file descriptors this process has open."""
    return len(list(Path("/dev/fd").iterdir()))
