"""Cuts a stream of bytes into lines without ever holding more than one message's worth."""

from collections.abc import Iterator
from dataclasses import dataclass

MOST_MESSAGE_BYTES = 16 * 1024 * 1024
_KEPT_END_BYTES = 256


@dataclass(frozen=True, slots=True)
class OverlongLine:
    """A line that was too long to keep: its first and last bytes."""

    head: bytes
    tail: bytes


class MessageLines:
    """Takes bytes in any pieces and gives whole lines, without their line ends."""

    def __init__(self, most_bytes: int = MOST_MESSAGE_BYTES) -> None:
        self._most_bytes = most_bytes
        self._pieces: list[bytes] = []
        self._size = 0
        self._head = b""
        self._tail = b""

    def feed(self, data: bytes) -> Iterator[bytes | OverlongLine]:
        """Take ``data`` and yield each line that it ends; read all of it before feeding again."""
        *ended, rest = data.split(b"\n")
        for piece in ended:
            self._keep(piece)
            yield self._take()
        self._keep(rest)

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= self._most_bytes:
            if piece:
                self._pieces.append(piece)
            return
        if self._pieces or not self._head:
            whole = b"".join((*self._pieces, piece))
            self._head, piece = whole[:_KEPT_END_BYTES], whole
            self._pieces.clear()
        self._tail = (self._tail + piece)[-_KEPT_END_BYTES:]

    def _take(self) -> bytes | OverlongLine:
        is_overlong = self._size > self._most_bytes
        line: bytes | OverlongLine = (
            OverlongLine(self._head, self._tail)
            if is_overlong
            else b"".join(self._pieces).removesuffix(b"\r")
        )
        self._pieces.clear()
        self._size, self._head, self._tail = 0, b"", b""
        return line
