"""The socket of an open session: where other processes of the same user talk to its owner.

It lies in the session's folder (0700) and is 0600. Who holds the session's lock owns the name:
what is there when a session is opened was left by a process that has died.
"""

import contextlib
import os
import socket
import stat
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOCKET_NAME = "lines.sock"
"""Name of the socket in the session's folder."""

_LONGEST_ADDRESS = 100
"""Bytes that every system has room for in the address of a socket: 104 with its end on macOS."""

_PRIVATE_FILE = 0o600
_CREDENTIALS = struct.Struct("3i")


def bind_session_socket(folder: Path) -> socket.socket:
    """Return the socket of the session in ``folder``, bound and not yet listening.

    Its lock must be held: a socket that is there already is taken away. Raises OSError.
    """
    path = folder / SOCKET_NAME
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError(f"{path} is there and is no socket")
        path.unlink()
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short_address(path) as address:
            bound.bind(address)
        path.chmod(_PRIVATE_FILE)  # nobody can connect before it listens
    except OSError:
        bound.close()
        raise
    return bound


def remove_session_socket(folder: Path) -> None:
    """Take the name of the socket away, if it is there; the lock must still be held."""
    with contextlib.suppress(OSError):  # the folder may be gone, and the name is worth nothing
        path = folder / SOCKET_NAME
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()


def connect_to_session(folder: Path, timeout_s: float) -> socket.socket:
    """Return a connection to the process that has the session in ``folder`` open.

    ``timeout_s`` holds for each step of the talk. Raises OSError when nobody listens there.
    """
    path = folder / SOCKET_NAME
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_s)
        with _short_address(path) as address:
            connection.connect(address)
        if not is_same_user(connection):
            raise PermissionError(f"{path} belongs to another user's process")
    except OSError:
        connection.close()
        raise
    return connection


def is_same_user(connection: socket.socket) -> bool:
    """Whether the process at the other end has this process's user.

    Where the system does not tell, the modes of folder and socket have decided already.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True
    told = connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(told)
    return bool(user == os.geteuid())


def is_confined(connection: socket.socket) -> bool:
    """Whether the process at the other end sees other processes than this one does.

    That is a command in the sandbox: it can open sockets below a home folder, and must not be
    able to speak for the person. Where the system does not tell who it is, nothing confines.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    own = Path("/proc/self/ns/pid")
    if option is None or not own.is_symlink():
        return False
    told = connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    pid, _, _ = _CREDENTIALS.unpack(told)
    try:
        return own.readlink() != Path(f"/proc/{pid}/ns/pid").readlink()
    except OSError:
        return True


@contextmanager
def _short_address(path: Path) -> Iterator[str]:
    """Yield a name of ``path`` that the address of a socket has room for.

    A long one is reached by way of a link to its folder that lies in a private folder for as
    long as it takes.
    """
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield str(path)
        return
    with tempfile.TemporaryDirectory(prefix="harn-") as short:
        link = Path(short) / "s"
        link.symlink_to(path.parent.absolute(), target_is_directory=True)
        yield str(link / path.name)
