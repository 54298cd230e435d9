"""Reads a small text file that must lie within a folder, whatever links lead to it."""

import os
import stat
from pathlib import Path

from harn_tui.errors import ConfigError


def read_bounded_text(path: Path, *, within: Path, most_bytes: int) -> str:
    """Return the text of the regular file ``path``; bytes that are no UTF-8 are replaced.

    ``within`` is a resolved folder: a file that really lies elsewhere, through a link or ``..``,
    is refused. Raises FileNotFoundError when there is no such file, and ConfigError when there
    is one that cannot be used.
    """
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(within):
            raise ConfigError(f"{path} leads out of {within}.", hint="Copy the file instead.")
        data = _read(real, most_bytes)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(str(path)) from error
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a usable path"
        raise ConfigError(f"{path} cannot be read: {reason}.", hint="Check it.") from error
    if len(data) > most_bytes:
        raise ConfigError(
            f"{path} is larger than {most_bytes // 1024} KiB.", hint="Move details to other files."
        )
    return data.decode("utf-8", errors="replace").removeprefix("\ufeff")


def _read(path: Path, most_bytes: int) -> bytes:
    """Return up to one byte more than allowed; opening a pipe does not wait for its other end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConfigError(f"{path} is not a regular file.", hint="Replace it by a text file.")
        return file.read(most_bytes + 1)
