"""Remembers the folders whose own configuration the person trusts.

The file holds one resolved path a line, in the bytes of the file system.
"""

import os
from pathlib import Path

from harn_tui.config.key_paths import quoted
from harn_tui.config.replacing import replace_file
from harn_tui.errors import ConfigError

TRUST_HINT = "To trust it, read the file and run `harn-tui config trust` in this folder."
"""The next step for somebody who meets an untrusted folder."""


def is_trusted(folder: Path, trust_file: Path) -> bool:
    """Whether exactly this folder, links resolved, was trusted; folders inside it are not.

    A missing ``trust_file`` means no. Raises ConfigError when it cannot be read.
    """
    return os.fsencode(folder.resolve()) in _trusted_folders(trust_file)


def trust(folder: Path, trust_file: Path) -> None:
    """Add ``folder`` to ``trust_file``, which is replaced as a whole and private (0600).

    Raises ConfigError when the folder's name cannot be kept on one line or the file cannot be
    read or written.
    """
    name = os.fsencode(folder.resolve())
    if b"\n" in name or b"\r" in name:
        raise ConfigError(
            f"The folder {quoted(str(folder))} has a line break in its path and cannot be trusted.",
            hint="Rename it.",
        )
    known = _trusted_folders(trust_file)
    if name in known:
        return
    try:
        trust_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(trust_file, b"".join(line + b"\n" for line in [*known, name]))
    except OSError as error:
        raise ConfigError(
            f"The list of trusted folders {quoted(str(trust_file))} cannot be written: "
            f"{error.strerror}.",
            hint="Set HARN_TUI_HOME to a folder that you may write to.",
        ) from error


def _trusted_folders(trust_file: Path) -> list[bytes]:
    try:
        return [line for line in trust_file.read_bytes().split(b"\n") if line]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise ConfigError(
            f"The list of trusted folders {quoted(str(trust_file))} cannot be read: "
            f"{error.strerror}.",
            hint="Check its permissions.",
        ) from error
