"""One open file that only ever grows by whole lines."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from harn_tui.sinks.tail_repair import repair_tail

_OPEN_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
_PRIVATE_FILE = 0o600


class AppendFile:
    """Appends lines to the file at ``path``, which is made (mode 0600) when there is none.

    A line that a crash cut off is repaired on opening. ``size`` is what this object knows of
    the file's length in bytes. Not thread-safe. Raises OSError.
    """

    def __init__(self, path: Path, *, system_write: Callable[[int, bytes], int] = os.write) -> None:
        self.path = path
        self.is_new = not path.exists()
        self._system_write = system_write
        self._torn: tuple[int, int] | None = None  # start and end of half a line still there
        self.descriptor = os.open(path, _OPEN_FLAGS, _PRIVATE_FILE)
        try:
            repair_tail(self.descriptor)
            self.size = os.fstat(self.descriptor).st_size
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; it is not flushed to disk."""
        os.close(self.descriptor)

    def write_line(self, line: bytes) -> None:
        """Append ``line``, which ends with its line end.

        A write that the system does in parts is completed. When it fails half-way the part is
        cut off again, so that an OSError means that the line is not in the file.
        """
        data = line if self._torn is None else self._undo_torn_line() + line
        written = 0
        try:
            while written < len(data):
                written += self._system_write(self.descriptor, data[written:])
        except OSError:
            if written:
                end = os.lseek(self.descriptor, 0, os.SEEK_CUR)
                self._torn = (end - written, end)
                with contextlib.suppress(OSError):  # tried again before the next write
                    self._undo_torn_line()
            raise
        self.size += len(data)

    def _undo_torn_line(self) -> bytes:
        """Cut off half a line; return what must stand before the next one.

        When somebody else has appended since, nothing may be cut: a line end then keeps the
        torn piece apart, and readers show it as one unreadable line.
        """
        if self._torn is None:
            return b""
        start, end = self._torn
        if os.fstat(self.descriptor).st_size != end:
            self._torn = None
            return b"\n"
        os.ftruncate(self.descriptor, start)
        self._torn = None
        return b""
