"""The images that people attached to lines of a session, kept in its folder by their SHA-256."""

import re
from pathlib import Path
from typing import Final

from harn_tui.errors import AttachmentError
from harn_tui.tools.output_blobs import OutputBlobs

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class ImageStore:
    """The images in ``folder``, which is made when it is first needed. All of it blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blobs = OutputBlobs(folder)

    def keep(self, data: bytes) -> str:
        """Store ``data`` and return its name. Raises AttachmentError when it cannot be written."""
        try:
            return self._blobs.store(data).sha256
        except OSError as error:
            raise AttachmentError(
                f"The image cannot be kept in {self._folder}: {error.strerror or error}.",
                hint="Make room there, or send the line without it.",
            ) from error

    def has(self, name: str) -> bool:
        """Whether the image called ``name`` is there."""
        return _SHA256.fullmatch(name) is not None and (self._folder / name).is_file()

    def read(self, name: str) -> bytes | None:
        """Return the image called ``name``, ``None`` when it is not there or cannot be read."""
        if _SHA256.fullmatch(name) is None:
            return None
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            return None
