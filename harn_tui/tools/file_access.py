"""Opening files safely, and what to tell a model when the disk says no."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.readable import readable_name

BINARY_SNIFF_BYTES = 8192
_READ_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_SUGGESTIONS = 3


@contextmanager
def open_regular_file(path: Path, shown: str) -> Iterator[BinaryIO]:
    """Open the regular file at a resolved ``path`` for reading bytes.

    A link put there after it was resolved is not followed, and a pipe or device is refused
    instead of being waited for. ``shown`` is the path as errors name it.
    """
    try:
        descriptor = os.open(path, _READ_FLAGS)
    except OSError as error:
        raise file_error(error, path, shown) from error
    try:
        _require_regular(os.fstat(descriptor).st_mode, shown)
        file = os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
    with file:
        yield file


def _require_regular(mode: int, shown: str) -> None:
    if stat.S_ISDIR(mode):
        raise ToolError(f"{shown} is a folder, not a file.", hint="Use list_directory.")
    if not stat.S_ISREG(mode):
        raise ToolError(f"{shown} is not a regular file (it is a pipe, socket or device).")


def is_folder(path: Path) -> bool:
    """Whether ``path`` is a folder; false also when that cannot be found out."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False


def refuse_binary(start: bytes, size: int, shown: str) -> None:
    """Raise ToolError when ``start``, the first bytes of a file of ``size`` bytes, holds a NUL."""
    if b"\x00" in start[:BINARY_SNIFF_BYTES]:
        raise ToolError(
            f"{shown} is a binary file of {size:,} bytes; it cannot be handled as text.",
            hint="Use run_command with a program that knows the format, such as `file` or `xxd`.",
        )


def file_error(error: OSError, path: Path, shown: str) -> ToolError:
    """Return the ToolError that tells a model what to do about ``error`` on ``path``."""
    if isinstance(error, FileNotFoundError):
        return ToolError(f"{shown} does not exist.", hint=_nearby_names(path))
    if isinstance(error, PermissionError):
        return ToolError(
            f"The operating system denies access to {shown}.",
            category=ToolErrorCategory.PERMISSION_DENIED,
            hint="Use another file, or ask the person to change its permissions.",
        )
    if isinstance(error, NotADirectoryError | FileExistsError):
        return ToolError(f"{shown} cannot exist: a part of its path is a file, not a folder.")
    if isinstance(error, IsADirectoryError):
        return ToolError(f"{shown} is a folder, not a file.", hint="Use list_directory.")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return ToolError(f"There is no space left for {shown}.", hint="Tell the person.")
    reason = error.strerror or type(error).__name__
    return ToolError(f"{shown}: {reason}.")


def _nearby_names(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"Its folder {readable_name(path.parent.name)} does not exist either."
    close = get_close_matches(path.name, names, n=_SUGGESTIONS)
    if close:
        return "In that folder are: " + ", ".join(readable_name(name) for name in close) + "."
    return "Use list_directory or search_files to find the right path."
