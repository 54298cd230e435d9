"""Starts a program in such a way that a cancellation cannot lose what it has begun."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path
from typing import IO


async def start_process(
    *command: str,
    stdin: int | IO[bytes],
    stdout: int,
    stderr: int,
    cwd: Path,
    env: Mapping[str, str] | None = None,
) -> Process:
    """Return the program as it runs, the leader of a process session of its own.

    ``env`` ``None`` stands for the variables of this program.

    A cancellation that comes meanwhile strikes at the caller's next await instead, where the
    caller must be ready to end the program with all that it started by then. Raises OSError or
    ValueError when it cannot be started.
    """
    starting = asyncio.create_task(
        asyncio.create_subprocess_exec(
            *command,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
    )
    cancellation: asyncio.CancelledError | None = None
    while not starting.done():
        try:
            await asyncio.wait({starting})
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is not None:
        _put_off(cancellation)
    return starting.result()


def _put_off(cancellation: asyncio.CancelledError) -> None:
    """Let the cancellation come again, counted once as before."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
        task.cancel(*cancellation.args)
