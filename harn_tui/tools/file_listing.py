"""Lists the files below a folder as ``search_files`` sees them, in a process of its own."""

import asyncio
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.tools import search_worker
from harn_tui.tools.search_files import IGNORE_FLAGS
from harn_tui.tools.search_process import run_program

MAX_FILES = 50_000
TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class FileListing:
    """Paths from the folder, with slashes, in order; without those that no line could show.

    ``is_complete`` is false when there were more files, or when the time was up.
    """

    paths: tuple[str, ...]
    is_complete: bool


class _Paths:
    """Counts paths as they come; they are taken apart later, in a thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self.data = bytearray()
        self.has_more = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self.data += data
        self._count += data.count(b"\x00")
        self.has_more = self._count > self._most

    def parsed(self) -> tuple[str, ...]:
        """Return the whole paths among the first ``most``."""
        whole = bytes(self.data).split(b"\x00")[:-1][: self._most]
        paths = (os.fsdecode(path).removeprefix("./") for path in whole)
        return tuple(path for path in paths if path.isprintable())


async def list_files(
    folder: Path, max_files: int = MAX_FILES, timeout_s: float = TIMEOUT_S
) -> FileListing:
    """Return the files below ``folder`` that are neither hidden nor named by a .gitignore.

    Raises ToolError when they cannot be listed.
    """
    taker = _Paths(max_files)
    end = await run_program(_command(), folder, taker, timeout_s)
    if end.exit_code not in {None, 0, 1} and not taker.data:
        raise ToolError(f"The files could not be listed: {end.error or end.exit_code}.")
    paths = await asyncio.to_thread(taker.parsed)
    return FileListing(paths, is_complete=not (taker.has_more or end.timed_out))


def _command() -> list[str]:
    ripgrep = shutil.which("rg")
    if ripgrep is not None:
        return [ripgrep, "--files", "--null", "--sort=path", *IGNORE_FLAGS]
    return [sys.executable, "-I", search_worker.__file__, json.dumps({"list": "."})]
