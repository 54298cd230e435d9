"""The lock that makes a session have one writer.

It is the kernel's (flock), on a file that is never removed: it ends with the process, however
that ends. What the file says of its owner is for people to read and decides nothing.
"""

import contextlib
import errno
import fcntl
import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from harn_tui.errors import SessionLockedError, StoreError

_LONGEST_NOTE = 4_096


@dataclass(frozen=True, slots=True)
class LockOwner:
    """Who holds a lock, by its own account; ``started_at_ms`` is Unix-epoch milliseconds."""

    pid: int
    host: str
    started_at_ms: int


class SessionLock:
    """A lock that is held from construction until ``release``; a context manager.

    Raises SessionLockedError when somebody else holds it (in this process, too), StoreError
    when the file cannot be opened or locked at all.
    """

    def __init__(self, path: Path) -> None:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _cannot_lock(path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _check_still_there(path, descriptor)
            _write_owner(descriptor)
        except BlockingIOError as error:
            os.close(descriptor)
            raise _locked(path) from error
        except OSError as error:
            os.close(descriptor)
            raise _cannot_lock(path, error) from error
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Give the lock up; a second call does nothing."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        with contextlib.suppress(OSError):  # the note is for people; the lock ends regardless
            os.ftruncate(descriptor, 0)
        os.close(descriptor)

    def __enter__(self) -> "SessionLock":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def read_lock_owner(path: Path) -> LockOwner | None:
    """Return who the lock file names, ``None`` when it names nobody. Never raises."""
    try:
        with path.open("rb") as file:
            note = json.loads(file.read(_LONGEST_NOTE))
        return LockOwner(int(note["pid"]), str(note["host"]), int(note["started_at_ms"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None


def live_owner(path: Path) -> LockOwner | None:
    """Return the owner that the file names if a process of that pid runs here and holds the lock.

    A number alone would not do: another program may have got it, and one that was killed keeps it
    until its parent has looked. Whether a session can be opened is found out by taking the lock.
    """
    owner = read_lock_owner(path)
    if owner is None or owner.host != socket.gethostname() or owner.pid <= 0:
        return None
    try:
        os.kill(owner.pid, 0)
    except PermissionError:
        pass
    except (OSError, OverflowError):
        return None
    return owner if _is_held(path) else None


def _is_held(path: Path) -> bool:
    """Whether somebody holds the lock. It is left alone when they do."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return True  # the note could be read a moment ago: let the lock itself decide
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _check_still_there(path: Path, descriptor: int) -> None:
    """Raise FileNotFoundError when the session was moved away before its lock was taken."""
    if path.stat().st_ino != os.fstat(descriptor).st_ino:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def _write_owner(descriptor: int) -> None:
    note = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "started_at_ms": time.time_ns() // 1_000_000,
    }
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(note).encode(), 0)


def _locked(path: Path) -> SessionLockedError:
    owner = read_lock_owner(path)
    name = path.parent.name
    who = f"process {owner.pid} on {owner.host}" if owner else "another process"
    return SessionLockedError(
        f"The session in {path.parent} is open in {who}.",
        session_id=name,
        owner_pid=owner.pid if owner else None,
        hint=f"Close it there first; or follow it, read only, with `harn-tui replay {name}`, say"
        f" something to it with `harn-tui feedback {name} TEXT`, or start another one from it with"
        f" `harn-tui sessions fork {name}`.",
    )


def _cannot_lock(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The session lock {path} cannot be taken: {error.strerror}.",
        hint="Check that you may write there and that the file system supports locks.",
    )
