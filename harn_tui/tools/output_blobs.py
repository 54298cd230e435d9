"""Outputs that are too long for the model, kept in files named by what is in them."""

import contextlib
import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory

MAX_BLOB_BYTES = 256 * 1024 * 1024
MAX_FOLDER_BYTES = 2 * 1024 * 1024 * 1024
HANDLE_CHARACTERS = 16
_HANDLE = re.compile(r"[0-9a-f]{8,64}")
_PRIVATE_FOLDER = 0o700
_NEW_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob: the SHA-256 of what is kept, and how many bytes that are."""

    sha256: str
    kept_bytes: int

    @property
    def handle(self) -> str:
        """The short name that a model is given for it."""
        return self.sha256[:HANDLE_CHARACTERS]


class BlobWriter:
    """Writes one blob, piece by piece; what goes beyond ``room`` bytes is left out.

    End it with ``finish`` or ``discard``. Blocks; raises OSError.
    """

    def __init__(self, folder: Path, room: int) -> None:
        self._folder = folder
        self._room = room
        self._kept_bytes = 0
        self._digest = hashlib.sha256()
        self._path = folder / f".part-{secrets.token_hex(8)}"
        self._file: BinaryIO = os.fdopen(os.open(self._path, _NEW_FILE_FLAGS, 0o600), "wb")

    def write(self, data: bytes) -> None:
        """Add ``data`` at the end."""
        kept = data[: self._room - self._kept_bytes]
        self._file.write(kept)
        self._digest.update(kept)
        self._kept_bytes += len(kept)

    def finish(self) -> StoredBlob:
        """Give the blob its name and return it."""
        try:
            self._file.close()
            stored = StoredBlob(self._digest.hexdigest(), self._kept_bytes)
            self._path.replace(self._folder / stored.sha256)
        except OSError:
            self.discard()
            raise
        return stored

    def discard(self) -> None:
        """Leave nothing behind; does nothing after ``finish``."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink()


class OutputBlobs:
    """The blobs in one folder, which is made when it is first needed.

    A blob keeps at most ``max_blob_bytes``, and all together at most ``max_folder_bytes``: a
    command that prints without end must not fill the disk.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_blob_bytes: int = MAX_BLOB_BYTES,
        max_folder_bytes: int = MAX_FOLDER_BYTES,
    ) -> None:
        self._folder = folder
        self._max_blob_bytes = max_blob_bytes
        self._max_folder_bytes = max_folder_bytes

    def open_writer(self) -> BlobWriter:
        """Begin a new blob. Blocks; raises OSError when the disk says no, or the folder is full."""
        self._folder.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
        used = sum(map(_size, os.scandir(self._folder)))
        room = self._max_folder_bytes - used
        if room <= 0:
            raise OSError(f"the outputs that are kept already take {used:,} bytes")
        return BlobWriter(self._folder, min(self._max_blob_bytes, room))

    def store(self, data: bytes) -> StoredBlob:
        """Keep ``data``. Blocks; raises OSError."""
        writer = self.open_writer()
        try:
            writer.write(data)
        except OSError:
            writer.discard()
            raise
        return writer.finish()

    def find(self, handle: str) -> Path:
        """Return the file of the one blob whose SHA-256 starts with ``handle``. Blocks.

        Raises ToolError when there is none, or when more than one does.
        """
        if not _HANDLE.fullmatch(handle):
            raise ToolError(
                "parameter `handle` must be the handle that a result named: 8 to 64 of 0-9, a-f.",
                category=ToolErrorCategory.SCHEMA_VALIDATION,
            )
        found = list(self._folder.glob(f"{handle}*")) if self._folder.is_dir() else []
        if len(found) == 1:
            return found[0]
        what = "More than one kept output has" if found else "There is no kept output with"
        raise ToolError(
            f"{what} the handle {handle}.",
            hint="Copy the handle from the result that named it.",
        )


def _size(entry: os.DirEntry[str]) -> int:
    """Return the bytes of a file, 0 for one that another command has just renamed or dropped."""
    try:
        return entry.stat().st_size
    except FileNotFoundError:
        return 0
