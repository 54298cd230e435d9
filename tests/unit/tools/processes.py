"""What tests need to know of processes."""

import asyncio
from pathlib import Path

from harn_tui.tools.process_table import running_processes


def is_running(pid: int) -> bool:
    """Whether a process runs; one that ended but was not reaped does not."""
    return any(row.pid == pid for row in running_processes())


async def wait_for_file(path: Path) -> str:
    """Return the text of a file as soon as it exists (the test's time limit bounds the wait)."""
    while not path.exists():
        await asyncio.sleep(0.01)  # noqa: ASYNC110 - a file of another process has no event
    return path.read_text()
