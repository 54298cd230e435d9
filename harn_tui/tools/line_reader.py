"""Reads the lines of a file in pieces: neither a long line nor a huge file fills the memory."""

from dataclasses import dataclass
from typing import BinaryIO

_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its line end. ``size`` is its length in bytes, ``start`` what was kept."""

    start: bytes
    size: int


class LineReader:
    """Walks forward through the lines of an open file, keeping at most ``keep_bytes`` of each.

    ``bytes_read`` counts what was taken from the file so far.
    """

    def __init__(self, file: BinaryIO, keep_bytes: int) -> None:
        self._file = file
        self._keep_bytes = keep_bytes
        self._chunk = b""
        self._position = 0
        self.bytes_read = 0

    def next_line(self) -> Line | None:
        """Return the next line, or ``None`` at the end of the file."""
        kept = bytearray()
        size = 0
        while self._position < len(self._chunk) or self._fill():
            end = self._chunk.find(b"\n", self._position)
            stop = len(self._chunk) if end < 0 else end
            room = max(0, self._keep_bytes - len(kept))
            kept += self._chunk[self._position : min(stop, self._position + room)]
            size += stop - self._position
            self._position = stop if end < 0 else end + 1
            if end >= 0:
                return Line(bytes(kept), size)
        return Line(bytes(kept), size) if size else None

    def skip_lines(self, count: int, byte_limit: int) -> int:
        """Skip up to ``count`` lines, reading at most about ``byte_limit`` bytes; return how many.

        A last line without a line end counts as one.
        """
        skipped = 0
        open_line = False
        while skipped < count:
            if self._position >= len(self._chunk) and (
                self.bytes_read >= byte_limit or not self._fill()
            ):
                break
            ends = self._chunk.count(b"\n", self._position)
            if skipped + ends <= count - 1:
                skipped += ends
                open_line = not self._chunk.endswith(b"\n")
                self._position = len(self._chunk)
                continue
            for _ in range(count - skipped):
                self._position = self._chunk.index(b"\n", self._position) + 1
            return count
        return skipped + (open_line and skipped < count)

    def _fill(self) -> bool:
        self._chunk = self._file.read(_CHUNK_BYTES)
        self._position = 0
        self.bytes_read += len(self._chunk)
        return bool(self._chunk)
