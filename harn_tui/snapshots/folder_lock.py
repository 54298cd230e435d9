"""The lock that lets one process at a time work on the snapshots of a folder."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harn_tui.errors import SnapshotError

_PAUSE_S = 0.02


@contextmanager
def folder_lock(path: Path, *, patience_s: float) -> Iterator[None]:
    """Hold the kernel's lock on ``path``, which is made; wait for it ``patience_s`` at most.

    It keeps out other threads, too. Blocks. Raises SnapshotError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _cannot_lock(path, error) from error
    try:
        _take(path, descriptor, time.monotonic() + patience_s)
        yield
    finally:
        os.close(descriptor)


def _take(path: Path, descriptor: int, end_s: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
                raise _cannot_lock(path, error) from error
        else:
            return
        if time.monotonic() > end_s:
            raise SnapshotError(
                f"Another process works on the snapshots in {path.parent} for too long.",
                hint="Try again in a moment.",
            )
        time.sleep(_PAUSE_S)


def _cannot_lock(path: Path, error: OSError) -> SnapshotError:
    return SnapshotError(
        f"The snapshots in {path.parent} cannot be used: {error.strerror}.",
        hint="Check the disk and the rights of the data folder.",
    )
