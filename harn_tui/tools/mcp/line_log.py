"""Writes the output of another program into our log, line by line and up to a limit."""

from collections.abc import Callable

_LONGEST_LINE_BYTES = 2000


class LineLog:
    """Takes bytes in any pieces; what comes after ``most_bytes`` is left out, with a remark."""

    def __init__(self, write: Callable[[str], None], most_bytes: int = 64 * 1024) -> None:
        self._write = write
        self._left = most_bytes
        self._line = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        if self._left <= 0:
            return
        *ended, rest = data[: self._left].split(b"\n")
        self._left -= len(data)
        for piece in ended:
            self._keep(piece)
            self.flush()
        self._keep(rest)
        if self._left <= 0:
            self.flush()
            self._write("[what it prints from here on is not logged]")

    def flush(self) -> None:
        """Write what is left of a line without a line end."""
        text = self._line.decode("utf-8", "replace").rstrip()
        self._line.clear()
        if text:
            self._write(text)

    def _keep(self, piece: bytes) -> None:
        self._line += piece[: max(0, _LONGEST_LINE_BYTES - len(self._line))]
