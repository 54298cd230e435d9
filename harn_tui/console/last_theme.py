"""The theme that was last in force, so that the first frame has it before anything is configured.

A convenience: a file that cannot be read or written costs a change of colours after the first
frame, and nothing else.
"""

import contextlib
import logging
from pathlib import Path

from harn_tui.console.themes import is_theme_name

log = logging.getLogger(__name__)

_LONGEST_NAME = 64


class LastTheme:
    """One name in one small file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str | None:
        """Return the name, ``None`` when there is none that can be used."""
        try:
            with self._path.open("rb") as file:
                name = file.read(_LONGEST_NAME).decode("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if is_theme_name(name) else None

    def write(self, name: str) -> None:
        """Keep ``name``. Writes the disk."""
        if name == self.read():
            return
        draft = self._path.with_name(f".{self._path.name}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_text(f"{name}\n", encoding="ascii")
            draft.replace(self._path)
        except OSError as error:
            log.warning("last theme not kept: %s", error.strerror)
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
