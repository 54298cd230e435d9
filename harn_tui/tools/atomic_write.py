"""Replaces a file as a whole: readers see the old content or the new, never a half."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.file_access import file_error

_NEW_FILE_MODE = 0o666  # the operating system takes the umask off


def replace_file(path: Path, data: bytes, shown: str, *, unchanged: os.stat_result | None) -> None:
    """Write ``data`` to the resolved ``path`` by way of a new file in the same folder.

    Mode and, where allowed, owner of an existing file are kept. ``unchanged`` is what the file
    looked like when it was read; ``None`` means that there must be no file yet. Raises ToolError
    when it changed since, when it is read-only, and for every failure of the disk.
    """
    before = _stat(path)
    _refuse_unless_writable(path, before, shown)
    _refuse_changed(before, unchanged, shown)
    temporary = path.parent / f".harn-{secrets.token_hex(8)}.tmp"
    try:
        _write_new(temporary, data, before)
        temporary.replace(path)
    except OSError as error:
        raise file_error(error, path, shown) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def remove_file(path: Path, shown: str, *, unchanged: os.stat_result) -> None:
    """Delete the file at the resolved ``path``, under the conditions of ``replace_file``."""
    before = _stat(path)
    _refuse_unless_writable(path, before, shown)
    _refuse_changed(before, unchanged, shown)
    try:
        path.unlink()
    except OSError as error:
        raise file_error(error, path, shown) from error


def _refuse_changed(
    before: os.stat_result | None, unchanged: os.stat_result | None, shown: str
) -> None:
    if _fingerprint(before) != _fingerprint(unchanged):
        raise ToolError(
            f"{shown} was changed by somebody else at the same moment; nothing was written.",
            hint="Read it again, then repeat the change.",
        )


def _write_new(path: Path, data: bytes, like: os.stat_result | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, _NEW_FILE_MODE if like is None else 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        if like is not None:
            with contextlib.suppress(PermissionError):
                os.fchown(descriptor, like.st_uid, like.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
        os.fsync(descriptor)


def _refuse_unless_writable(path: Path, before: os.stat_result | None, shown: str) -> None:
    if before is None:
        return
    if stat.S_ISDIR(before.st_mode):
        raise ToolError(f"{shown} is a folder; give the path of a file.")
    if not stat.S_ISREG(before.st_mode):
        raise ToolError(f"{shown} is not a regular file; it is left as it is.")
    if not os.access(path, os.W_OK):
        raise ToolError(
            f"{shown} is read-only.",
            category=ToolErrorCategory.PERMISSION_DENIED,
            hint="Ask the person whether it may be changed.",
        )


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None


def _fingerprint(stat_result: os.stat_result | None) -> tuple[int, ...] | None:
    if stat_result is None:
        return None
    return (stat_result.st_ino, stat_result.st_size, stat_result.st_mtime_ns)
