"""Replaces a file of configuration as a whole: a reader sees the old one or the new one."""

import contextlib
import os
import secrets
from pathlib import Path

_PRIVATE = 0o600


def replace_file(path: Path, data: bytes, mode: int = _PRIVATE) -> None:
    """Write ``data`` to ``path`` for good, with access ``mode``. Raises OSError."""
    temporary = path.parent / f".{path.name}-{secrets.token_hex(8)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
