"""Reads and writes single files of a working folder without ever following a link.

Every folder on the way is opened from the one above it, so that nobody can put a link in its
place meanwhile. Paths are bytes relative to the folder.
"""

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harn_tui.errors import SnapshotError
from harn_tui.snapshots.tree_changes import LINK_MODE, PROGRAM_MODE, FileState

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class InTheWayError(SnapshotError):
    """A file is kept because of what stands in the way; the message says what."""


class WorkspaceFiles:
    """The files below ``root``. Every method raises OSError, and InTheWayError where it says so."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def is_at(self, path: bytes, state: FileState | None) -> bool:
        """Whether the file is there just as ``state`` says, ``None`` for not at all."""
        try:
            with self._folder_of(path) as (folder, name):
                return _is_at(folder, name, state)
        except FileNotFoundError:
            return state is None

    def remove(self, path: bytes) -> None:
        """Remove a file or link; its folder stays. Raises InTheWayError."""
        with self._folder_of(path) as (folder, name):
            os.unlink(name, dir_fd=folder)

    def write(self, path: bytes, state: FileState, content: bytes) -> None:
        """Put a file or link there, at once and whole, and its folders. Raises InTheWayError."""
        with self._folder_of(path, makes=True) as (folder, name):
            found = _lstat(folder, name)
            if found is not None and stat.S_ISDIR(found.st_mode):
                raise InTheWayError("a folder with other files is in its place")
            draft = f".{secrets.token_hex(8)}.harn-tui".encode()
            try:
                if state.mode == LINK_MODE:
                    os.symlink(content, draft, dir_fd=folder)
                else:
                    _write_file(folder, draft, content, state.mode == PROGRAM_MODE, found)
                os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(draft, dir_fd=folder)
                raise

    def remove_empty_folders(self, path: bytes, *, up_to: bytes = b"") -> None:
        """Remove the folders above ``path`` that are empty, those above ``up_to`` not."""
        folder = path.rpartition(b"/")[0]
        while folder and len(folder) >= len(up_to):
            gone_or_not_ours = contextlib.suppress(InTheWayError, FileNotFoundError)
            with gone_or_not_ours, self._folder_of(folder) as (above, name):
                try:
                    os.rmdir(name, dir_fd=above)
                except FileNotFoundError:
                    pass  # went with another file of it; those above may be empty now
                except OSError:
                    return  # something is left in it
            folder = folder.rpartition(b"/")[0]

    @contextmanager
    def _folder_of(self, path: bytes, *, makes: bool = False) -> Iterator[tuple[int, bytes]]:
        """Open the folder of ``path``; give it with the last part of the name."""
        *above, name = path.split(b"/")
        folder = os.open(self._root, _FOLDER_FLAGS)
        try:
            for part in above:
                below = _open_folder(folder, part, makes=makes)
                os.close(folder)
                folder = below
                if _lstat(folder, b".git") is not None:
                    raise InTheWayError("it is in a repository of its own")
            yield folder, name
        finally:
            os.close(folder)


def _open_folder(above: int, name: bytes, *, makes: bool) -> int:
    found = _lstat(above, name)
    if found is None and makes:
        os.mkdir(name, dir_fd=above)
    elif found is not None and not stat.S_ISDIR(found.st_mode):
        raise InTheWayError("a link or a file is in the place of its folder")
    return os.open(name, _FOLDER_FLAGS, dir_fd=above)


def _write_file(
    folder: int,
    name: bytes,
    content: bytes,
    is_program: bool,
    before: os.stat_result | None,
) -> None:
    descriptor = os.open(name, _NEW_FLAGS, 0o777 if is_program else 0o666, dir_fd=folder)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if before is not None and stat.S_ISREG(before.st_mode):
            mode = stat.S_IMODE(before.st_mode) & ~0o111
            os.fchmod(descriptor, mode | (mode & 0o444) >> 2 if is_program else mode)
        file.flush()


def _is_at(folder: int, name: bytes, state: FileState | None) -> bool:
    found = _lstat(folder, name)
    if state is None or found is None:
        return state is None and found is None
    if stat.S_ISLNK(found.st_mode):
        is_link = state.mode == LINK_MODE
        return is_link and _blob_id(os.readlink(name, dir_fd=folder)) == state.blob
    if not stat.S_ISREG(found.st_mode) or state.mode == LINK_MODE:
        return False
    with os.fdopen(os.open(name, _READ_FLAGS, dir_fd=folder), "rb") as file:
        return _blob_id(file.read()) == state.blob


def _blob_id(content: bytes) -> str:
    """Return git's name for ``content``."""
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def _lstat(folder: int, name: bytes) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
