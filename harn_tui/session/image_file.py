"""Reads an image that a person names, and makes sure that it is one."""

import os
import stat
from pathlib import Path
from typing import Final

from harn_tui.errors import AttachmentError, ToolError
from harn_tui.tools.base import ToolContext
from harn_tui.tools.file_access import open_regular_file
from harn_tui.tools.workspace import resolve_path

MAX_IMAGE_BYTES: Final = 5 * 1024 * 1024
"""The largest image that every server takes."""

_WEBP_AT: Final = 8
_LONGEST_BEGINNING: Final = 16
_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def read_image(path: Path, shown: str) -> tuple[str, bytes]:
    """Return the media type and the bytes of the image at ``path``. Blocks.

    What it is, its first bytes tell; its name may say otherwise. Raises AttachmentError, which
    calls the file ``shown``, for what is no such image or cannot be read.
    """
    try:
        data = _read_bounded(path, shown)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "no usable path"
        raise AttachmentError(
            f"The image {shown} cannot be read: {reason}.", hint="Check the path."
        ) from error
    media_type = media_type_of(data)
    if media_type is None:
        raise AttachmentError(
            f"{shown} is no image that can be sent." if data else f"{shown} is empty.",
            hint="PNG, JPEG, GIF and WebP can.",
        )
    return media_type, data


def find_image(context: ToolContext, path: str) -> Path | None:
    """Return the file at ``path`` of the workspace when its first bytes are an image's. Blocks."""
    try:
        file = resolve_path(context, path)
        with open_regular_file(file, path) as opened:
            return file if media_type_of(opened.read(_LONGEST_BEGINNING)) else None
    except (ToolError, OSError, ValueError):
        return None


def media_type_of(data: bytes) -> str | None:
    """Return the media type that the first bytes of ``data`` tell, ``None`` for all others."""
    if data.startswith(b"RIFF") and data[_WEBP_AT:].startswith(b"WEBP"):
        return "image/webp"
    return next((kind for start, kind in _BEGINNINGS if data.startswith(start)), None)


def _read_bounded(path: Path, shown: str) -> bytes:
    # A pipe without a writer would hold the thread for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise AttachmentError(f"{shown} is no file.", hint="Name a PNG, JPEG, GIF or WebP.")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_IMAGE_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(data) > MAX_IMAGE_BYTES:
        raise AttachmentError(
            f"The image {shown} has more than {MAX_IMAGE_BYTES // 1024 // 1024} MB.",
            hint="Make it smaller first.",
        )
    return data
