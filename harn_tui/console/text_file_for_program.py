"""A text as a file for a program of the person's own, such as a pager or an editor."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from harn_tui.errors import HarnError

RunProgram: TypeAlias = Callable[[Sequence[str]], Awaitable[int]]
"""Runs a command line on the terminal to its end.

Returns its exit code, negative for a signal.
"""


@contextlib.asynccontextmanager
async def text_file(text: str, name: str, *, problem: str) -> AsyncIterator[Path]:
    """Give the file called ``name`` with ``text`` in it, gone when the block is left.

    It is in a folder of its own that only the person can enter. Raises HarnError with ``problem``
    and the reason when it cannot be written. Nothing stays behind whenever this is cancelled:
    while the file is being written the removing waits for that.
    """
    making = asyncio.create_task(asyncio.to_thread(_make_file, text, name, problem))
    try:
        await asyncio.wait({making})
        yield making.result()
    finally:
        await asyncio.shield(_remove(making))


def _make_file(text: str, name: str, problem: str) -> Path:
    folder: Path | None = None
    try:
        folder = Path(tempfile.mkdtemp(prefix="harn-tui-"))
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise HarnError(
            f"{problem}: {error.strerror or error}.",
            hint="Make room in the folder for temporary files.",
        ) from error
    return file


async def _remove(making: asyncio.Task[Path]) -> None:
    with contextlib.suppress(HarnError):  # told to who waits for the file; no folder is left
        file = await making
        await asyncio.to_thread(shutil.rmtree, file.parent, ignore_errors=True)
